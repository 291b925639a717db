"""Report the state of the worker to the database, for health and metrics."""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pika
import psycopg

from position_manager.config.environment import Config
from position_manager.worker import database as db
from position_manager.worker.broker import BROKER_ERRORS, QueueState, parameters, states
from position_manager.worker.histogram import SECONDS, SIZES, Histogram
from position_manager.worker.logging import get_logger
from position_manager.worker.process import Part

logger = get_logger(__name__)

REPORT = "SELECT pms.report_worker(%(part)s, %(status)s::jsonb)"
WATCH = "SELECT pms.watch_service()"
# Seconds between two looks at what fails.
WATCH_INTERVAL = 30.0
# In seconds; an older answer of the broker does not count.
PROBE_MAX_AGE = 5.0


class Counters:
    """Counters since the start of the process; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, Counter[str]] = {}
        self._batches = 0
        self._last_batch_size = 0
        self._last_batch_seconds = 0.0
        self._sizes: dict[str, Histogram] = {}
        self._seconds: dict[str, Histogram] = {}
        self._published = 0
        self._others: Counter[str] = Counter()

    def batch(self, feed: str, outcomes: Mapping[str, int], milliseconds: float) -> None:
        """Count a committed batch of a feed."""
        with self._lock:
            self._messages.setdefault(feed, Counter()).update(outcomes)
            self._measure(feed, sum(outcomes.values()), milliseconds)

    def published(self, count: int, milliseconds: float) -> None:
        """Count events that the broker confirmed."""
        with self._lock:
            self._published += count
            self._measure("outbox", count, milliseconds)

    @property
    def events(self) -> int:
        """The number of events that the broker confirmed."""
        return self._published

    def _measure(self, feed: str, size: int, milliseconds: float) -> None:
        self._batches += 1
        self._last_batch_size = size
        self._last_batch_seconds = milliseconds / 1000
        self._sizes.setdefault(feed, Histogram(SIZES)).add(size)
        self._seconds.setdefault(feed, Histogram(SECONDS)).add(self._last_batch_seconds)

    def count(self, name: str) -> None:
        """Count one more occurrence of another event."""
        with self._lock:
            self._others[name] += 1

    def snapshot(self) -> dict[str, Any]:
        """A consistent copy of all counters, as reported to the database."""
        with self._lock:
            return {
                "messages": {feed: dict(counts) for feed, counts in self._messages.items()},
                "batches": self._batches,
                "last_batch_size": self._last_batch_size,
                "last_batch_seconds": self._last_batch_seconds,
                "batch_sizes": {feed: each.snapshot() for feed, each in self._sizes.items()},
                "batch_seconds": {feed: each.snapshot() for feed, each in self._seconds.items()},
                "published": self._published,
                **self._others,
            }


class QueueProbe(Part):
    """Polls the lengths of queues and restores them, on its own connection and in its own thread.

    A broker that never answers must not delay the report to the database.
    """

    def __init__(
        self,
        config: Config,
        part: str,
        queues: Sequence[str],
        stop: threading.Event,
        restore: Callable[[pika.BlockingConnection, dict[str, int]], None] = lambda *_: None,
    ) -> None:
        super().__init__("probe", stop)
        self._interval = config.service.report_interval_ms / 1000
        self._parameters = parameters(
            config.rabbitmq, f"{config.service.service_name} {part} report"
        )
        self._queues = queues
        self._restore = restore
        self._states: dict[str, QueueState] | None = None
        self._waiting_since: dict[str, float] = {}
        self._seen = 0.0

    def work(self) -> None:
        """Poll until asked to stop; reconnect after every failure."""
        while self.running():
            try:
                with pika.BlockingConnection(self._parameters) as connection:
                    self._look(connection)
            except BROKER_ERRORS:
                # The report shows the broker as disconnected; the feeds log the error.
                self._states = None
                self.stop.wait(self._interval)

    def states(self) -> dict[str, QueueState] | None:
        """The state of each existing queue; None when the broker does not answer."""
        fresh = time.monotonic() - self._seen < PROBE_MAX_AGE
        return self._states if fresh else None

    def ages(self) -> dict[str, float]:
        """The seconds since each queue was last seen empty, an upper bound of its messages' age.

        The broker does not report the age of messages.
        """
        since, now = self._waiting_since, time.monotonic()
        return {
            queue: round(now - since[queue], 1) if queue in since else 0.0
            for queue in self.states() or {}
        }

    def _look(self, connection: pika.BlockingConnection) -> None:
        while self.running():
            found = states(connection, self._queues)
            depths = {queue: state.messages for queue, state in found.items()}
            self._restore(connection, depths)
            self._seen = time.monotonic()
            # Replaced, never modified: another thread reads it.
            self._waiting_since = {
                queue: self._waiting_since.get(queue, self._seen)
                for queue, depth in depths.items()
                if depth
            }
            self._states = found
            self.stop.wait(self._interval)


def _report(values: Mapping[str, str], connection: db.Connection) -> None:
    connection.execute(REPORT, values)


class Reporter(Part):
    """Reports the state of a part at every interval; that of the relay watches the service, too."""

    def __init__(
        self,
        config: Config,
        part: str,
        stop: threading.Event,
        counters: Counters,
        probe: QueueProbe,
        is_connected: Callable[[], bool],
        is_active: Callable[[], bool] = lambda: True,
        watches: bool = False,
    ) -> None:
        super().__init__("report", stop)
        # When to look next what of the service fails.
        self._watch_from = 0.0 if watches else math.inf
        self._part = part
        self._interval = config.service.report_interval_ms / 1000
        title = f"{config.service.service_name} {part} report"
        self._database = db.Database(config.postgres, title)
        self._counters = counters
        self._probe = probe
        self._is_connected = is_connected
        self._is_active = is_active

    def work(self) -> None:
        """Report until asked to stop."""
        failing = False
        while not self.stop.wait(self._interval):
            self.step()
            if not self._is_active():
                continue
            values = {"part": self._part, "status": json.dumps(self._status())}
            try:
                self._database.call(partial(_report, values))
                if time.monotonic() >= self._watch_from:
                    self._watch_from = time.monotonic() + WATCH_INTERVAL
                    self._database.call(lambda connection: connection.execute(WATCH))
                failing = False
            except psycopg.Error as error:
                self._database.close()
                if not failing:
                    logger.warning("cannot report", **db.describe(error))
                failing = True
        self._database.close()

    def _status(self) -> dict[str, Any]:
        found = self._probe.states()
        return {
            "queue_connected": found is not None and self._is_connected(),
            "queue_depths": {queue: state.messages for queue, state in (found or {}).items()},
            "queue_consumers": {queue: state.consumers for queue, state in (found or {}).items()},
            "queue_ages": self._probe.ages(),
            **self._counters.snapshot(),
        }
