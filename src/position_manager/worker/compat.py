"""Compat: keep the tables of the schema ``compat``, if other services want them.

The database compares them with what it counts, so nothing that was missed stays missing. Applying a
fill does nothing for them.
"""

from __future__ import annotations

import psycopg

from position_manager.config.environment import Config
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.event_log import EventLog
from position_manager.worker.logging import get_logger
from position_manager.worker.process import Part

logger = get_logger(__name__)

FEED = "SELECT pms.feed_compat()"
# Seconds between two comparisons.
INTERVAL = 0.25


class CompatFeed(Part):
    """Feeds the tables while this process is the one that numbers events."""

    def __init__(self, config: Config, log: EventLog) -> None:
        super().__init__("compat", log.stop)
        self._log = log
        self._backoff = Backoff.configured(config.service)
        self._database = db.Database(config.postgres, f"{config.service.service_name} compat")

    def work(self) -> None:
        """Feed until asked to stop."""
        while self.running():
            if self._log.leads:
                self.stop.wait(self._feed())
            else:
                self.stop.wait(INTERVAL)
        self._database.close()

    def _feed(self) -> float:
        """Feed once; return the seconds until the next time."""
        try:
            self._database.call(lambda connection: connection.execute(FEED))
        except psycopg.Error as error:
            self._database.close()
            delay = self._backoff.next()
            logger.warning(
                "cannot feed compat, will retry",
                retry_in_ms=round(delay * 1000),
                **db.describe(error),
            )
            return delay
        self._backoff.reset()
        return INTERVAL


def compat(config: Config, log: EventLog) -> list[Part]:
    """The feed, if the settings ask for it."""
    return [CompatFeed(config, log)] if config.service.compat else []
