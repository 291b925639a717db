"""Send breaches of limits and discrepancies from the event log to an endpoint, in order.

Each endpoint has a thread, a connection and a pointer into the log of its own, so none waits for
another, and the relay for none. The pointer rises after the endpoint has answered with 2xx: a
message is sent at least once, always with the same id.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import class_row

from position_manager.config.environment import Config
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.event_log import EventLog
from position_manager.worker.logging import get_logger
from position_manager.worker.process import Part
from position_manager.worker.report import Counters
from position_manager.worker.webhooks.delivery import Message, NotDelivered, deliver, key_of

logger = get_logger(__name__)

NEXT = "SELECT e.* FROM pms.webhook_events(%(endpoint)s) e"
SENT = "SELECT pms.note_webhook(%(endpoint)s, %(number)s)"
# Seconds between two looks at the log.
LOOK_INTERVAL = 1.0
# Of the delays between attempts, in seconds.
SHORTEST, LONGEST = 1.0, 300.0
# A message that was not taken for a day is dropped.
MAX_AGE = 86_400.0


class Batch(NamedTuple):
    """Events for the endpoint, and the number of the log up to which there are no others."""

    scanned: int
    events: list[dict[str, Any]]


class Webhook(Part):
    """Sends to one endpoint, while this process is the one that numbers events."""

    def __init__(self, config: Config, url: str, log: EventLog, counters: Counters) -> None:
        host = urlsplit(url).hostname
        super().__init__(f"webhook {host}", log.stop)
        settings = config.service
        assert settings.webhook_secret is not None
        self._url = url
        self._host = host
        self._key = key_of(settings.webhook_secret.get_secret_value())
        self._allows_private = settings.webhook_allow_private
        # Of the URL, which may contain a secret.
        self._endpoint = hashlib.sha256(url.encode()).hexdigest()
        self._log = log
        self._counters = counters
        self._database = db.Database(config.postgres, f"{settings.service_name} webhook")
        self._backoff = Backoff(SHORTEST, LONGEST)

    def work(self) -> None:
        """Send until asked to stop."""
        while self.running():
            has_more = False
            if self._log.leads:
                try:
                    has_more = self._send_batch()
                except psycopg.Error as error:
                    self._database.close()
                    logger.warning("cannot read events for a webhook", **db.describe(error))
            if not has_more:
                self.stop.wait(LOOK_INTERVAL)
        self._database.close()

    def _send_batch(self) -> bool:
        """Send what the log has next; return whether it may have more."""
        batch = self._database.call(self._next)
        for event in batch.events:
            if not self._send(event):
                return False
            self._note(event["number"])
        self._note(batch.scanned)
        return bool(batch.events)

    def _next(self, connection: db.Connection) -> Batch:
        with connection.cursor(row_factory=class_row(Batch)) as cursor:
            (batch,) = cursor.execute(NEXT, {"endpoint": self._endpoint}).fetchall()
        return batch

    def _note(self, number: int) -> None:
        values = {"endpoint": self._endpoint, "number": number}
        self._database.call(lambda connection: connection.execute(SENT, values))

    def _send(self, event: dict[str, Any]) -> bool:
        """Send an event until it is taken or too old; False when asked to stop first."""
        message = Message(event["id"], event["body"])
        while self.running():
            now = time.time()
            if now - event["logged_at"] > MAX_AGE:
                self._counters.count("webhooks_dropped")
                logger.error("a webhook was not taken for a day", host=self._host, id=message.id)
                return True
            try:
                deliver(
                    self._url, self._key, message, int(now), allows_private=self._allows_private
                )
            except NotDelivered as error:
                self._counters.count("webhook_failures")
                delay = self._backoff.next()
                logger.warning(
                    "a webhook was not taken, will retry",
                    host=self._host,
                    id=message.id,
                    reason=str(error),
                    retry_in_ms=round(delay * 1000),
                )
                self._wait(delay)
                continue
            self._backoff.reset()
            self._counters.count("webhooks_sent")
            return True
        return False

    def _wait(self, seconds: float) -> None:
        """Wait, as a part that makes progress."""
        until = time.monotonic() + seconds
        while self.running() and (left := until - time.monotonic()) > 0:
            self.stop.wait(min(left, LOOK_INTERVAL))


def webhooks(config: Config, log: EventLog, counters: Counters) -> list[Part]:
    """A part for each endpoint of the settings."""
    return [Webhook(config, url, log, counters) for url in config.service.webhook_urls]
