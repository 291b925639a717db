"""Bring the messages into the neighbours' queues, whatever happens to the broker meanwhile.

The neighbours send order events as transient messages, which a broker that is killed forgets; here
all are persistent, and what the broker has not confirmed is sent again: a message may come twice,
never not at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pika

from position_manager.config.service import ServiceSettings
from position_manager.simulation.facts import Message, Queue
from position_manager.worker import broker
from position_manager.worker.publisher import Outgoing, Publisher

BATCH = 1000
PATIENCE = 90.0
PAUSE = 0.3
PERSISTENT = pika.BasicProperties(
    delivery_mode=pika.DeliveryMode.Persistent, content_type="application/json"
)


class DeliveryError(Exception):
    """The broker cannot be found, or was away for too long."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the neighbours' queues are called here."""

    by_role: dict[Queue, str]

    @classmethod
    def of(cls, settings: ServiceSettings) -> Names:
        """As configured; a feed of one queue gets all its messages there."""
        return cls(
            {
                Queue.ORDER_EVENTS: settings.order_queues[0],
                Queue.ORDER_EXECUTED: settings.order_queues[-1],
                Queue.POSITION: settings.position_queues[0],
                Queue.TICKER: settings.price_queues[0],
            }
        )

    def declarations(self) -> Iterator[broker.Queue]:
        """The queues as the neighbours declare them."""
        for role, name in self.by_role.items():
            of_gateway = role in (Queue.POSITION, Queue.TICKER)
            yield broker.Queue(name, dict(broker.GATEWAY_QUEUE) if of_gateway else {})


def batches(messages: Iterable[Message], limit: int = BATCH) -> Iterator[list[Message]]:
    """Cut so that a batch never holds two messages that must arrive in their order.

    A batch is sent again as a whole: what a message follows has then long been confirmed, and
    cannot be overtaken.
    """
    batch: list[Message] = []
    followed: set[str] = set()
    for message in messages:
        if len(batch) == limit or message.follows in followed:
            yield batch
            batch, followed = [], set()
        batch.append(message)
        if message.follows is not None:
            followed.add(message.follows)
    if batch:
        yield batch


class Delivery:
    """Publishes with confirms; connects again as often as it takes."""

    def __init__(self, url: str, names: Names) -> None:
        self._parameters = _parameters(url)
        self._names = names
        self._publisher: Publisher | None = None
        self.interruptions = 0

    def connect(self) -> None:
        """Fail now, rather than wait, when there is no broker."""
        self._connected()

    def send(self, batch: list[Message]) -> None:
        """Return once the broker has taken charge of all of them."""
        waiting = [
            Outgoing("", self._names.by_role[each.queue], each.body, PERSISTENT, False)
            for each in batch
        ]
        deadline = time.monotonic() + PATIENCE
        while waiting:
            try:
                confirmed = self._connected().publish(waiting)
            except broker.BROKER_ERRORS as error:
                self._recover(error, deadline)
                continue
            waiting = [each for each, taken in zip(waiting, confirmed, strict=True) if not taken]

    def depth(self) -> int | None:
        """How many messages wait in the neighbours' queues; None when nobody can tell now."""
        try:
            with pika.BlockingConnection(self._parameters) as connection:
                return sum(broker.depths(connection, [*self._names.by_role.values()]).values())
        except broker.BROKER_ERRORS:
            return None

    def close(self) -> None:
        """Give the connection up."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def _connected(self) -> Publisher:
        if self._publisher is None:
            with pika.BlockingConnection(self._parameters) as connection:
                for queue in self._names.declarations():
                    broker.declare_queue(connection, queue)
            self._publisher = Publisher(self._parameters)
        return self._publisher

    def _recover(self, error: Exception, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise DeliveryError(f"the broker did not come back: {error}") from error
        if self._publisher is not None:
            self.interruptions += 1
        self.close()
        time.sleep(PAUSE)


def _parameters(url: str) -> pika.URLParameters:
    try:
        parameters = pika.URLParameters(url)
    except (TypeError, ValueError) as error:
        # What pika makes of a URL without a password, or with a port that is no number.
        raise DeliveryError("not an AMQP URL with user and password") from error
    parameters.heartbeat = broker.HEARTBEAT
    parameters.socket_timeout = broker.SOCKET_TIMEOUT
    parameters.client_properties = {"connection_name": "position-manager demo"}
    return parameters
