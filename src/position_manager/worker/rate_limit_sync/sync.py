"""Copy keys, rate limits and the map of shards to the gateway.

nginx cannot query the database, but it can reload its configuration without dropping requests. When
the limits change (a key was created or revoked or has expired, or a setting changed), this part
writes them to a file and reloads nginx. So it does when the file of the map of shards changes.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import psycopg

from position_manager.config.environment import Config
from position_manager.config.settings import ConfigError
from position_manager.gateway import limits as gateway_limits
from position_manager.gateway.shards import Shards
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.logging import MAX_TEXT, error_fields, get_logger
from position_manager.worker.process import Part
from position_manager.worker.rate_limit_sync.gateway_log import LogReader, LogReport
from position_manager.worker.rate_limit_sync.requests import RequestCounters

logger = get_logger(__name__)

# Seconds until a new key gets the limit of its tier, and until an expired key loses it.
INTERVAL = 1.0
READ = "SELECT pms.gateway_limits_document()"
RECORD = "SELECT pms.record_gateway_limits(%(applied)s::jsonb)"


class RateLimitSync(Part):
    """Keeps the file in `folder` equal to the limits in the database."""

    def __init__(self, config: Config, folder: Path, stop: threading.Event) -> None:
        super().__init__("rate-limit sync", stop)
        self._settings = config.service
        self._folder = folder
        self._shards = Shards(config.service, folder)
        self._database = db.Database(
            config.postgres, f"{config.service.service_name} rate-limit sync"
        )
        self._recorded: dict[str, int] | None = None

    def work(self) -> None:
        """Sync once a second; after a failure nginx keeps the limits it has."""
        backoff = Backoff.configured(self._settings)
        while self.running():
            try:
                self._follow_map()
                self._database.call(self._look)
            except (psycopg.Error, OSError) as error:
                self._restart(error, backoff.next())
            else:
                backoff.reset()
                self.stop.wait(INTERVAL)
        self._database.close()

    def _look(self, connection: db.Connection) -> None:
        row = connection.execute(READ).fetchone()
        if row is None:
            raise RuntimeError("pms.gateway_limits_document returned no row")
        limits = gateway_limits.of_document(row[0])
        written = gateway_limits.write_limits(self._folder, gateway_limits.configuration(limits))
        numbers = gateway_limits.numbers(limits)
        if written or numbers != self._recorded:
            connection.execute(RECORD, {"applied": json.dumps(numbers)})
            self._recorded = numbers
            logger.info("limits", keys=sum(limit.handle is not None for limit in limits))

    def _follow_map(self) -> None:
        try:
            if self._shards.follow():
                logger.info("map of shards")
        except ConfigError as error:
            logger.warning("map refused, the former one stays", text=str(error)[:MAX_TEXT])

    def _restart(self, error: Exception, delay: float) -> None:
        reason = db.describe(error) if isinstance(error, psycopg.Error) else error_fields(error)
        logger.warning(
            "rate-limit sync failed, will retry", retry_in_ms=round(delay * 1000), **reason
        )
        self._database.close()
        self.stop.wait(delay)


def parts(config: Config, folder: Path) -> list[Part]:
    """The sync, and the reader of the gateway's log."""
    stop = threading.Event()
    counters = RequestCounters()
    return [
        RateLimitSync(config, folder, stop),
        LogReader(folder, stop, counters),
        LogReport(config, stop, counters),
    ]
