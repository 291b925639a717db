"""Mark the stored positions with the newest prices, at most once per interval.

A thread of its own with its own connection: however many positions a price concerns, neither fills
nor prices wait for it. Every mark is a small transaction.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg

from position_manager.config.environment import Config
from position_manager.worker import database as db
from position_manager.worker.logging import get_logger
from position_manager.worker.process import Part

logger = get_logger(__name__)

BEGIN = "SELECT clock_timestamp()"
MARK = "SELECT pms.mark_positions(%(at_most)s, %(until)s)"
AT_MOST = 1000
# Seconds until prices are noticed that came another way than by this process.
LOOK_INTERVAL = 1.0


class Marker(Part):
    """Marks positions when prices were applied, and once a second."""

    def __init__(self, config: Config, stop: threading.Event) -> None:
        super().__init__("marker", stop)
        self._database = db.Database(config.postgres, f"{config.service.service_name} marker")
        self._interval = config.service.price_event_interval_ms / 1000
        self._priced = threading.Event()

    def wake(self) -> None:
        """Mark soon: prices were applied."""
        self._priced.set()

    def work(self) -> None:
        """Mark until asked to stop; a database that is down is asked again."""
        while self.running():
            self._priced.wait(LOOK_INTERVAL)
            self._priced.clear()
            try:
                self._pass()
            except psycopg.Error as error:
                self._database.close()
                logger.warning("cannot mark positions", **db.describe(error))
            self.stop.wait(self._interval)
        self._database.close()

    def _pass(self) -> None:
        """Mark every leg that lacks its newest price, once."""
        until = self._value(BEGIN, {})
        # The last step marks no leg: it finds that no other transaction holds one.
        while self._value(MARK, {"at_most": AT_MOST, "until": until}) and self.running():
            pass

    def _value(self, statement: str, parameters: dict[str, object]) -> Any:
        row = self._database.call(
            lambda connection: connection.execute(statement.encode(), parameters).fetchone()
        )
        return None if row is None else row[0]
