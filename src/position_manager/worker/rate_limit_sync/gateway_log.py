"""Read the gateway's log as it is written, and report request counts to the database.

nginx writes each line to its log and also sends it to a socket in the shared folder. It never waits
for a reader: lines sent while none is listening are missing from the counts, but not from the log.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from position_manager.config.environment import Config
from position_manager.gateway.render import SOCKET
from position_manager.worker import database as db
from position_manager.worker.logging import get_logger
from position_manager.worker.process import Part
from position_manager.worker.rate_limit_sync.requests import Request, RequestCounters, Use

logger = get_logger(__name__)

# Longer than any line: a path has at most 4 kB.
LINE_BYTES = 32_768
BUFFER_BYTES = 1_048_576
REPORT = "SELECT pms.report_worker('gateway', %(status)s::jsonb)"
NOTE = "SELECT pms.record_key_uses(%(uses)s::jsonb)"


class LogReader(Part):
    """Counts the requests in the log of the nginx of a folder."""

    def __init__(self, folder: Path, stop: threading.Event, counters: RequestCounters) -> None:
        super().__init__("log", stop)
        self._folder = folder
        self._counters = counters

    def work(self) -> None:
        """Read until asked to stop."""
        with listening(self._folder) as receiver:
            while self.running():
                try:
                    self._read(receiver.recv(LINE_BYTES))
                except TimeoutError:
                    continue

    def _read(self, datagram: bytes) -> None:
        # The line follows a syslog header: <190>Nov 23 08:54:37 nginx:
        _, brace, rest = datagram.decode(errors="replace").partition("{")
        try:
            self._counters.count(Request.of_log(json.loads(brace + rest)))
        except (KeyError, ValueError, TypeError):
            # Not logged in full: the sender may be another process.
            logger.warning("not a line of the gateway's log", bytes=len(datagram))


@contextmanager
def listening(folder: Path) -> Iterator[socket.socket]:
    """A socket in the folder that the owner of the folder can write to."""
    path = folder / SOCKET
    # The path may exceed the limit for sockets; through the descriptor of its folder it is short.
    home = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            path.unlink(missing_ok=True)
            receiver.bind(f"/proc/self/fd/{home}/{SOCKET}")
            path.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(path, folder.stat().st_uid, folder.stat().st_gid)
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            receiver.settimeout(0.2)
            yield receiver
    finally:
        os.close(home)


class LogReport(Part):
    """Reports request counts and uses of keys to the database at every interval."""

    def __init__(self, config: Config, stop: threading.Event, counters: RequestCounters) -> None:
        super().__init__("log report", stop)
        self._interval = config.service.report_interval_ms / 1000
        title = f"{config.service.service_name} gateway report"
        self._database = db.Database(config.postgres, title)
        self._counters = counters

    def work(self) -> None:
        """Report until asked to stop, then once more."""
        failing = False
        while True:
            is_last = self.stop.wait(self._interval)
            self.step()
            uses = self._counters.take_uses()
            try:
                self._database.call(partial(self._report, uses))
                failing = False
            except psycopg.Error as error:
                self._counters.give_back(uses)
                self._database.close()
                if not failing:
                    logger.warning("cannot report", **db.describe(error))
                failing = True
            if is_last:
                break
        self._database.close()

    def _report(self, uses: Mapping[str, Use], connection: db.Connection) -> None:
        used = {
            key: {"requests": use.requests, "at": use.at.isoformat(), "address": use.address}
            for key, use in uses.items()
        }
        with connection.transaction():
            connection.execute(REPORT, {"status": json.dumps(self._counters.snapshot())})
            if used:
                connection.execute(NOTE, {"uses": json.dumps(used)})
