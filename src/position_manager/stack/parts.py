"""What a part of the stack is: how it starts, where it listens, when it is ready."""

from __future__ import annotations

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

# In the order of their start; they stop in the reverse order.
NAMES = ("postgres", "epmd", "rabbitmq", "postgrest", "nginx", "rate-limit-sync", "ingest", "relay")

# The signal that ends a part cleanly, and the seconds it may take before it is killed.
STOPS = {
    "postgres": ("INT", 60),  # Disconnects everybody and writes a checkpoint.
    "epmd": ("TERM", 10),
    "rabbitmq": ("TERM", 60),
    "postgrest": ("TERM", 10),
    "nginx": ("QUIT", 10),  # Answers what it has begun to answer.
    "rate-limit-sync": ("TERM", 10),
    "ingest": ("TERM", 30),
    "relay": ("TERM", 30),
}

# Nothing of the caller's environment reaches a part but what is meant for it.
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
    """How many seconds it may take until it is ready."""

    def runs_as_wanted(self, context: Context) -> bool:
        """Whether the process that runs was started from the present spec."""
        record = record_of(context, self.name)
        return record is not None and record.alive() and record.spec == self.spec.digest()


def ports_of(context: Context, name: str) -> tuple[int, ...]:
    """Where a part listens."""
    ports = context.ports
    return {
        "postgres": (ports.postgres_port,),
        "epmd": (ports.epmd_port,),
        "rabbitmq": (ports.rabbitmq_port, ports.rabbitmq_dist_port),
        "postgrest": (ports.postgrest_port, ports.postgrest_admin_port),
        "nginx": (context.service.port,),
    }.get(name, ())


def spec_path(context: Context, name: str) -> Path:
    """The file that tells the launcher how to start the part."""
    return context.run / f"{name}.json"


def record_of(context: Context, name: str) -> Record | None:
    """The process that the part was last started as."""
    return Record.read(record_path(spec_path(context, name)))


def listening(port: int) -> bool:
    """Whether something answers on a port of this machine."""
    try:
        socket.create_connection((LOCALHOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def answers_ok(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):  # A refusal such as 503 is an OSError here too.
        return False


def digest(*files: Path) -> str:
    """One digest over files, in the order given."""
    total = sha256()
    for file in files:
        total.update(file.name.encode())
        total.update(file.read_bytes())
    return total.hexdigest()
