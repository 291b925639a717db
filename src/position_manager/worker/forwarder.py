"""Messages of another shard, which the map of the database no longer has here, go to that one.

Such a message was routed by another version of the map than the database has. It is acknowledged
once the queue of the other shard has it, and never a dead letter. Shards that disagree send it to
each other: after MAX_HOPS it waits before each further step.
"""

from __future__ import annotations

import time

from position_manager.config.environment import Config
from position_manager.config.settings import MAX_SHARD
from position_manager.worker.broker import BROKER_ERRORS, parameters
from position_manager.worker.consumer import Delivery
from position_manager.worker.courier import Courier, hops_of, parcel_of
from position_manager.worker.feeds import account_in
from position_manager.worker.logging import error_fields, get_logger
from position_manager.worker.producers import DEFAULT_ACCOUNT
from position_manager.worker.publisher import Publisher
from position_manager.worker.shard_queues import bucket_key, pinned_key

logger = get_logger(__name__)

MAX_HOPS = 5
# The steps after which the delay is the longest; it doubles with each.
DOUBLINGS = 16


class Forwarder:
    """Sends the misdirected messages of a feed, on a connection for each time."""

    def __init__(self, feed: str, config: Config) -> None:
        self._feed = feed
        self._settings = config.service
        self._user = config.rabbitmq.user
        title = f"{config.service.service_name} ingest {feed} forwarder"
        self._parameters = parameters(config.rabbitmq, title)
        self._courier = Courier(feed, config.service)

    @property
    def is_full(self) -> bool:
        """Whether the feed has to wait as well, for the number of messages that do."""
        return self._courier.is_full

    def tags(self) -> set[int]:
        """The tags of the deliveries that wait."""
        return self._courier.tags()

    def detach(self) -> None:
        """The connection of the deliveries has ended: they cannot be acknowledged."""
        self._courier.detach()

    def add(self, delivery: Delivery, shard: str | None) -> None:
        """Have a message sent to the shard that the database named, else to that of its bucket."""
        hops = hops_of(delivery) + 1
        if shard is not None and shard.isascii() and shard.isdigit() and int(shard) <= MAX_SHARD:
            key = pinned_key(self._feed, int(shard))
        else:
            limit = self._settings.message_max_bytes
            account = account_in(self._feed, delivery.body, limit)
            key = bucket_key(self._feed, account or DEFAULT_ACCOUNT)
        due = time.monotonic() + self._delay(hops, key)
        self._courier.add([parcel_of(delivery, None, key, self._user, hops, due)])

    def _delay(self, hops: int, key: str) -> float:
        """The seconds before a further step of a message."""
        if hops <= MAX_HOPS:
            return 0.0
        steps = min(hops - MAX_HOPS, DOUBLINGS)
        base = self._settings.optimistic_lock_backoff_base / 1000
        delay = min(base * float(2**steps), self._settings.retry_backoff_max_ms / 1000)
        logger.warning(
            "forwarded too often, will wait",
            feed=self._feed,
            key=key,
            hops=hops,
            wait_in_ms=round(delay * 1000),
        )
        return delay

    def send(self) -> list[Delivery]:
        """Send what is due; return the deliveries to acknowledge."""
        if not self._courier.is_due:
            return []
        try:
            publisher = Publisher(self._parameters)
            try:
                sent = self._courier.retry(publisher)
            finally:
                publisher.close()
        except BROKER_ERRORS as error:
            delay = self._courier.failed()
            logger.warning(
                "cannot forward, will try again",
                feed=self._feed,
                **error_fields(error),
                waiting=self._courier.waiting,
                retry_in_ms=round(delay * 1000),
            )
            return []
        return sent
