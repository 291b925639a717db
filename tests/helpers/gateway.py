"""A separate gateway before the shared PostgREST, with limits of the test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from position_manager.config.service import ServiceSettings
from position_manager.gateway.files import reload
from position_manager.gateway.limits import (
    CONCURRENT,
    Limit,
    configuration,
    fingerprint,
    handle,
    write_limits,
)
from position_manager.gateway.render import (
    GATEWAY,
    TEMPLATE,
    render,
    server_names,
    service_names,
)
from position_manager.gateway.shards import Shards
from position_manager.stack import nginx, postgrest
from position_manager.stack.context import LOCALHOST
from position_manager.stack.parts import CLEAN_ENV, answers_ok
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers.service import NO_AUTHORITIES


@dataclass(frozen=True)
class Gateway:
    """Where it listens, where its files are, and its process."""

    url: str
    folder: Path
    pid: int

    def allow(self, *limits: Limit) -> None:
        """Have exactly these limits in force, with nothing counted so far."""
        # An unused zone expires.
        self._read(())
        self._read(limits)

    def _read(self, limits: Sequence[Limit]) -> None:
        before = self.workers()
        if write_limits(self.folder, configuration(limits)):
            assert wait(lambda: bool(self.workers()) and not self.workers() & before, 30)

    def workers(self) -> set[int]:
        """The processes that answer."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return {int(pid) for pid in children.split()}

    def get(self, path: str, key: str | None, address: str = LOCALHOST) -> httpx.Response:
        """Ask once, from an address of this machine."""
        headers = {} if key is None else {"X-API-Key": key}
        with self.client(address) as client:
            return client.get(path, headers=headers)

    def client(self, address: str = LOCALHOST, **options: Any) -> httpx.Client:
        """A client that connects from a local address."""
        transport = httpx.HTTPTransport(local_address=address, verify=NO_AUTHORITIES)
        return httpx.Client(base_url=self.url, transport=transport, timeout=30, **options)

    def reload(self) -> None:
        """Have it read its configuration again."""
        reload(self.folder)


def limit(
    key: str, per_minute: int | None, burst: int | None, concurrent: int = CONCURRENT
) -> Limit:
    """A limit of a key."""
    name = handle(key)
    return Limit(name, per_minute, burst, concurrent, name, fingerprint(key).hex())


@contextmanager
def gateway(
    stack: Stack,
    limits: Sequence[Limit] = (),
    before: str | None = None,
    standby: str | None = None,
    stream: Path | None = None,
    directives: str = "",
    **settings: object,
) -> Iterator[Gateway]:
    """One that is in front of the stack's PostgREST, or of another, and has these settings.

    `standby`: the server of reads, in place of the stack's sockets for it; `stream`: the socket of
    another stream than the stack's.
    """
    (port,) = free_ports(1)
    context = stack.context
    service = ServiceSettings.model_validate({"port": port} | settings)
    folder = context.folder(f"gateway-{port}", "web", mode=0o755)
    servers = server_names(f"../{postgrest.FOLDER}")
    if before is not None:
        servers = dict.fromkeys(servers, before)
    if standby is not None:
        servers |= dict.fromkeys(("STANDBY_SERVER", "STANDBY_QUERIES_SERVER"), standby)
    values = nginx.names(context, folder) | service_names(service, [LOCALHOST], servers)
    if stream is not None:
        values["STREAM_SOCKET"] = str(stream)
    values["GATEWAY_DIR"] = str(GATEWAY)
    values["LISTEN_LINES"] += directives
    (folder / "nginx.conf").write_text(render(TEMPLATE.read_text(), values))
    write_limits(folder, configuration(limits))
    Shards(service, folder).write()
    argv = nginx.command(folder)
    # The test replaces its files, as root.
    argv += ["-g", f"user {user};"] if (user := context.user("web")) else []
    # Appended to: nginx opens its standard output once more.
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(argv, env=CLEAN_ENV, cwd=folder, stdout=log, stderr=log)
    try:
        url = f"http://{LOCALHOST}:{port}"
        assert wait(lambda: answers_ok(f"{url}/metrics"), 30), (folder / "log").read_text()
        yield Gateway(url, folder, process.pid)
    finally:
        process.terminate()
        process.wait()
