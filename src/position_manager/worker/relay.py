"""Relay: publish the events of the outbox to the exchange, in order.

A row leaves the outbox only after the broker has answered, so an event is sent at least once;
consumers drop repeats by ``message_id``. The broker refuses an event when a queue that is bound for
it is full; all others have it. It is kept for the queue of its type, and dropped if there is none.
Only the relay that holds a lock in the database works; any other one stands by.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence

import pika
import psycopg
from psycopg.rows import class_row

from position_manager.config.environment import Config
from position_manager.config.service import ServiceSettings
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.broker import (
    BROKER_ERRORS,
    EVENT_QUEUES,
    bind_events,
    declare_events,
    parameters,
)
from position_manager.worker.events import Event, published
from position_manager.worker.logging import MAX_TEXT, MAX_TRACE_IDS, get_logger
from position_manager.worker.process import Part
from position_manager.worker.publisher import Answer, Publisher
from position_manager.worker.refused_events import RefusedEvents
from position_manager.worker.report import Counters, QueueProbe, Reporter

logger = get_logger(__name__)

# Any number will do, as long as every relay uses the same: "outbox" in ASCII.
LOCK = 0x6F7574626F78
TRY_LOCK = "SELECT pg_try_advisory_lock(%(lock)s)"
LISTEN = "LISTEN pms_outbox"
# The rows of a position are written under its lock, so their sequence is their order.
NEXT = """
    SELECT o.sequence, o.id, o.type, o.payload::text AS payload, o.trace_id, o.created_at
    FROM pms.outbox o
    WHERE o.sequence > %(after)s
    ORDER BY o.sequence
    LIMIT %(limit)s
"""
# Each by its sequence, never "up to": a lower sequence may be committed after a higher one.
DELETE = "DELETE FROM pms.outbox WHERE sequence = ANY(%(sequences)s)"
RUNNING = """
    SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint
    FROM pg_current_snapshot() s
"""
ANNOUNCE = "SELECT pms.publish_portfolio()"

SET_READER = "SELECT pms.set_outbox_reader(%(is_waiting)s)"

IDLE_WAIT = 1.0
# Seconds after an event in which the relay polls, before it waits for a notification: notifying
# makes all commits of the server take turns.
POLLING = 1.0
POLL_INTERVAL = 0.01
# Seconds between two looks at the running transactions.
FLOOR_INTERVAL = 1.0
# Seconds between two bindings of the queues while nothing happens.
BINDING_INTERVAL = 10.0
POSITION_EVENTS = frozenset({"position_updated", "position_closed"})
LIMIT_FACTS = ("limit_id", "limit", "value", "peak_value")
LIMIT_EVENTS = frozenset({"limit_breached", "limit_cleared"})


class NotTaken(OSError):
    """The queue of an event is missing."""


class Floor:
    """The sequence up to which the outbox stays empty.

    Rows that are deleted while a reader holds a snapshot stay in the index, and a look from the
    beginning would pass all of them. A transaction takes sequences after its own number (see
    pms.publish_events): once all that were running have ended, no lower sequence can come any more.
    """

    def __init__(self) -> None:
        self.value = 0
        self._empty_to = 0
        self._sent = 0
        # A sequence that was sent, and the first transaction that had not begun then.
        self._noted: tuple[int, int] | None = None
        self._due = 0.0

    def found(self, events: Sequence[Event]) -> None:
        """Rise to what a look from here has shown to be empty."""
        first = events[0].sequence if events else self._empty_to + 1
        self.value = max(self.value, min(self._empty_to, first - 1))

    def sent(self, last: int) -> None:
        """Note the last event that was sent."""
        self._sent = max(self._sent, last)

    def look(self, connection: db.Connection) -> None:
        """Look at the running transactions, once a second until the outbox is known to be empty."""
        if self._empty_to == self._sent or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + FLOOR_INTERVAL
        ((oldest, next_one),) = connection.execute(RUNNING).fetchall()
        if self._noted is not None and self._noted[1] <= oldest:
            self._empty_to, self._noted = self._noted[0], None
        if self._noted is None:
            self._noted = self._sent, next_one


class Relay(Part):
    """Publishes the events of the outbox, and triggers portfolio events while positions change."""

    def __init__(self, config: Config, stop: threading.Event, counters: Counters) -> None:
        super().__init__("relay", stop)
        self.connected = False
        self.standby = False
        self._config = config
        self._settings = config.service
        self._counters = counters
        title = f"{config.service.service_name} relay"
        self._parameters = parameters(config.rabbitmq, title)
        self._database = db.Database(config.postgres, title)
        # The connection above holds the lock: a call that may need a new one has its own.
        self._portfolio = db.Database(config.postgres, f"{title} portfolio")
        self._floor = Floor()
        self._polls_until = 0.0
        self._is_waiting: bool | None = None
        self._announce_from = 0.0
        self._announce_wanted = True

    def work(self) -> None:
        """Relay until asked to stop; reconnect after every failure."""
        backoff = Backoff.configured(self._settings)
        while self.running():
            try:
                self._session(backoff)
            except (psycopg.Error, *BROKER_ERRORS) as error:
                self._restart(error, backoff.next())
        self._close()

    def _session(self, backoff: Backoff) -> None:
        """Wait for the lock, then relay on one connection to each side until one fails."""
        connection = self._database.connection()
        if not self._lead(connection):
            return
        connection.execute(LISTEN)
        with pika.BlockingConnection(self._parameters) as setup:
            declare_events(setup, self._settings)
        publisher = Publisher(self._parameters)
        try:
            self.connected = True
            logger.info("relaying", exchange=self._settings.events_exchange)
            # The portfolio may have changed while no relay was running.
            self._announce_wanted = True
            # The database may have been replaced, which ends all sessions.
            self._floor = Floor()
            # The row may be that of another relay.
            self._is_waiting = None
            refused = RefusedEvents(self._settings)
            while self.running():
                refused.send(connection, publisher)
                if self._relay_batch(connection, publisher, refused):
                    self._polls_until = time.monotonic() + POLLING
                    self._say(connection, is_waiting=False)
                else:
                    publisher.pump()
                    self._wait(connection)
                backoff.reset()
                self._announce()
        finally:
            self.connected = False
            publisher.close()

    def _lead(self, connection: db.Connection) -> bool:
        """Wait for the lock that only one relay can hold; False when asked to stop first."""
        while self.running():
            row = connection.execute(TRY_LOCK, {"lock": LOCK}).fetchone()
            if row is not None and row[0] is True:
                self.standby = False
                return True
            if not self.standby:
                logger.info("another relay is at work, standing by")
            self.standby = True
            self.stop.wait(IDLE_WAIT)
        return False

    def _relay_batch(
        self, connection: db.Connection, publisher: Publisher, refused: RefusedEvents
    ) -> int:
        """Publish the oldest events; return their number. Raises NotTaken for returned ones."""
        began = time.monotonic()
        with connection.cursor(row_factory=class_row(Event)) as cursor:
            values = {"after": self._floor.value, "limit": self._settings.batch_size}
            events = cursor.execute(NEXT, values).fetchall()
        self._floor.found(events)
        if not events:
            self._floor.look(connection)
            return 0
        exchange = self._settings.events_exchange
        answers = publisher.publish([published(event, exchange) for event in events])
        by_answer: dict[Answer, list[Event]] = {answer: [] for answer in Answer}
        for event, answer in zip(events, answers, strict=True):
            by_answer[answer].append(event)
        if by_answer[Answer.REFUSED]:
            refused.keep(connection, by_answer[Answer.REFUSED])
        sent = by_answer[Answer.CONFIRMED]
        connection.execute(DELETE, {"sequences": [event.sequence for event in sent]})
        self._note(sent, by_answer[Answer.REFUSED], began)
        if by_answer[Answer.RETURNED]:
            raise NotTaken(f"{len(by_answer[Answer.RETURNED])} events have no queue")
        self._floor.sent(events[-1].sequence)
        self._floor.look(connection)
        return len(events)

    def _note(self, sent: Sequence[Event], refused: Sequence[Event], began: float) -> None:
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        self._counters.published(len(sent), milliseconds)
        # Refused by one queue, they are in all others.
        events = [*sent, *refused]
        if any(event.type in POSITION_EVENTS for event in events):
            self._announce_wanted = True
        for event in events:
            if event.type in LIMIT_EVENTS:
                # Limits also go to the log, for operators.
                payload = json.loads(event.payload)
                logger.warning(event.type, **{name: payload[name] for name in LIMIT_FACTS})
        logger.info(
            "published",
            size=len(sent),
            refused=len(refused),
            ms=milliseconds,
            trace_ids=[event.trace_id for event in events if event.trace_id][:MAX_TRACE_IDS],
        )

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
        """Record whether this relay waits for notifications; False when nothing changed."""
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

    def _restart(self, error: Exception, delay: float) -> None:
        if isinstance(error, psycopg.Error):
            fields = db.describe(error)
        else:
            fields = {"error": type(error).__name__, "text": str(error)[:MAX_TEXT]}
        logger.warning("relay failed, will restart", retry_in_ms=round(delay * 1000), **fields)
        self._close()
        self.stop.wait(delay)

    def _close(self) -> None:
        self._database.close()
        self._portfolio.close()


class Bindings:
    """Keeps the queues of other services bound, also when they were deleted and declared again.

    The broker does not report that. A binding takes it longer than the rest of a look, so that
    there is one in each look only while events are sent or the queues change.
    """

    def __init__(self, settings: ServiceSettings, counters: Counters) -> None:
        self._settings = settings
        self._counters = counters
        self._seen: tuple[object, ...] = ()
        self._due = 0.0
        self._missing: set[str] = set()

    def restore(self, connection: pika.BlockingConnection, depths: dict[str, int]) -> None:
        """Bind the queues; declare those that were missing the last time, too."""
        seen = connection, depths, self._counters.events
        if seen == self._seen and not self._missing and time.monotonic() < self._due:
            return
        self._seen, self._due = seen, time.monotonic() + BINDING_INTERVAL
        missing = bind_events(connection, self._settings)
        # Not at once: a service that deletes its queue may be about to declare it differently.
        if missing & self._missing:
            declare_events(connection, self._settings)
        self._missing = missing


def parts(config: Config) -> list[Part]:
    """The relay, and what accompanies it."""
    stop = threading.Event()
    counters = Counters()
    relay = Relay(config, stop, counters)
    bindings = Bindings(config.service, counters)
    probe = QueueProbe(config, "relay", tuple(EVENT_QUEUES.values()), stop, bindings.restore)
    reporter = Reporter(
        config,
        "relay",
        stop,
        counters,
        probe,
        is_connected=lambda: relay.connected,
        # The active relay reports for both.
        is_active=lambda: not relay.standby,
    )
    return [relay, probe, reporter]
