"""Messages on their way to shards: each is kept until the broker has confirmed it.

A message that reaches no queue, or is refused by one, waits with backoff, and later ones with its
key wait behind it; those of other keys do not. If the key is bound meanwhile, a message that was
under way at that time can be in front of those that waited.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pika

from position_manager.config.service import ServiceSettings
from position_manager.worker.backoff import Backoff
from position_manager.worker.consumer import HELD_MAX_BYTES, Delivery
from position_manager.worker.copies import copied
from position_manager.worker.logging import get_logger
from position_manager.worker.producers import PRODUCER, producer_of
from position_manager.worker.publisher import Answer, Outgoing, Publisher
from position_manager.worker.shard_queues import EXCHANGE

logger = get_logger(__name__)

# How often a shard has sent the message on to another.
HOPS = "x-hops"
# Properties of a copy, which have to fit into one frame of the broker.
MAX_PROPERTIES_BYTES = 100_000
# The keys of a log entry.
MAX_KEYS = 5


class Parcel(NamedTuple):
    """A message for a shard, and the delivery that it acknowledges; None: it has ended."""

    message: Outgoing
    delivery: Delivery | None
    account: str | None
    # When to send it, by the monotonic clock.
    due: float = 0.0

    @property
    def key(self) -> str:
        """The routing key."""
        return self.message.routing_key


class Courier:
    """Sends the messages of a feed in order, and keeps what the broker does not confirm."""

    def __init__(self, feed: str, settings: ServiceSettings) -> None:
        self._feed = feed
        self._backoff = Backoff.configured(settings)
        self._retry_at = 0.0
        self._waiting: list[Parcel] = []
        self._most = 2 * settings.batch_size

    @property
    def waiting(self) -> int:
        """The number of messages that are not confirmed."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether no more should be added: then messages are left to the broker."""
        # Nearly always none waits.
        return bool(self._waiting) and (
            len(self._waiting) >= self._most
            or sum(len(parcel.message.body) for parcel in self._waiting) > HELD_MAX_BYTES
        )

    @property
    def is_due(self) -> bool:
        """Whether messages wait whose time has come."""
        now = time.monotonic()
        return now >= self._retry_at and any(parcel.due <= now for parcel in self._waiting)

    def holds_up(self, key: str) -> bool:
        """Whether messages with this key wait, and further ones behind them."""
        return any(parcel.key == key for parcel in self._waiting)

    def tags(self) -> set[int]:
        """The tags of the deliveries that wait."""
        return {each.delivery.tag for each in self._waiting if each.delivery is not None}

    def add(self, parcels: Sequence[Parcel]) -> None:
        """Keep messages until they are due."""
        self._waiting += parcels

    def detach(self) -> None:
        """The deliveries ended with their connection: send the messages without acknowledgment.

        A transient message is lost with its broker; then this is the only copy.
        """
        self._waiting = [parcel._replace(delivery=None) for parcel in self._waiting]

    def readdress(self, key: Callable[[str | None], str]) -> None:
        """Give the messages that wait new keys, by their accounts."""
        self._waiting = [
            parcel._replace(message=parcel.message._replace(routing_key=key(parcel.account)))
            for parcel in self._waiting
        ]

    def send(self, publisher: Publisher, parcels: Sequence[Parcel]) -> list[Delivery]:
        """Send new messages; return the deliveries to acknowledge. Raises those of BROKER_ERRORS.

        Those of a key for which others wait are kept behind them.
        """
        keys = {parcel.key for parcel in self._waiting}
        if not keys:
            return self._publish(publisher, parcels)
        self._waiting += [parcel for parcel in parcels if parcel.key in keys]
        return self._publish(publisher, [each for each in parcels if each.key not in keys])

    def retry(self, publisher: Publisher) -> list[Delivery]:
        """Send the messages that are due; return as :meth:`send` does."""
        now = time.monotonic()
        due = [parcel for parcel in self._waiting if parcel.due <= now]
        self._waiting = [parcel for parcel in self._waiting if parcel.due > now]
        return self._publish(publisher, due)

    def failed(self) -> float:
        """Wait before the next try; return the delay."""
        delay = self._backoff.next()
        self._retry_at = time.monotonic() + delay
        return delay

    def _publish(self, publisher: Publisher, parcels: Sequence[Parcel]) -> list[Delivery]:
        if not parcels:
            return []
        try:
            answers = publisher.publish([parcel.message for parcel in parcels])
        except BaseException:
            self._waiting = [*parcels, *self._waiting]
            raise
        pairs = list(zip(parcels, answers, strict=True))
        left = [parcel for parcel, answer in pairs if answer is not Answer.CONFIRMED]
        if left:
            self._waiting = [*left, *self._waiting]
            delay = self.failed()
            logger.warning(
                "not taken, will try again",
                feed=self._feed,
                returned=answers.count(Answer.RETURNED),
                refused=answers.count(Answer.REFUSED),
                waiting=len(self._waiting),
                keys=sorted({parcel.key for parcel in left})[:MAX_KEYS],
                retry_in_ms=round(delay * 1000),
            )
        elif not self._waiting:
            self._backoff.reset()
        return [
            parcel.delivery
            for parcel, answer in pairs
            if answer is Answer.CONFIRMED and parcel.delivery is not None
        ]


def parcel_of(
    delivery: Delivery, account: str | None, key: str, worker: str, hops: int = 0, due: float = 0.0
) -> Parcel:
    """The message of a delivery for a shard; `worker` is the worker's own user at the broker."""
    ours: dict[str, object] = {HOPS: hops} if hops else {}
    producer = producer_of(delivery, worker)
    if producer is not None:
        ours[PRODUCER] = producer
    properties = copied(delivery.properties, ours, MAX_PROPERTIES_BYTES)
    if properties.headers:
        _remove_forged(properties, ours)
    if producer is not None:
        # By which the broker shows the shard that the header is ours.
        properties.user_id = worker
    message = Outgoing(EXCHANGE, key, delivery.body, properties, mandatory=True)
    return Parcel(message, delivery, account, due)


def hops_of(delivery: Delivery) -> int:
    """How often shards have sent a message on."""
    hops = (delivery.properties.headers or {}).get(HOPS)
    return min(max(hops, 0), 1000) if isinstance(hops, int) else 0


def _remove_forged(properties: pika.BasicProperties, ours: dict[str, object]) -> None:
    for name in (HOPS, PRODUCER):
        if name not in ours:
            properties.headers.pop(name, None)
