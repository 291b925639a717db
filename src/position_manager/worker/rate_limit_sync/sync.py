"""Tell the gateway which keys there are and how much each may ask.

nginx cannot ask the database, but it reads its configuration again when it is told to. So whenever
the limits have changed (a key was made, revoked, has expired; a setting was changed), they are
written into a file, and nginx is told. It goes on answering meanwhile.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import psycopg

from position_manager.config.environment import Config
from position_manager.gateway import limits as gateway_limits
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.logging import MAX_TEXT, get_logger
from position_manager.worker.process import Part, run
from position_manager.worker.rate_limit_sync.gateway_log import LogReader, LogReport
from position_manager.worker.rate_limit_sync.requests import RequestCounters

logger = get_logger(__name__)

# So long a new key may have to wait for its tier, and a key that expires keeps its own.
INTERVAL = 1.0
READ = "SELECT pms.gateway_limits_document()"
NOTE = "SELECT pms.record_gateway_limits(%(applied)s::jsonb)"


class Gatekeeper(Part):
    """Keeps the file in `folder` as the database has it."""

    def __init__(self, config: Config, folder: Path, stop: threading.Event) -> None:
        super().__init__("gatekeeper", stop)
        self._settings = config.service
        self._folder = folder
        self._database = db.Database(config.postgres, f"{config.service.service_name} gatekeeper")
        self._noted: dict[str, int] | None = None

    def work(self) -> None:
        """Look once a second; what fails is tried again, and nginx keeps what it was told last."""
        backoff = Backoff.configured(self._settings)
        while not self.stop.is_set():
            try:
                self._look(self._database.connection())
            except (psycopg.Error, OSError) as error:
                self._start_afresh(error, backoff.next())
            else:
                backoff.reset()
                self.stop.wait(INTERVAL)
        self._database.close()

    def _look(self, connection: db.Connection) -> None:
        row = connection.execute(READ).fetchone()
        if row is None:
            raise RuntimeError("no limits were answered")
        limits = gateway_limits.of_document(row[0])
        written = gateway_limits.write_limits(self._folder, gateway_limits.configuration(limits))
        numbers = gateway_limits.numbers(limits)
        if written or numbers != self._noted:
            connection.execute(NOTE, {"applied": json.dumps(numbers)})
            self._noted = numbers
            logger.info("limits", keys=sum(limit.handle is not None for limit in limits))

    def _start_afresh(self, error: Exception, delay: float) -> None:
        if isinstance(error, psycopg.Error):
            told = db.describe(error)
        else:
            told = {"error": type(error).__name__, "text": str(error)[:MAX_TEXT]}
        logger.warning("cannot tell the gateway", retry_in_ms=round(delay * 1000), **told)
        self._database.close()
        self.stop.wait(delay)


def main(config: Config, folder: Path) -> int:
    """Keep the gateway informed until a signal comes."""
    stop = threading.Event()
    counters = RequestCounters()
    parts = [
        Gatekeeper(config, folder, stop),
        LogReader(folder, stop, counters),
        LogReport(config, stop, counters),
    ]
    return run(parts, stop)
