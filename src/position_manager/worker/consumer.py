"""Consume messages from queues in the order of delivery."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPChannelError, ConnectionWrongStateError

from position_manager.config.service import ServiceSettings
from position_manager.worker.broker import BROKER_ERRORS, Queue, declare_queue

# A batch of several messages ends before it exceeds this size.
BATCH_MAX_BYTES = 16 * 1024 * 1024


class Delivery(NamedTuple):
    """A delivered message."""

    queue: str
    tag: int
    properties: pika.BasicProperties
    body: bytes


class ConsumerCancelled(AMQPChannelError):  # type: ignore[misc]
    """The broker ended a subscription, for example because its queue was deleted."""


class Consumer:
    """Subscriptions to queues on one channel, so that one acknowledgment covers a batch."""

    def __init__(
        self,
        parameters: pika.ConnectionParameters,
        queues: Sequence[Queue],
        settings: ServiceSettings,
    ) -> None:
        self._batch_size = settings.batch_size
        self._inbox: list[Delivery] = []
        self._cancelled = False
        self._connection = pika.BlockingConnection(parameters)
        try:
            for queue in queues:
                declare_queue(self._connection, queue)
            self._channel = self._subscribe(queues)
        except BaseException:
            self.close()
            raise

    def wait(self, seconds: float) -> None:
        """Process events of the connection, for at most `seconds`."""
        self._connection.process_data_events(seconds)

    def wake(self) -> None:
        """End a :meth:`wait`, from another thread."""
        # On a lost connection wait() raises anyway.
        with contextlib.suppress(ConnectionWrongStateError):
            self._connection.add_callback_threadsafe(lambda: None)

    def check(self) -> None:
        """Raise ConsumerCancelled when the broker has ended a subscription."""
        if self._cancelled:
            raise ConsumerCancelled("the broker ended a subscription")

    @property
    def waiting(self) -> int:
        """The number of delivered messages that were not removed yet."""
        return len(self._inbox)

    def batch(self) -> list[Delivery]:
        """The oldest delivered messages, at most a full batch."""
        taken: list[Delivery] = []
        size = 0
        for delivery in self._inbox[: self._batch_size]:
            size += len(delivery.body)
            if taken and size > BATCH_MAX_BYTES:
                break
            taken.append(delivery)
        return taken

    def remove(self, batch: Sequence[Delivery]) -> None:
        """Remove a processed batch; it is not returned again, even if the connection is lost."""
        del self._inbox[: len(batch)]

    def acknowledge(self, batch: Sequence[Delivery]) -> None:
        """Acknowledge a batch to the broker."""
        self._channel.basic_ack(batch[-1].tag, multiple=True)

    def close(self) -> None:
        """Close the connection; unacknowledged messages return to their place in the queue."""
        # A connection that fails while closing is closed.
        with contextlib.suppress(*BROKER_ERRORS):
            self._connection.close()

    def _subscribe(self, queues: Sequence[Queue]) -> BlockingChannel:
        channel = self._connection.channel()
        # The next batch arrives while one is being committed.
        channel.basic_qos(prefetch_count=2 * self._batch_size)
        channel.add_on_cancel_callback(self._on_cancel)
        for queue in queues:
            channel.basic_consume(queue.name, self._receiver(queue.name))
        return channel

    def _receiver(self, queue: str) -> Any:
        append = self._inbox.append

        def receive(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
            append(Delivery(queue, method.delivery_tag, properties, body))

        return receive

    def _on_cancel(self, _frame: Any) -> None:
        self._cancelled = True
