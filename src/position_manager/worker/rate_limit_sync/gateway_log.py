"""Read the gateway's log, line by line as it is written, and tell the database what it comes to.

nginx sends each line, besides writing it, to a socket in the folder that it shares with the
gatekeeper. Nobody waits for a reader: what is sent while none is there is missing here, and only
here.
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
    """Counts what the nginx of a folder sends."""

    def __init__(self, folder: Path, stop: threading.Event, counters: RequestCounters) -> None:
        super().__init__("log", stop)
        self._folder = folder
        self._counters = counters

    def work(self) -> None:
        """Read until asked to stop."""
        with listening(self._folder) as receiver:
            while not self.stop.is_set():
                try:
                    self._read(receiver.recv(LINE_BYTES))
                except TimeoutError:
                    continue

    def _read(self, datagram: bytes) -> None:
        # Before the line stands what syslog wants: <190>Nov 23 08:54:37 nginx:
        _, brace, rest = datagram.decode(errors="replace").partition("{")
        try:
            self._counters.note(Request.of_log(json.loads(brace + rest)))
        except (KeyError, ValueError, TypeError):
            # Not quoted: whoever wrote it is not who should.
            logger.warning("no line of the gateway", bytes=len(datagram))


@contextmanager
def listening(folder: Path) -> Iterator[socket.socket]:
    """A socket in the folder, for whoever the folder belongs to."""
    path = folder / SOCKET
    # A path may be longer than a socket's may: named by its folder, which is open, it is short.
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
    """Tells the database of the requests, and of the uses of keys."""

    def __init__(self, config: Config, stop: threading.Event, counters: RequestCounters) -> None:
        super().__init__("log report", stop)
        self._interval = config.service.report_interval_ms / 1000
        title = f"{config.service.service_name} gateway report"
        self._database = db.Database(config.postgres, title)
        self._counters = counters

    def work(self) -> None:
        """Report until asked to stop, and once more then."""
        failing = False
        while True:
            is_last = self.stop.wait(self._interval)
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
        told = {
            key: {"requests": use.requests, "at": use.at.isoformat(), "address": use.address}
            for key, use in uses.items()
        }
        with connection.transaction():
            connection.execute(REPORT, {"status": json.dumps(self._counters.snapshot())})
            if told:
                connection.execute(NOTE, {"uses": json.dumps(told)})
