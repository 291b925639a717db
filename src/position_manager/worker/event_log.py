"""Event log: number the events of the outbox, in one order, before any of them is sent.

The database moves them into the log and numbers them in one transaction, so numbers have no gap. It
needs no broker: the log goes on while that is down or takes nothing. Only the process that holds a
lock in the database works; any other one stands by.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

import psycopg

from position_manager.config.environment import Config
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.logging import get_logger
from position_manager.worker.process import Part

logger = get_logger(__name__)

# Any number will do, as long as every relay uses the same: "outbox" in ASCII.
LOCK = 0x6F7574626F78
TRY_LOCK = "SELECT pg_try_advisory_lock(%(lock)s)"
LISTEN = "LISTEN pms_outbox"
# The rows of a position are written under its lock, so their sequence is their order. A lower
# sequence may be committed after a higher one: it gets the next number then.
LOG = """
    SELECT e.logged, e.first_sequence, e.last_sequence, e.positions_changed
    FROM pms.log_events(%(after)s, %(limit)s) e
"""
RUNNING = """
    SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint
    FROM pg_current_snapshot() s
"""
ANNOUNCE = "SELECT pms.publish_portfolio()"
SET_READER = "SELECT pms.set_outbox_reader(%(is_waiting)s)"

IDLE_WAIT = 1.0
# Seconds after an event in which the log polls, before it waits for a notification: notifying
# makes all commits of the server take turns.
POLLING = 1.0
POLL_INTERVAL = 0.01
# Seconds between two looks at the running transactions.
FLOOR_INTERVAL = 1.0


class Batch(NamedTuple):
    """Events that were logged together; without any, all other fields are None."""

    logged: int
    first_sequence: int | None
    last_sequence: int | None
    positions_changed: bool | None


class Floor:
    """The sequence up to which the outbox stays empty.

    Rows that are deleted while a reader holds a snapshot stay in the index, and a look from the
    beginning would pass all of them. A transaction takes sequences after its own number (see
    pms.publish_events): once all that were running have ended, no lower sequence can come any more.
    """

    def __init__(self) -> None:
        self.value = 0
        self._empty_to = 0
        self._moved = 0
        # A sequence that was moved, and the first transaction that had not begun then.
        self._noted: tuple[int, int] | None = None
        self._due = 0.0

    def found(self, batch: Batch) -> None:
        """Rise to what a look from here has shown to be empty."""
        first = self._empty_to + 1 if batch.first_sequence is None else batch.first_sequence
        self.value = max(self.value, min(self._empty_to, first - 1))
        self._moved = max(self._moved, batch.last_sequence or 0)

    def look(self, connection: db.Connection) -> None:
        """Look at the running transactions, once a second until the outbox is known to be empty."""
        if self._empty_to == self._moved or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + FLOOR_INTERVAL
        ((oldest, next_one),) = connection.execute(RUNNING).fetchall()
        if self._noted is not None and self._noted[1] <= oldest:
            self._empty_to, self._noted = self._noted[0], None
        if self._noted is None:
            self._noted = self._moved, next_one


class EventLog(Part):
    """Numbers the events of the outbox, and triggers portfolio events while positions change."""

    def __init__(self, config: Config, stop: threading.Event) -> None:
        super().__init__("log", stop)
        self.leads = False
        self.stands_by = False
        # Set when there may be events to send; cleared by the sender.
        self.grown = threading.Event()
        self._settings = config.service
        title = f"{config.service.service_name} event log"
        self._database = db.Database(config.postgres, title)
        # The connection above holds the lock: a call that may need a new one has its own.
        self._portfolio = db.Database(config.postgres, f"{title} portfolio")
        self._floor = Floor()
        self._polls_until = 0.0
        self._is_waiting: bool | None = None
        self._announce_from = 0.0
        self._announce_wanted = True

    def work(self) -> None:
        """Log until asked to stop; reconnect after every failure."""
        backoff = Backoff.configured(self._settings)
        while self.running():
            try:
                self._session(backoff)
            except psycopg.Error as error:
                delay = backoff.next()
                retry = round(delay * 1000)
                logger.warning("log failed, will restart", retry_in_ms=retry, **db.describe(error))
                self._close()
                self.stop.wait(delay)
        self._close()

    def _session(self, backoff: Backoff) -> None:
        """Wait for the lock, then log on one connection until it fails."""
        connection = self._database.connection()
        if not self._lead(connection):
            return
        try:
            connection.execute(LISTEN)
            # The portfolio may have changed while no relay was running.
            self._announce_wanted = True
            # The database may have been replaced, which ends all sessions.
            self._floor = Floor()
            # The row may be that of another relay.
            self._is_waiting = None
            self.leads = True
            self.grown.set()
            while self.running():
                if self._log_batch(connection):
                    self._polls_until = time.monotonic() + POLLING
                    self._say(connection, is_waiting=False)
                else:
                    self._wait(connection)
                backoff.reset()
                self._announce()
        finally:
            self.leads = False
            self.grown.set()

    def _lead(self, connection: db.Connection) -> bool:
        """Wait for the lock that only one relay can hold; False when asked to stop first."""
        while self.running():
            row = connection.execute(TRY_LOCK, {"lock": LOCK}).fetchone()
            if row is not None and row[0] is True:
                self.stands_by = False
                return True
            if not self.stands_by:
                logger.info("another relay is at work, standing by")
            self.stands_by = True
            self.stop.wait(IDLE_WAIT)
        return False

    def _log_batch(self, connection: db.Connection) -> int:
        """Log the oldest events of the outbox; return their number."""
        values = {"after": self._floor.value, "limit": self._settings.batch_size}
        (row,) = connection.execute(LOG, values).fetchall()
        batch = Batch(*row)
        self._floor.found(batch)
        if batch.logged:
            self.grown.set()
        if batch.positions_changed:
            self._announce_wanted = True
        self._floor.look(connection)
        return batch.logged

    def _wait(self, connection: db.Connection) -> None:
        """Wait until the outbox may have a row or a portfolio event is due."""
        if time.monotonic() < self._polls_until:
            self.stop.wait(POLL_INTERVAL)
            return
        if self._say(connection, is_waiting=True):
            # A transaction that has not seen this may have committed: look once more.
            return
        timeout = IDLE_WAIT
        if self._announce_wanted:
            timeout = min(timeout, max(0.0, self._announce_from - time.monotonic()))
        for _ in connection.notifies(timeout=timeout, stop_after=1):
            pass

    def _say(self, connection: db.Connection, *, is_waiting: bool) -> bool:
        """Record whether the log waits for notifications; False when nothing changed."""
        if self._is_waiting is is_waiting:
            return False
        connection.execute(SET_READER, {"is_waiting": is_waiting})
        self._is_waiting = is_waiting
        return True

    def _announce(self) -> None:
        """Trigger a portfolio event, at most one per interval; one follows the last change, too."""
        now = time.monotonic()
        if self._announce_wanted and now >= self._announce_from:
            self._announce_wanted = False
            self._announce_from = now + self._settings.portfolio_event_interval_ms / 1000
            try:
                self._portfolio.call(lambda connection: connection.execute(ANNOUNCE))
            except psycopg.Error as error:
                if db.passes_by_itself(error):
                    raise
                # A failure to compute totals must not delay the events of positions.
                self._announce_wanted = True
                logger.error("cannot announce the portfolio", **db.describe(error))

    def _close(self) -> None:
        self._database.close()
        self._portfolio.close()
