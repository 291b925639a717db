"""Deliver the messages of a session to the upstream services' queues, through broker failures.

Upstream services send order events as transient messages, which a killed broker loses. Here all
messages are persistent, and unconfirmed ones are sent again: each is delivered at least once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pika

from position_manager.config.service import ServiceSettings
from position_manager.simulation.facts import Message, Queue
from position_manager.worker import broker
from position_manager.worker.publisher import Answer, Outgoing, Publisher

BATCH = 1000
PATIENCE = 90.0
PAUSE = 0.3
HEARTBEAT = 30
PERSISTENT = pika.BasicProperties(
    delivery_mode=pika.DeliveryMode.Persistent, content_type="application/json"
)


class DeliveryError(Exception):
    """The broker is not reachable; the text says why."""


@dataclass(frozen=True, slots=True)
class QueueNames:
    """The configured names of the upstream services' queues."""

    by_role: dict[Queue, str]

    @classmethod
    def of(cls, settings: ServiceSettings) -> QueueNames:
        """The names of `settings`; a feed with a single queue gets all its messages there."""
        return cls(
            {
                Queue.ORDER_EVENTS: settings.order_queues[0],
                Queue.ORDER_EXECUTED: settings.order_queues[-1],
                Queue.POSITION: settings.position_queues[0],
                Queue.TICKER: settings.price_queues[0],
            }
        )

    def declarations(self) -> Iterator[broker.Queue]:
        """The queues with the arguments that the upstream services declare."""
        for role, name in self.by_role.items():
            of_gateway = role in (Queue.POSITION, Queue.TICKER)
            yield broker.Queue(name, dict(broker.GATEWAY_QUEUE) if of_gateway else {})


def batches(messages: Iterable[Message], limit: int = BATCH) -> Iterator[list[Message]]:
    """Split messages into batches of at most `limit` in which no two depend on their order.

    A batch can be resent as a whole: the predecessor of each message has been confirmed in an
    earlier batch, so a repeated message cannot overtake it.
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
    """A publisher with confirms that reconnects after failures."""

    def __init__(self, url: str, names: QueueNames) -> None:
        self._parameters = _parameters(url)
        self._names = names
        self._publisher: Publisher | None = None
        self.interruptions = 0

    def connect(self) -> None:
        """Connect; raises an error of BROKER_ERRORS at once when there is no broker."""
        self._connected()

    def send(self, batch: list[Message]) -> None:
        """Publish a batch; return once the broker has confirmed all messages.

        Raises DeliveryError when the broker stays unavailable.
        """
        waiting = [
            Outgoing("", self._names.by_role[each.queue], each.body, PERSISTENT, False)
            for each in batch
        ]
        deadline = time.monotonic() + PATIENCE
        while waiting:
            try:
                answers = self._connected().publish(waiting)
            except broker.BROKER_ERRORS as error:
                self._recover(error, deadline)
                continue
            waiting = [
                each
                for each, answer in zip(waiting, answers, strict=True)
                if answer is not Answer.CONFIRMED
            ]

    def depth(self) -> int | None:
        """The number of messages waiting in the queues; None when the broker does not answer."""
        try:
            with pika.BlockingConnection(self._parameters) as connection:
                return sum(broker.depths(connection, [*self._names.by_role.values()]).values())
        except broker.BROKER_ERRORS:
            return None

    def close(self) -> None:
        """Close the connection."""
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
            raise DeliveryError(f"the broker is still unavailable: {error}") from error
        if self._publisher is not None:
            self.interruptions += 1
        self.close()
        time.sleep(PAUSE)


def _parameters(url: str) -> pika.URLParameters:
    try:
        parameters = pika.URLParameters(url)
    except (TypeError, ValueError) as error:
        # pika raises these for a URL without a password, or with a port that is not a number.
        raise DeliveryError("not an AMQP URL: give amqp://USER:PASSWORD@HOST:PORT/%2F") from error
    parameters.heartbeat = HEARTBEAT
    parameters.socket_timeout = broker.SOCKET_TIMEOUT
    parameters.client_properties = {"connection_name": "position-manager demo"}
    return parameters
