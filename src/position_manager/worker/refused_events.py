"""Events that a full queue refused: sent again to that queue alone.

An event that one queue refuses is in all others of the exchange. Sent to the exchange again, it
would reach those once more; waited for, it would hold up every later event. The broker does not say
which queue refused it: the one of its type is taken for it, and gets it twice if it was another.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from psycopg.rows import class_row

from position_manager.config.service import ServiceSettings
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.broker import EVENT_QUEUES
from position_manager.worker.events import Event, delivered
from position_manager.worker.logging import get_logger
from position_manager.worker.publisher import Answer, Publisher

logger = get_logger(__name__)

# Events that are tried together: a queue that is still full refuses each of them.
AT_MOST = 100
# An event that is sent to the exchange again may be refused again.
KEEP = """
    INSERT INTO pms.refused_events (number, id, type, payload, trace_id, created_at)
    VALUES (%(number)s, %(id)s, %(type)s, %(payload)s, %(trace_id)s, %(created_at)s)
    ON CONFLICT ON CONSTRAINT refused_events_pkey DO NOTHING
"""
OLDEST = """
    SELECT r.number, r.id, r.type, r.payload::text AS payload, r.trace_id, r.created_at
    FROM pms.refused_events r
    WHERE r.type = %(type)s
    ORDER BY r.number
    LIMIT %(limit)s
"""
DELETE = "DELETE FROM pms.refused_events WHERE type = %(type)s AND number = ANY(%(numbers)s)"
# The limits that the queue would have if this service had declared it.
EXPIRE = """
    DELETE FROM pms.refused_events r
    WHERE r.type = %(type)s AND (
        r.created_at < clock_timestamp() - %(age)s
        OR r.number <= (
            SELECT n.number
            FROM pms.refused_events n
            WHERE n.type = %(type)s
            ORDER BY n.number DESC
            LIMIT 1 OFFSET %(length)s
        )
    )
"""


class RefusedEvents:
    """Keeps refused events and sends them to their queues, each queue at its own pace."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._age = timedelta(milliseconds=settings.legacy_queue_ttl_ms)
        self._length = settings.legacy_queue_max_length
        self._backoffs = {each: Backoff.configured(settings) for each in EVENT_QUEUES}
        # When to try each queue that may lack events; at first, all of them.
        self._due = dict.fromkeys(EVENT_QUEUES, 0.0)

    def keep(self, connection: db.Connection, events: Sequence[Event]) -> None:
        """Keep these events for the queues of their types; without such a queue, drop them."""
        rows = [asdict(event) for event in events if event.type in EVENT_QUEUES]
        with connection.cursor() as cursor:
            cursor.executemany(KEEP, rows)
        for event_type in {event.type for event in events} & EVENT_QUEUES.keys():
            if event_type not in self._due:
                self._due[event_type] = self._next(event_type)

    def send(self, connection: db.Connection, publisher: Publisher) -> None:
        """Send what is due."""
        now = time.monotonic()
        for event_type in [each for each, due in self._due.items() if due <= now]:
            self._send(connection, publisher, event_type)

    def _send(self, connection: db.Connection, publisher: Publisher, event_type: str) -> None:
        with connection.cursor(row_factory=class_row(Event)) as cursor:
            events = cursor.execute(OLDEST, {"type": event_type, "limit": AT_MOST}).fetchall()
        if not events:
            del self._due[event_type]
            return
        answers = publisher.publish([delivered(event) for event in events])
        taken = [
            event.number
            for event, answer in zip(events, answers, strict=True)
            if answer is Answer.CONFIRMED
        ]
        connection.execute(DELETE, {"type": event_type, "numbers": taken})
        if taken:
            self._backoffs[event_type].reset()
        if len(taken) < len(events):
            connection.execute(
                EXPIRE, {"type": event_type, "age": self._age, "length": self._length}
            )
            self._due[event_type] = self._next(event_type)
            queue = EVENT_QUEUES[event_type]
            logger.warning("a queue refuses events", queue=queue, refused=len(events) - len(taken))

    def _next(self, event_type: str) -> float:
        return time.monotonic() + self._backoffs[event_type].next()
