"""Consume messages from queues in the order of delivery."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import pika
from pika.channel import Channel
from pika.exceptions import AMQPChannelError

from position_manager.config.service import ServiceSettings
from position_manager.worker.broker import Queue, declare_queue
from position_manager.worker.link import Link

# A batch of several messages ends before it exceeds this size.
BATCH_MAX_BYTES = 16 * 1024 * 1024
# The next batch arrives while one is being committed. More is left to the broker: its prefetch
# counts messages, not bytes.
HELD_MAX_BYTES = 2 * BATCH_MAX_BYTES
# Of a message that cannot be read, this beginning is kept: nothing parses it again.
UNREADABLE_BYTES = 4096


class Cut(NamedTuple):
    """Size and SHA-256 of an oversized message of which only the beginning is kept."""

    size: int
    digest: bytes


class Delivery(NamedTuple):
    """A delivered message."""

    queue: str
    tag: int
    properties: pika.BasicProperties
    body: bytes
    cut: Cut | None = None

    @property
    def size(self) -> int:
        """The size of the whole message."""
        return len(self.body) if self.cut is None else self.cut.size

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the whole message."""
        return sha256(self.body).digest() if self.cut is None else self.cut.digest


class ConsumerCancelled(AMQPChannelError):  # type: ignore[misc]
    """The broker ended a subscription, for example because its queue was deleted."""


class Consumer(Link):
    """Subscriptions to queues on one channel, so that one acknowledgment covers a batch."""

    def __init__(
        self,
        parameters: pika.ConnectionParameters,
        queues: Sequence[Queue],
        settings: ServiceSettings,
        whole: bool = False,
        kept: int = 0,
    ) -> None:
        """`whole`: oversized messages are not cut.

        `kept`: how many messages stay unacknowledged beside the batches.
        """
        with pika.BlockingConnection(parameters) as connection:
            for queue in queues:
                declare_queue(connection, queue)
        super().__init__(parameters)
        self._queues = [queue.name for queue in queues]
        self._batch_size = settings.batch_size
        # The next batch arrives while one is being committed.
        self._prefetch = 2 * settings.batch_size + kept
        self._max_bytes = math.inf if whole else settings.message_max_bytes
        self._inbox: list[Delivery] = []
        self._held_bytes = 0
        self._is_cancelled = False
        self._wakes = 0
        self._woken = threading.Event()
        # Often enough for the heartbeat.
        self._full_wait = parameters.heartbeat / 4

    def subscribe(self) -> None:
        """Subscribe to the queues; raises AMQPConnectionError when that fails."""
        self._connect()

    def wait(self, seconds: float) -> None:
        """Process events of the connection, for at most `seconds`."""
        if self._held_bytes > HELD_MAX_BYTES:
            # Unread messages stay with the broker, which stops sending when the socket is full.
            self._woken.wait(min(seconds, self._full_wait))
            seconds = 0
        self._woken.clear()
        if seconds == 0:
            self._poll()
            return
        before = len(self._inbox), self._wakes
        self._wait_for(lambda: (len(self._inbox), self._wakes) != before, seconds)

    def wake(self) -> None:
        """End a :meth:`wait`, from another thread."""
        self._woken.set()
        self._connection.ioloop.add_callback_threadsafe(self._on_wake)

    def check(self) -> None:
        """Raise ConsumerCancelled when the broker has ended a subscription."""
        if self._is_cancelled:
            raise ConsumerCancelled("the broker ended a subscription")

    @property
    def waiting(self) -> int:
        """The number of delivered messages that were not removed yet."""
        return len(self._inbox)

    @property
    def held_bytes(self) -> int:
        """The size of their bodies."""
        return self._held_bytes

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
        self._held_bytes -= sum(len(delivery.body) for delivery in batch)

    def acknowledge(self, batch: Sequence[Delivery]) -> None:
        """Acknowledge a batch to the broker, and all that was delivered before it."""
        assert self._channel is not None
        self._channel.basic_ack(batch[-1].tag, multiple=True)

    def acknowledge_each(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge these deliveries alone."""
        assert self._channel is not None
        for delivery in deliveries:
            self._channel.basic_ack(delivery.tag)

    def _prepare(self, channel: Channel) -> None:
        channel.basic_qos(prefetch_count=self._prefetch, callback=lambda _: self._consume(channel))

    def _consume(self, channel: Channel) -> None:
        channel.add_on_cancel_callback(self._on_cancel)
        for queue in self._queues:
            # Ready with the first answer: large messages may come before the next one.
            channel.basic_consume(
                queue, self._receiver(queue), callback=lambda _: self._ready(channel)
            )

    def _receiver(self, queue: str) -> Any:
        def receive(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
            cut = None
            if len(body) > self._max_bytes:
                cut = Cut(len(body), sha256(body).digest())
                body = body[:UNREADABLE_BYTES]
            self._inbox.append(Delivery(queue, method.delivery_tag, properties, body, cut))
            self._held_bytes += len(body)
            self._stop_when_finished()

        return receive

    def _on_wake(self) -> None:
        self._wakes += 1
        self._stop_when_finished()

    def _on_cancel(self, _frame: Any) -> None:
        self._is_cancelled = True
        self._stop_when_finished()
