"""A subscriber to the events, and the list of those that were announced."""

from __future__ import annotations

import threading
import time
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
ANNOUNCED = "SELECT a.id, a.aggregate FROM public.announced a ORDER BY a.sequence"


class Subscriber(threading.Thread):
    """Takes every event, through failures of the broker."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(name="subscriber", daemon=True)
        self._parameters = pika.URLParameters(rabbitmq.url(stack.context))
        self._exchange = stack.context.service.events_exchange
        self._stopping = threading.Event()
        self._bound = threading.Event()
        # The bodies in the order of their first arrival.
        self.bodies: dict[str, bytes] = {}
        self.repeated = 0
        self.changed: list[str] = []

    def start(self) -> None:
        super().start()
        self._bound.wait(30)

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
        self._bound.set()
        for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.5):
            if method is not None:
                self._take(properties, body)
                channel.basic_ack(method.delivery_tag)
            if self._stopping.is_set():
                return

    def _take(self, properties: Any, body: bytes) -> None:
        known = self.bodies.setdefault(properties.message_id, body)
        if known is not body:
            self.repeated += 1
            if known != body:
                self.changed.append(properties.message_id)

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def missing(self, connection: psycopg.Connection[Any]) -> set[str]:
        """The announced events that have not arrived."""
        return {id for id, _ in connection.execute(ANNOUNCED).fetchall()} - self.bodies.keys()

    def out_of_order(self, connection: psycopg.Connection[Any]) -> list[str]:
        """The events that first arrived after a later one of the same position or account."""
        arrival = {id: place for place, id in enumerate(list(self.bodies))}
        newest: dict[str, int] = {}
        wrong = []
        for id, aggregate in connection.execute(ANNOUNCED).fetchall():
            if id in arrival:
                if arrival[id] < newest.get(aggregate, -1):
                    wrong.append(id)
                newest[aggregate] = max(arrival[id], newest.get(aggregate, -1))
        return wrong
