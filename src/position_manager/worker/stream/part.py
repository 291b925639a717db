"""The part ``stream`` of the worker: reader and server in one event loop."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from position_manager.config.environment import Config
from position_manager.gateway.render import STREAM_SOCKET
from position_manager.worker.process import Part
from position_manager.worker.stream.clients import Clients
from position_manager.worker.stream.hub import Hub
from position_manager.worker.stream.reader import Reader
from position_manager.worker.stream.server import Endpoint, Protocol
from position_manager.worker.stream.session import Session

# Seconds between two signs of life.
STEP = 0.2
# Seconds for clients to leave, once their streams were ended.
GRACE = 2
# Clients that wait for an answer, such as all of them after a restart.
BACKLOG = 2048
# Each client is a connection; the usual limit would be 1024.
OPEN_FILES = 16_384


class StreamPart(Part):
    """Serves the stream on a socket in `folder`."""

    def __init__(self, config: Config, folder: Path, stop: threading.Event) -> None:
        super().__init__("stream", stop)
        self._folder = folder
        self._hub = Hub()
        self._clients = Clients(config.service.stream_clients_per_key)
        self._reader = Reader(config, self._hub, self._clients)
        session = Session(config.postgres, f"{config.service.service_name} stream requests")
        self._server = uvicorn.Server(
            uvicorn.Config(
                Endpoint(self._hub, self._clients, session).application(),
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        # The user of the process may be unable to read the modules that this imports.
        self._server.config.load()

    def work(self) -> None:
        """Serve until asked to stop."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        with listening(self._folder) as receiver:
            reader = asyncio.create_task(self._reader.run())
            server = asyncio.create_task(self._server.serve(sockets=[receiver]))
            while self.running() and not reader.done() and not server.done():
                await asyncio.sleep(STEP)
            self._clients.end()
            self._hub.wake()
            self._server.should_exit = True
            await server
            if reader.done():
                # Only a failure ends it.
                reader.result()
            reader.cancel()


@contextmanager
def listening(folder: Path) -> Iterator[socket.socket]:
    """A socket in the folder that its owner alone may connect to."""
    # The path may exceed the limit for sockets; through the descriptor of its folder it is short.
    home = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as receiver:
            (folder / STREAM_SOCKET).unlink(missing_ok=True)
            receiver.bind(f"/proc/self/fd/{home}/{STREAM_SOCKET}")
            (folder / STREAM_SOCKET).chmod(0o600)
            receiver.listen(BACKLOG)
            yield receiver
    finally:
        os.close(home)


def parts(config: Config, folder: Path) -> list[Part]:
    """The stream."""
    return [StreamPart(config, folder, threading.Event())]
