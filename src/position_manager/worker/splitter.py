"""The splitter: carries messages from the neighbors' queues to those of the shards, unchanged.

Each feed has a thread with its own connections. A message is acknowledged after the broker has
confirmed that a queue of its shard has it; after a failure in between it is sent again, and the
database of the shard recognizes it as a duplicate. The messages of an account keep their order,
unless several splitters consume one queue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from position_manager.config.environment import Config
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import ConfigError, env_name
from position_manager.config.shard_map import WatchedMap
from position_manager.worker.backoff import Backoff
from position_manager.worker.broker import BROKER_ERRORS, Queue, parameters
from position_manager.worker.consumer import Consumer, Delivery
from position_manager.worker.courier import Courier, Parcel, parcel_of
from position_manager.worker.feeds import account_in, upstream_queues
from position_manager.worker.logging import error_fields, get_logger
from position_manager.worker.process import Part
from position_manager.worker.publisher import Publisher
from position_manager.worker.shard_bindings import Bindings
from position_manager.worker.shard_queues import routing_key

logger = get_logger(__name__)

IDLE_WAIT = 0.2


class Splitter(Part):
    """A feed of the splitter."""

    def __init__(
        self,
        name: str,
        queues: Sequence[Queue],
        config: Config,
        bindings: Bindings,
        stop: threading.Event,
    ) -> None:
        super().__init__(name, stop)
        self._queues = queues
        self._settings = config.service
        self._user = config.rabbitmq.user
        self._bindings = bindings
        self._map = bindings.map
        self._parameters = parameters(
            config.rabbitmq, f"{config.service.service_name} split {name}"
        )
        self._courier = Courier(name, config.service)

    def work(self) -> None:
        """Split until asked to stop; reconnect after each failure of the broker."""
        backoff = Backoff.configured(self._settings)
        while self.running():
            if not self._bindings.bound.wait(IDLE_WAIT):
                continue
            try:
                self._session(backoff)
            except BROKER_ERRORS as error:
                delay = backoff.next()
                logger.warning(
                    "broker failed, will reconnect",
                    feed=self.name,
                    retry_in_ms=round(delay * 1000),
                    **error_fields(error),
                )
                self.stop.wait(delay)

    def _session(self, backoff: Backoff) -> None:
        """Split on one connection to each side until one fails or the feed stops."""
        publisher = Publisher(self._parameters)
        try:
            consumer = Consumer(self._parameters, self._queues, self._settings, whole=True)
            try:
                consumer.subscribe()
                backoff.reset()
                names = [queue.name for queue in self._queues]
                logger.info("consuming", feed=self.name, queues=names)
                self._split(consumer, publisher)
            except BROKER_ERRORS:
                self._save(consumer)
                raise
            finally:
                self._courier.detach()
                consumer.close()
        finally:
            publisher.close()

    def _split(self, consumer: Consumer, publisher: Publisher) -> None:
        while self.running():
            consumer.check()
            publisher.pump()
            self._follow_map()
            if self._courier.is_due:
                self._acknowledge(consumer, self._courier.retry(publisher))
            is_full = self._courier.is_full
            consumer.wait(0 if consumer.waiting and not is_full else IDLE_WAIT)
            batch = [] if is_full else consumer.batch()
            if batch and not self.stop.is_set():
                began = time.monotonic()
                parcels = [self._parcel(delivery) for delivery in batch]
                consumer.remove(batch)
                self._acknowledge(consumer, self._courier.send(publisher, parcels))
                milliseconds = round((time.monotonic() - began) * 1000, 1)
                logger.info("split", feed=self.name, size=len(batch), ms=milliseconds)
            if self._courier.waiting:
                self._bindings.repair()

    def _acknowledge(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        if self._courier.waiting:
            consumer.acknowledge_each(deliveries)
        elif deliveries:
            # Nothing that was removed from the consumer is left.
            consumer.acknowledge([max(deliveries, key=lambda delivery: delivery.tag)])

    def _parcel(self, delivery: Delivery) -> Parcel:
        account = account_in(self.name, delivery.body, self._settings.message_max_bytes)
        return parcel_of(delivery, account, self._key(account), self._user)

    def _key(self, account: str | None) -> str:
        return routing_key(self.name, account, self._map)

    def _follow_map(self) -> None:
        """Route by the present map, also the messages that wait."""
        if self._map is not self._bindings.map:
            self._map = self._bindings.map
            self._courier.readdress(self._key)

    def _save(self, consumer: Consumer) -> None:
        """Keep the messages that were delivered: a broker that restarts has lost transient ones."""
        while batch := consumer.batch():
            self._courier.add([self._parcel(delivery) for delivery in batch])
            consumer.remove(batch)


def parts(config: Config) -> list[Part]:
    """The feeds, and the bindings of their queues. Raises ConfigError without a map."""
    file = config.service.shard_map
    if file is None:
        raise ConfigError(f"{env_name(ServiceSettings, 'shard_map')} is required by split")
    stop = threading.Event()
    bindings = Bindings(config, WatchedMap(file), stop)
    feeds = [
        Splitter(name, queues, config, bindings, stop)
        for name, queues in upstream_queues(config).items()
    ]
    return [bindings, *feeds]
