"""A simulated session that is applied to a database in batches, as ingest applies them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg

from position_manager.simulation.facts import Feed, Message, Nothing
from position_manager.simulation.ledger import Service
from position_manager.simulation.session import Plan, Session

FUNCTIONS = {Feed.ORDER_EVENTS: "apply_order_events", Feed.PRICES: "apply_prices"}
SPAN = timedelta(minutes=10)
PAUSE = 0.05
APPLY = "SELECT count(*) FROM pms.{}(%b::text[]::jsonb[])"


def session(seed: int, fills: int, assets: int = 20, account: str = "main") -> Session:
    """A session of this many fills that ends now; every tenth asset is traded without times."""
    end = datetime.now(UTC)
    return Session(Plan(seed, "test", assets, fills, fills, end - SPAN, end, (account,)))


def apply(dsn: str, messages: Sequence[Message], batch: int = 500) -> None:
    """Apply the messages that mean something, in their order, each batch in a transaction."""
    meant = [message for message in messages if not isinstance(message.fact, Nothing)]
    with psycopg.connect(dsn) as worker:
        for first in range(0, len(meant), batch):
            for feed, function in FUNCTIONS.items():
                bodies = [
                    message.body.decode()
                    for message in meant[first : first + batch]
                    if message.queue.feed is feed
                ]
                worker.execute(APPLY.format(function).encode(), [bodies])
            worker.commit()
        # Ingest does so between batches.
        worker.execute("SELECT pms.mark_positions(100000)")


class Load(threading.Thread):
    """Applies a session batch by batch and, as ingest does, repeats a batch that failed."""

    def __init__(self, dsn: str, messages: Sequence[Message], batch: int = 50) -> None:
        super().__init__()
        self._dsn = dsn
        self._batches = [
            messages[first : first + batch] for first in range(0, len(messages), batch)
        ]
        self._ended = threading.Event()
        self.done = 0
        self.failures: list[psycopg.Error] = []

    def run(self) -> None:
        while self.done < len(self._batches) and not self._ended.is_set():
            try:
                apply(self._dsn, self._batches[self.done])
            except psycopg.Error as error:
                self.failures.append(error)
                time.sleep(PAUSE)
            else:
                self.done += 1

    def wait_for(self, batches: int) -> None:
        """Wait until this many batches were applied."""
        while self.done < batches:
            assert self.is_alive(), "the load has ended early"
            time.sleep(PAUSE)

    def is_finished(self) -> bool:
        """Whether all of the session was applied."""
        return self.done == len(self._batches)

    @contextmanager
    def running(self, patience: float = 600.0) -> Iterator[Load]:
        """Apply in the background to the end of the session, or until the block fails."""
        self.start()
        try:
            yield self
            self.join(patience)
        finally:
            self._ended.set()
            self.join()


def assert_exact(dsn: str, played: Session) -> None:
    """Every position equals the independent computation, and each fill counts once."""
    service = Service(dsn, played.accounts)
    try:
        computed = played.expected.figures({}, datetime.now(UTC))
        assert service.figures(played.assets) == computed
        ((entries,),) = service.query(
            "SELECT count(*) FROM api.fills f WHERE f.account = ANY(%(accounts)s)"
        )
        assert entries == played.expected.fills
    finally:
        service.close()
