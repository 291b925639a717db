"""Parts of the stack: their names, ports, stop signals and readiness."""

from __future__ import annotations

import os
import socket
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from position_manager.stack.context import LOCALHOST, Context
from position_manager.stack.launch import Spec, record_path
from position_manager.stack.processes import Record

WORKERS = ("rate-limit-sync", "ingest", "relay", "stream")
# In the order of their start.
NAMES = (
    "postgres",
    "epmd",
    "rabbitmq",
    "postgrest",
    "postgrest-queries",
    "postgrest-health",
    "nginx",
    *WORKERS,
)

# The signal that ends a part cleanly, and the seconds it may take before it is killed.
STOPS = {
    "postgres": ("INT", 60),  # Disconnects all clients and writes a checkpoint.
    "epmd": ("TERM", 10),
    "rabbitmq": ("TERM", 60),
    "postgrest": ("TERM", 10),
    "postgrest-queries": ("TERM", 10),
    "postgrest-health": ("TERM", 10),
    "nginx": ("QUIT", 10),  # Finishes requests under way.
    "rate-limit-sync": ("TERM", 10),
    "ingest": ("TERM", 30),
    "relay": ("TERM", 30),
    "stream": ("TERM", 10),
}

# Parts do not inherit the caller's environment.
CLEAN_ENV = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One supervised process."""

    name: str
    spec: Spec
    ready: Callable[[], bool]
    patience: float = 30.0
    """Seconds until the part must be ready."""

    def runs_as_wanted(self, context: Context) -> bool:
        """Whether the part runs and was started from the current spec."""
        record = record_of(context, self.name)
        return record is not None and record.alive() and record.spec == self.spec.digest()


def ports_of(context: Context, name: str) -> tuple[int, ...]:
    """The ports on which a part listens."""
    ports = context.ports
    return {
        "postgres": (ports.postgres_port,),
        "epmd": (ports.epmd_port,),
        "rabbitmq": (ports.rabbitmq_port, ports.rabbitmq_dist_port),
        "nginx": (context.service.port, *context.config.started_tls_ports()),
    }.get(name, ())


def spec_path(context: Context, name: str) -> Path:
    """The file with the spec that the launcher reads."""
    return context.run / f"{name}.json"


def record_of(context: Context, name: str) -> Record | None:
    """The record of the part's last process; None when there is none."""
    return Record.read(record_path(spec_path(context, name)))


def listening(port: int) -> bool:
    """Whether a port of this machine accepts connections."""
    try:
        socket.create_connection((LOCALHOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def answers_ok(url: str) -> bool:
    """Whether a GET request returns 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):  # urllib raises an OSError for a status such as 503, too.
        return False


def answers_on(path: Path, target: str) -> bool:
    """Whether a GET request on a socket returns 200."""
    try:
        # The path may exceed the limit for sockets; through its folder's descriptor it is short.
        home = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(f"/proc/self/fd/{home}/{path.name}")
            client.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
            with client.makefile("rb") as answer:
                return answer.readline().split()[1:2] == [b"200"]
    except OSError:
        return False
    finally:
        os.close(home)


def digest(*files: Path) -> str:
    """A digest of the names and contents of files, in this order."""
    total = sha256()
    for file in files:
        total.update(file.name.encode())
        total.update(file.read_bytes())
    return total.hexdigest()
