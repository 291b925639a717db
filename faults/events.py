"""Clients that take all events, and the list of those that were announced."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import pika
import psycopg

from position_manager.stack import rabbitmq
from position_manager.stack.stack import Stack
from position_manager.worker.broker import BROKER_ERRORS

QUEUE = "faults.events"
# Of each event that the database left in the outbox; those of the portfolio may be superseded.
LIST = """
    CREATE TABLE IF NOT EXISTS public.announced (
        id text PRIMARY KEY,
        sequence bigint NOT NULL,
        aggregate text NOT NULL
    );
    TRUNCATE public.announced;
    CREATE OR REPLACE FUNCTION public.announce() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        INSERT INTO public.announced
        SELECT a.id::text, a.sequence, a.aggregateid
        FROM added a
        WHERE a.type <> 'portfolio_updated';
        RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER announced AFTER INSERT ON pms.outbox
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.announce();
"""
UNLIST = "DROP TRIGGER announced ON pms.outbox; DROP TABLE public.announced"
ADD = "INSERT INTO public.announced SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[])"
ALL = "SELECT a.id, a.sequence, a.aggregate FROM public.announced a"
ANNOUNCED = "SELECT a.id, a.aggregate FROM public.announced a ORDER BY a.sequence"


@contextmanager
def set_aside(stack: Stack) -> Iterator[None]:
    """Have the database without the list, also when another takes its place meanwhile."""
    dsn = stack.context.dsn()
    with psycopg.connect(dsn, autocommit=True) as connection:
        rows = connection.execute(ALL).fetchall()
        connection.execute(UNLIST)
    yield
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(LIST)
        connection.execute(ADD, [[row[column] for row in rows] for column in range(3)])


class Arrivals:
    """The events that arrived.

    Events are sent at least once, so one may arrive again under its id, but neither with another
    body nor under another id for the same change. A restored backup numbers an event again, which
    then has another cursor.
    """

    def __init__(self) -> None:
        # In the order of their first arrival.
        self.bodies: dict[str, dict[str, Any]] = {}
        self.repeats: Counter[str] = Counter()
        self.doubled: list[str] = []
        self._ids: dict[Hashable, str] = {}

    def take(self, id: str, event: dict[str, Any]) -> None:
        """Add an event."""
        del event["cursor"]
        known = self.bodies.setdefault(id, event)
        if known is not event:
            self.repeats[id] += 1
            if known != event:
                self.doubled.append(f"{id} has two bodies")
            return
        change = _change_of(event)
        first = self._ids.setdefault(change or id, id)
        if first != id:
            self.doubled.append(f"{first} and {id} announce the same: {change}")


def _change_of(event: dict[str, Any]) -> Hashable:
    """What only one event announces; None for an event that announces a state."""
    if "snapshot_id" in event:
        return ("snapshot", event["snapshot_id"])
    if "version" in event:
        names = ("event_type", "update_source", "epoch", "position_id", "version")
        return tuple(event[name] for name in names)
    return None


class Watcher(threading.Thread):
    """A client that takes every event."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._stopping = threading.Event()
        self._watching = threading.Event()
        self.arrivals = Arrivals()

    def start(self) -> None:
        super().start()
        self._watching.wait(30)

    def stop(self) -> None:
        self._stopping.set()
        self.join(1)

    def missing(self, connection: psycopg.Connection[Any]) -> set[str]:
        """The announced events that have not arrived."""
        return {
            id for id, _ in connection.execute(ANNOUNCED).fetchall()
        } - self.arrivals.bodies.keys()

    def out_of_order(self, connection: psycopg.Connection[Any]) -> list[str]:
        """The events that first arrived after a later one of the same position or account."""
        arrival = {id: place for place, id in enumerate(list(self.arrivals.bodies))}
        newest: dict[str, int] = {}
        wrong = []
        for id, aggregate in connection.execute(ANNOUNCED).fetchall():
            if id in arrival:
                if arrival[id] < newest.get(aggregate, -1):
                    wrong.append(id)
                newest[aggregate] = max(arrival[id], newest.get(aggregate, -1))
        return wrong


class Subscriber(Watcher):
    """Takes the events of the exchange, through failures of the broker."""

    def __init__(self, stack: Stack) -> None:
        super().__init__("subscriber")
        self._parameters = pika.URLParameters(rabbitmq.url(stack.context))
        self._exchange = stack.context.service.events_exchange

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                with pika.BlockingConnection(self._parameters) as connection:
                    self._consume(connection)
            except BROKER_ERRORS:
                time.sleep(0.3)

    def _consume(self, connection: pika.BlockingConnection) -> None:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_bind(QUEUE, self._exchange, "#")
        self._watching.set()
        for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.5):
            if method is not None:
                self.arrivals.take(properties.message_id, json.loads(body))
                channel.basic_ack(method.delivery_tag)
            if self._stopping.is_set():
                return
