"""Relay: publish the events of the log to the exchange, in order.

The log goes on without the broker; the relay has a pointer of its own in it. The pointer rises only
after the broker has answered, so an event is sent at least once; consumers drop repeats by
``message_id``. The broker refuses an event when a queue that is bound for it is full; all others
have it. It is kept for the queue of its type, and dropped if there is none.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from itertools import takewhile

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
from position_manager.worker.compat import compat
from position_manager.worker.event_log import EventLog
from position_manager.worker.events import Event, published
from position_manager.worker.logging import MAX_TRACE_IDS, error_fields, get_logger
from position_manager.worker.process import Part
from position_manager.worker.publisher import Answer, Publisher
from position_manager.worker.refused_events import RefusedEvents
from position_manager.worker.report import Counters, QueueProbe, Reporter
from position_manager.worker.webhooks.part import webhooks

logger = get_logger(__name__)

NEXT = "SELECT e.* FROM pms.unsent_events(%(limit)s) e"
SENT = "SELECT pms.note_sent_events(%(number)s)"

IDLE_WAIT = 1.0
# Seconds between two bindings of the queues while nothing happens.
BINDING_INTERVAL = 10.0
LIMIT_FACTS = ("limit_id", "limit", "value", "peak_value")
FAILURE_FACTS = ("reason", "subject", "detail")
# Events that also go to the log, for operators, and what of them.
LOGGED = {
    "limit_breached": LIMIT_FACTS,
    "limit_cleared": LIMIT_FACTS,
    "service_failed": FAILURE_FACTS,
    "service_recovered": FAILURE_FACTS,
}


class NotTaken(OSError):
    """The queue of an event is missing."""


class Relay(Part):
    """Publishes the events of the log while this process is the one that numbers them."""

    def __init__(self, config: Config, log: EventLog, counters: Counters) -> None:
        super().__init__("relay", log.stop)
        self.connected = False
        self._log = log
        self._settings = config.service
        self._counters = counters
        title = f"{config.service.service_name} relay"
        self._parameters = parameters(config.rabbitmq, title)
        self._database = db.Database(config.postgres, title)

    def work(self) -> None:
        """Relay until asked to stop; reconnect after every failure."""
        backoff = Backoff.configured(self._settings)
        while self.running():
            try:
                if self._log.leads:
                    self._session(backoff)
                else:
                    self._wait()
            except (psycopg.Error, *BROKER_ERRORS) as error:
                self._restart(error, backoff.next())
        self._database.close()

    def _session(self, backoff: Backoff) -> None:
        """Relay on one connection to each side until one fails or another process takes over."""
        connection = self._database.connection()
        with pika.BlockingConnection(self._parameters) as setup:
            declare_events(setup, self._settings)
        publisher = Publisher(self._parameters)
        try:
            self.connected = True
            logger.info("relaying", exchange=self._settings.events_exchange)
            refused = RefusedEvents(self._settings)
            while self.running() and self._log.leads:
                refused.send(connection, publisher)
                if not self._relay_batch(connection, publisher, refused):
                    publisher.pump()
                    self._wait()
                backoff.reset()
        finally:
            self.connected = False
            publisher.close()

    def _wait(self) -> None:
        """Wait until the log may have grown."""
        self._log.grown.wait(IDLE_WAIT)
        # Before the next look: what is logged during it sets this again.
        self._log.grown.clear()

    def _relay_batch(
        self, connection: db.Connection, publisher: Publisher, refused: RefusedEvents
    ) -> int:
        """Publish the oldest events; return their number. Raises NotTaken for returned ones."""
        began = time.monotonic()
        with connection.cursor(row_factory=class_row(Event)) as cursor:
            events = cursor.execute(NEXT, {"limit": self._settings.batch_size}).fetchall()
        if not events:
            return 0
        exchange = self._settings.events_exchange
        answers = publisher.publish([published(event, exchange) for event in events])
        # What follows one that was returned is sent again: the pointer stays in front of that.
        taken = list(
            takewhile(
                lambda pair: pair[1] is not Answer.RETURNED, zip(events, answers, strict=True)
            )
        )
        if kept := [event for event, answer in taken if answer is Answer.REFUSED]:
            refused.keep(connection, kept)
        if taken:
            connection.execute(SENT, {"number": taken[-1][0].number})
            self._note([event for event, _ in taken], len(kept), began)
        if len(taken) < len(events):
            raise NotTaken(f"{answers.count(Answer.RETURNED)} events have no queue")
        return len(events)

    def _note(self, events: Sequence[Event], refused: int, began: float) -> None:
        """Count and log events that were sent; refused by one queue, they are in all others."""
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        self._counters.published(len(events) - refused, milliseconds)
        for event in events:
            if (facts := LOGGED.get(event.type)) is not None:
                payload = json.loads(event.payload)
                logger.warning(event.type, **{name: payload[name] for name in facts})
        logger.info(
            "published",
            size=len(events) - refused,
            refused=refused,
            ms=milliseconds,
            trace_ids=[event.trace_id for event in events if event.trace_id][:MAX_TRACE_IDS],
        )

    def _restart(self, error: Exception, delay: float) -> None:
        fields = db.describe(error) if isinstance(error, psycopg.Error) else error_fields(error)
        logger.warning("relay failed, will restart", retry_in_ms=round(delay * 1000), **fields)
        self._database.close()
        self.stop.wait(delay)


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
    """The log and the relay, and what accompanies them."""
    stop = threading.Event()
    counters = Counters()
    log = EventLog(config, stop)
    relay = Relay(config, log, counters)
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
        is_active=lambda: not log.stands_by,
        watches=True,
    )
    others = [*webhooks(config, log, counters), *compat(config, log)]
    return [log, relay, probe, reporter, *others]
