"""Apply a batch in the database: one call, one transaction, one outcome for each message."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.consumer import UNREADABLE_BYTES, Delivery
from position_manager.worker.dead_letters import trace_id_of
from position_manager.worker.logging import get_logger
from position_manager.worker.messages import Refused, read, readable
from position_manager.worker.producers import check_producer

logger = get_logger(__name__)

APPLY = {
    "order_events": """
        SELECT o.ordinal, o.outcome, o.reason, o.detail, o.trace_id
        FROM pms.apply_order_events(%(messages)b::text[]::jsonb[]) o
    """,
    "venue_positions": """
        SELECT o.ordinal, o.outcome, o.reason, o.detail, o.trace_id
        FROM pms.apply_venue_positions(%(messages)b::text[]::jsonb[]) o
    """,
    "prices": """
        SELECT o.ordinal, o.outcome, o.reason, o.detail, o.trace_id
        FROM pms.apply_prices(%(messages)b::text[]::jsonb[]) o
    """,
}
# The periodic task of a feed.
TICKS = {"venue_positions": "SELECT pms.adopt_unexplained_positions()"}
REJECT = """
    SELECT pms.record_rejected_messages(
        %(feed)s, %(bodies)b::bytea[], %(reasons)s::text[], %(details)s::text[],
        %(trace_ids)s::text[], %(sizes)s::integer[], %(digests)b::bytea[],
        %(readable)s::text[]::jsonb[]
    )
"""
# The reason of a valid message that the database fails to apply.
DATABASE_ERROR = "database_error"


class Stopped(Exception):
    """The worker was asked to stop before the database took the batch."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one message."""

    ordinal: int
    outcome: str
    reason: str | None
    detail: str | None
    trace_id: str | None


class Item(NamedTuple):
    """A message: its text when it is valid, else the refusal."""

    delivery: Delivery
    text: str | None
    refusal: Refused | None

    @property
    def kept(self) -> bytes:
        """The part of a rejected message that the database keeps: all of it if it is readable."""
        is_readable = self.refusal is None or self.refusal.reason == DATABASE_ERROR
        return self.delivery.body[: None if is_readable else UNREADABLE_BYTES]

    @property
    def readable(self) -> str | None:
        """What can be read of a message that is not strict JSON."""
        if self.text is not None:
            return None
        return readable(self.delivery.body)


class Applier:
    """The database side of a feed; it retries for as long as the database is unavailable.

    Each try is a `step` of the feed. `user` is the worker's own at the broker.
    """

    def __init__(
        self,
        feed: str,
        database: db.Database,
        stop: threading.Event,
        backoff: Backoff,
        max_bytes: int,
        step: Callable[[], None],
        producers: Mapping[str, tuple[str, ...]],
        user: str = "",
    ) -> None:
        self._feed = feed
        self._database = database
        self._stop = stop
        self._backoff = backoff
        self._max_bytes = max_bytes
        self._step = step
        self._producers = producers
        self._user = user

    def apply(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Commit the batch and return its outcomes, in its order; raise :class:`Stopped`."""
        items = [self._item(delivery) for delivery in batch]
        refused = [item for item in items if item.text is None]
        valid = [item for item in items if item.text is not None]
        # In a transaction of their own: the refused ones flag positions, and all positions of a
        # transaction are locked in one order, at once.
        outcomes = {
            id(item): outcome
            for part in (refused, valid)
            if part
            for item, outcome in zip(part, self._settle(part), strict=True)
        }
        return [outcomes[id(item)] for item in items]

    def tick(self) -> int:
        """Run the periodic task; return its number of results, 0 after a failure."""
        try:
            row = self._database.call(
                lambda connection: connection.execute(TICKS[self._feed].encode()).fetchone()
            )
        except psycopg.Error as error:
            self._database.close()
            logger.warning("periodic task failed", feed=self._feed, **db.describe(error))
            return 0
        return 0 if row is None else int(row[0])

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def _item(self, delivery: Delivery) -> Item:
        if delivery.cut is not None:
            detail = f"{delivery.size} bytes, at most {self._max_bytes} are read"
            return Item(delivery, None, Refused("too_large", detail))
        try:
            text, members = read(delivery.body)
            if self._producers:
                check_producer(self._producers, self._feed, delivery, members, self._user)
            return Item(delivery, text, None)
        except Refused as refusal:
            return Item(delivery, None, refusal)

    def _settle(self, items: list[Item]) -> list[Outcome]:
        """Commit the items together; if that fails because of a message, commit them in halves.

        Only a message that fails on its own is rejected, at a server that works without it: a first
        failure may be that of a standby, which was promoted before it was asked.
        """
        is_suspect = False
        while True:
            self._step()
            try:
                outcomes = self._database.call(partial(self._commit, items))
            except psycopg.Error as error:
                self._database.close()
                if not self._is_fault_of(items, error):
                    is_suspect = False
                    self._wait(error)
                elif len(items) > 1:
                    middle = len(items) // 2
                    return self._settle(items[:middle]) + self._settle(items[middle:])
                elif items[0].refusal is not None:
                    raise
                elif is_suspect:
                    items = [_blame(items[0], error)]
                else:
                    is_suspect = True
            else:
                self._backoff.reset()
                return outcomes

    def _is_fault_of(self, items: list[Item], error: psycopg.Error) -> bool:
        """Whether the error came from these messages, rather than from the state of the server."""
        if error.sqlstate in db.TOO_MUCH_AT_ONCE and len(items) > 1:
            return True  # Smaller parts may finish.
        if db.passes_by_itself(error) or db.means_missing_code(error):
            return False
        return self._works_without_messages()

    def _works_without_messages(self) -> bool:
        """Whether the same calls succeed without messages.

        A missing or running deployment must not be mistaken for bad messages, nor a standby, which
        refuses the second call.
        """
        try:
            connection = self._database.connection()
            with connection.transaction():
                connection.execute(APPLY[self._feed], {"messages": []})
                connection.execute(REJECT, self._rejections([]))
        except psycopg.Error:
            return False
        return True

    def _wait(self, error: psycopg.Error) -> None:
        delay = self._backoff.next()
        logger.warning(
            "database failed, will try again",
            feed=self._feed,
            retry_in_ms=round(delay * 1000),
            **db.describe(error),
        )
        if self._stop.wait(delay):
            raise Stopped from error

    def _commit(self, items: list[Item], connection: db.Connection) -> list[Outcome]:
        with connection.transaction():
            outcomes = self._call(connection, items)
            rejected = [
                (item, outcome)
                for item, outcome in zip(items, outcomes, strict=True)
                if outcome.outcome == "rejected"
            ]
            if rejected:
                connection.execute(REJECT, self._rejections(rejected))
        return outcomes

    def _call(self, connection: db.Connection, items: list[Item]) -> list[Outcome]:
        texts = [item.text for item in items if item.text is not None]
        applied: list[Outcome] = []
        if texts:
            with connection.cursor(row_factory=class_row(Outcome)) as cursor:
                applied = cursor.execute(APPLY[self._feed], {"messages": texts}).fetchall()
            if [row.ordinal for row in applied] != list(range(1, len(texts) + 1)):
                raise RuntimeError(f"pms.apply_{self._feed} must answer every message, in order")
        if len(applied) == len(items):
            return applied
        answers = iter(applied)
        return [_refused(item) or next(answers) for item in items]

    def _rejections(self, rejected: list[tuple[Item, Outcome]]) -> dict[str, Any]:
        return {
            "feed": self._feed,
            "bodies": [item.kept for item, _ in rejected],
            "sizes": [item.delivery.size for item, _ in rejected],
            "digests": [item.delivery.digest for item, _ in rejected],
            "reasons": [outcome.reason or "rejected" for _, outcome in rejected],
            "details": [outcome.detail for _, outcome in rejected],
            "trace_ids": [outcome.trace_id for _, outcome in rejected],
            "readable": [item.readable for item, _ in rejected],
        }


def _refused(item: Item) -> Outcome | None:
    if item.refusal is None:
        return None
    reason, detail = item.refusal.reason, item.refusal.detail
    return Outcome(0, "rejected", reason, detail, trace_id_of(item.delivery))


def _blame(item: Item, error: psycopg.Error) -> Item:
    return item._replace(text=None, refusal=Refused(DATABASE_ERROR, f"SQLSTATE {error.sqlstate}"))
