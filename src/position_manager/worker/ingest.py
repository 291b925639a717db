"""Ingest: carry messages from the queues to the database, in batches.

Each feed has a thread with its own connections, so a slow feed never delays another. A batch is
committed, then it is acknowledged. After a failure in between it is redelivered, and the database
recognizes its messages as duplicates. Rejected messages are published by a thread of their own.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from position_manager.config.environment import Config
from position_manager.worker.apply import TICKS, Applier, Outcome, Stopped
from position_manager.worker.backoff import Backoff
from position_manager.worker.broker import BROKER_ERRORS, Queue, parameters
from position_manager.worker.consumer import Consumer, Delivery
from position_manager.worker.database import Database
from position_manager.worker.dead_letters import DeadLetters, letter_of
from position_manager.worker.feeds import consumed_queues
from position_manager.worker.forwarder import Forwarder
from position_manager.worker.logging import MAX_TEXT, MAX_TRACE_IDS, error_fields, get_logger
from position_manager.worker.marker import Marker
from position_manager.worker.price_api import PriceApi
from position_manager.worker.process import Part
from position_manager.worker.publisher import Outgoing
from position_manager.worker.report import Counters, QueueProbe, Reporter

logger = get_logger(__name__)

IDLE_WAIT = 0.2
# Seconds between two runs of a feed's periodic task.
TICK_SECONDS = 1.0


class Feed(Part):
    """A feed: this thread serves the broker, a second one the database.

    So the next batch arrives while one is being committed, and heartbeats are answered regardless
    of how long the database takes.
    """

    def __init__(
        self,
        name: str,
        queues: Sequence[Queue],
        config: Config,
        stop: threading.Event,
        counters: Counters,
        applied: Callable[[], None],
        reject: Callable[[Outgoing], None],
    ) -> None:
        super().__init__(name, stop)
        self.connected = False
        self._applied = applied
        self._publish_letter = reject
        self._queues = queues
        self._settings = config.service
        self._counters = counters
        title = f"{config.service.service_name} ingest {name}"
        self._parameters = parameters(config.rabbitmq, title)
        self._applier = Applier(
            name,
            Database(config.postgres, title),
            stop,
            Backoff.configured(config.service),
            config.service.message_max_bytes,
            self.step,
            config.service.producer_accounts,
            config.rabbitmq.user,
        )
        self._forwarder = Forwarder(name, config)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-database")
        self._ticked_at = time.monotonic()

    def work(self) -> None:
        """Consume until asked to stop; reconnect after each failure of the broker."""
        backoff = Backoff.configured(self._settings)
        while self.running():
            try:
                self._session(backoff)
            except Stopped:
                break
            except BROKER_ERRORS as error:
                delay = backoff.next()
                logger.warning(
                    "broker failed, will reconnect",
                    feed=self.name,
                    **error_fields(error),
                    retry_in_ms=round(delay * 1000),
                )
                self.stop.wait(delay)
        self._executor.shutdown()
        self._applier.close()

    def _session(self, backoff: Backoff) -> None:
        """Consume on one connection to the broker until it fails or the feed stops."""
        consumer = Consumer(self._parameters, self._queues, self._settings)
        try:
            consumer.subscribe()
            self.connected = True
            backoff.reset()
            logger.info("consuming", feed=self.name, queues=[queue.name for queue in self._queues])
            self._consume(consumer)
        except BROKER_ERRORS:
            self._save(consumer)
            raise
        finally:
            self.connected = False
            self._forwarder.detach()
            consumer.close()

    def _consume(self, consumer: Consumer) -> None:
        while self.running():
            consumer.check()
            is_full = self._forwarder.is_full
            # A batch grows only while another one is being applied.
            consumer.wait(0 if consumer.waiting and not is_full else IDLE_WAIT)
            batch = [] if is_full else consumer.batch()
            if batch and not self.stop.is_set():
                self._apply(consumer, batch)
                self._acknowledge(consumer, batch)
                self._applied()
            consumer.acknowledge_each(self._forwarder.send())
            self._tick(consumer)

    def _tick(self, consumer: Consumer) -> None:
        """Run the periodic task of the feed once a second; heartbeats are answered meanwhile."""
        if self.name not in TICKS or time.monotonic() - self._ticked_at < TICK_SECONDS:
            return
        future = self._executor.submit(self._applier.tick)
        future.add_done_callback(lambda _: consumer.wake())
        while not future.done():
            consumer.wait(1.0)
        if done := future.result():
            logger.info("adopted", feed=self.name, positions=done)
        self._ticked_at = time.monotonic()

    def _save(self, consumer: Consumer) -> None:
        """Apply the messages that were delivered before the connection failed.

        order-manager's messages are transient: a restarted broker has lost them, and these may be
        the only copies. Messages that are redelivered anyway are duplicates. A stop waits for this.
        """
        while batch := consumer.batch():
            self._finish(consumer, batch, self._submit(batch), time.monotonic())

    def _apply(self, consumer: Consumer, batch: list[Delivery]) -> None:
        began = time.monotonic()
        future = self._submit(batch)
        future.add_done_callback(lambda _: consumer.wake())
        try:
            while not future.done():
                consumer.wait(1.0)
        finally:
            self._finish(consumer, batch, future, began)

    def _submit(self, batch: list[Delivery]) -> Future[list[Outcome]]:
        return self._executor.submit(self._applier.apply, batch)

    def _acknowledge(self, consumer: Consumer, batch: list[Delivery]) -> None:
        """Acknowledge a batch, but for messages of other shards that were not forwarded yet."""
        if waiting := self._forwarder.tags():
            consumer.acknowledge_each(each for each in batch if each.tag not in waiting)
        else:
            consumer.acknowledge(batch)

    def _finish(
        self,
        consumer: Consumer,
        batch: list[Delivery],
        future: Future[list[Outcome]],
        began: float,
    ) -> None:
        """Count and log a committed batch; raises the error of one that failed."""
        outcomes = future.result()
        consumer.remove(batch)
        for delivery, outcome in zip(batch, outcomes, strict=True):
            if outcome.outcome == "rejected":
                self._reject(delivery, outcome)
            elif outcome.outcome == "misdirected":
                self._forwarder.add(delivery, outcome.detail)
        counts = Counter(outcome.outcome for outcome in outcomes)
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        trace_ids = [outcome.trace_id for outcome in outcomes if outcome.trace_id]
        self._counters.batch(self.name, counts, milliseconds)
        logger.info(
            "batch",
            feed=self.name,
            size=len(batch),
            ms=milliseconds,
            trace_ids=trace_ids[:MAX_TRACE_IDS],
            **counts,
        )

    def _reject(self, delivery: Delivery, outcome: Outcome) -> None:
        reason, detail, trace_id = outcome.reason, outcome.detail, outcome.trace_id
        logger.warning(
            "rejected",
            feed=self.name,
            queue=delivery.queue,
            reason=reason,
            detail=(detail or "")[:MAX_TEXT],
            trace_id=trace_id,
        )
        exchange = self._settings.dead_letter_exchange
        self._publish_letter(letter_of(delivery, exchange, reason, detail, trace_id))


def parts(config: Config) -> list[Part]:
    """All feeds, and what accompanies them."""
    stop = threading.Event()
    counters = Counters()
    by_feed = consumed_queues(config)
    marker = Marker(config, stop)
    applied = {"order_events": lambda: None}
    feeds: list[Feed] = []
    letters = DeadLetters(config, stop, lambda: any(feed.is_alive() for feed in feeds))
    feeds += [
        Feed(name, each, config, stop, counters, applied.get(name, marker.wake), letters.add)
        for name, each in by_feed.items()
    ]
    names = [queue.name for each in by_feed.values() for queue in each]
    probe = QueueProbe(config, "ingest", names, stop)
    reporter = Reporter(
        config, "ingest", stop, counters, probe, lambda: all(feed.connected for feed in feeds)
    )
    url = config.service.price_api_url
    fallback = [] if url is None else [PriceApi(config, url, stop, counters)]
    return [*feeds, letters, marker, *fallback, probe, reporter]
