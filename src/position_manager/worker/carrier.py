"""A feed on its way to the shards: consumed from the neighbors' queues, sent by a courier.

A message is acknowledged after the broker has confirmed that a queue of its shard has it; after a
failure in between it is sent again, and the database of the shard recognizes it as a duplicate.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from position_manager.config.environment import Config
from position_manager.worker.backoff import Backoff
from position_manager.worker.broker import BROKER_ERRORS, Queue, parameters
from position_manager.worker.consumer import Consumer, Delivery
from position_manager.worker.courier import Courier, Parcel, parcel_of
from position_manager.worker.logging import error_fields, get_logger
from position_manager.worker.process import Part
from position_manager.worker.publisher import Publisher
from position_manager.worker.report import Counters
from position_manager.worker.shard_bindings import Bindings
from position_manager.worker.shard_queues import routing_key

logger = get_logger(__name__)

IDLE_WAIT = 0.2


class Carrier(Part, ABC):
    """Carries the messages of a feed to the shards.

    `kept`: how many of them it keeps unacknowledged beside its batches.
    """

    def __init__(
        self,
        name: str,
        queues: Sequence[Queue],
        config: Config,
        bindings: Bindings,
        counters: Counters,
        stop: threading.Event,
        kept: int = 0,
    ) -> None:
        super().__init__(name, stop)
        self.connected = False
        self._counters = counters
        self._queues = queues
        self._settings = config.service
        self._user = config.rabbitmq.user
        self._kept = kept
        self._bindings = bindings
        self._map = bindings.map
        self._parameters = parameters(
            config.rabbitmq, f"{config.service.service_name} split {name}"
        )
        self._courier = Courier(name, config.service)

    @abstractmethod
    def _take(self, batch: Sequence[Delivery]) -> tuple[list[Parcel], list[Delivery]]:
        """Read a batch; return the messages to send, and the deliveries to acknowledge now."""

    def _due(self) -> list[Parcel]:
        """The messages that were kept and are to be sent now."""
        return []

    @property
    def _patience(self) -> float:
        """The seconds to wait for messages."""
        return IDLE_WAIT

    @property
    def _keeps(self) -> bool:
        """Whether deliveries that were removed from the consumer are unacknowledged."""
        return self._courier.waiting > 0

    @property
    def _is_full(self) -> bool:
        """Whether no more messages are to be taken."""
        return self._courier.is_full

    def _detach(self) -> None:
        """The deliveries ended with their connection; the messages stay."""
        self._courier.detach()

    def work(self) -> None:
        """Carry until asked to stop; reconnect after each failure of the broker."""
        backoff = Backoff.configured(self._settings)
        while self.running():
            if not self._bindings.bound.wait(IDLE_WAIT):
                continue
            try:
                self._session(backoff)
            except BROKER_ERRORS as error:
                self.connected = False
                delay = backoff.next()
                logger.warning(
                    "broker failed, will reconnect",
                    feed=self.name,
                    retry_in_ms=round(delay * 1000),
                    **error_fields(error),
                )
                self.stop.wait(delay)

    def _session(self, backoff: Backoff) -> None:
        """Carry on one connection to each side until one fails or the feed stops."""
        publisher = Publisher(self._parameters)
        try:
            consumer = Consumer(
                self._parameters, self._queues, self._settings, whole=True, kept=self._kept
            )
            try:
                consumer.subscribe()
                backoff.reset()
                self.connected = True
                names = [queue.name for queue in self._queues]
                logger.info("consuming", feed=self.name, queues=names)
                self._carry(consumer, publisher)
            except BROKER_ERRORS:
                self._save(consumer)
                raise
            finally:
                self._detach()
                consumer.close()
        finally:
            publisher.close()

    def _carry(self, consumer: Consumer, publisher: Publisher) -> None:
        while self.running():
            consumer.check()
            publisher.pump()
            self._follow_map()
            if self._courier.is_due:
                self._acknowledge(consumer, self._courier.retry(publisher))
            is_full = self._is_full
            consumer.wait(0 if consumer.waiting and not is_full else self._patience)
            if not self.stop.is_set():
                self._send(consumer, publisher, [] if is_full else consumer.batch())
            if self._courier.waiting:
                self._bindings.repair()

    def _send(self, consumer: Consumer, publisher: Publisher, batch: Sequence[Delivery]) -> None:
        """Send a batch, and what is due."""
        began = time.monotonic()
        parcels, settled = self._take(batch)
        consumer.remove(batch)
        parcels += self._due()
        if not batch and not parcels:
            return
        sent = self._courier.send(publisher, parcels)
        self._acknowledge(consumer, [*settled, *sent])
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        # Ingest beside it has the names of the feeds.
        outcomes = {"sent": len(sent), "superseded": len(settled)}
        self._counters.batch(f"split_{self.name}", outcomes, milliseconds)
        logger.info("split", feed=self.name, size=len(batch), sent=len(sent), ms=milliseconds)

    def _acknowledge(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        if self._keeps:
            consumer.acknowledge_each(deliveries)
        elif deliveries:
            # Nothing that was removed from the consumer is left.
            consumer.acknowledge([max(deliveries, key=lambda delivery: delivery.tag)])

    def _parcel(self, delivery: Delivery, account: str | None) -> Parcel:
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
            parcels, _ = self._take(batch)
            self._courier.add(parcels)
            consumer.remove(batch)
