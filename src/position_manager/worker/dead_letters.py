"""Dead letters: rejected messages, published with the reason in their headers.

The database stores each rejected message in the transaction of its batch. The letter is a copy for
subscribers, published apart from the feeds: a broker that takes no letters delays no other message.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import pika

from position_manager.config.environment import Config
from position_manager.worker import messages
from position_manager.worker.backoff import Backoff
from position_manager.worker.broker import BROKER_ERRORS, declare_dead_letters, parameters
from position_manager.worker.consumer import Delivery
from position_manager.worker.copies import copied
from position_manager.worker.logging import error_fields, get_logger
from position_manager.worker.process import Part
from position_manager.worker.publisher import Answer, Outgoing, Publisher

logger = get_logger(__name__)

MAX_DETAIL = 500
IDLE_WAIT = 0.2
# The weight of the letters that wait for the broker; beyond it the oldest are dropped.
MAX_WAITING_BYTES = 32 * 1024 * 1024
# What a letter takes in memory beside its body.
OVERHEAD_BYTES = 2048
# The size of a letter's properties, which have to fit into one frame together with the reason.
MAX_PROPERTIES_BYTES = 4096
# Seconds after the stop in which a failure is retried; the process waits longer for its parts.
STOP_PATIENCE = 2.0


class DeadLetters(Part):
    """Publishes letters in the order in which the feeds add them, until the feeds have ended."""

    def __init__(
        self, config: Config, stop: threading.Event, feeds_run: Callable[[], bool]
    ) -> None:
        super().__init__("dead letters", stop)
        self._settings = config.service
        title = f"{config.service.service_name} ingest dead letters"
        self._parameters = parameters(config.rabbitmq, title)
        self._feeds_run = feeds_run
        self._lock = threading.Lock()
        self._waiting: deque[Outgoing] = deque()
        self._weight = 0
        self._dropped = 0
        self._added = threading.Event()

    def add(self, letter: Outgoing) -> None:
        """Have a letter published; the threads of the feeds call this."""
        with self._lock:
            self._waiting.append(letter)
            self._weight += _weight(letter)
            while self._weight > MAX_WAITING_BYTES:
                self._weight -= _weight(self._waiting.popleft())
                self._dropped += 1
        self._added.set()

    def work(self) -> None:
        """Publish until the feeds have ended; a failure is retried for STOP_PATIENCE after that."""
        backoff = Backoff.configured(self._settings)
        # At first without a letter, as subscribers may expect the queue.
        declared = False
        ends_at = math.inf
        while self.running() or self._feeds_run() or self._waiting:
            if self.stop.is_set():
                ends_at = min(ends_at, time.monotonic() + STOP_PATIENCE)
            if declared and not self._waiting:
                self._added.wait(IDLE_WAIT)
                self._added.clear()
                continue
            try:
                self._send()
                declared = True
                backoff.reset()
            except BROKER_ERRORS as error:
                is_last = time.monotonic() > ends_at and not self._feeds_run()
                delay = backoff.next()
                logger.warning(
                    "cannot publish dead letters",
                    **error_fields(error),
                    waiting=len(self._waiting),
                    dropped=self._dropped,
                    retry_in_ms=None if is_last else round(delay * 1000),
                )
                if is_last:
                    break
                if self.stop.wait(delay):
                    time.sleep(IDLE_WAIT)

    def _send(self) -> None:
        """Publish what waits; raise an error of BROKER_ERRORS and keep what was not confirmed."""
        with self._lock:
            letters = list(self._waiting)
            self._waiting.clear()
            self._weight = 0
        left = letters
        try:
            left = self._publish(letters)
        finally:
            with self._lock:
                self._waiting.extendleft(reversed(left))
                self._weight += sum(map(_weight, left))
        if left:
            raise OSError(f"the broker did not confirm {len(left)} dead letters")

    def _publish(self, letters: Sequence[Outgoing]) -> list[Outgoing]:
        """Publish letters; return those that the broker did not confirm."""
        # Declared each time: letters are rare, and an operator may have deleted the queue.
        with pika.BlockingConnection(self._parameters) as connection:
            declare_dead_letters(connection, self._settings)
        publisher = Publisher(self._parameters)
        try:
            answers = publisher.publish(letters)
        finally:
            publisher.close()
        return [
            letter
            for letter, answer in zip(letters, answers, strict=True)
            if answer is not Answer.CONFIRMED
        ]


def trace_id_of(delivery: Delivery) -> str | None:
    """The trace id of a message that could not be parsed; None when it has none."""
    header = (delivery.properties.headers or {}).get("x-trace-id")
    if isinstance(header, str) and header:
        return header[: messages.MAX_TRACE_ID_LENGTH]
    return messages.trace_id_of(delivery.body)


def letter_of(
    delivery: Delivery, exchange: str, reason: str | None, detail: str | None, trace_id: str | None
) -> Outgoing:
    """A rejected message, with the name of its queue as the routing key."""
    ours: dict[str, Any] = {
        "x-reason": reason or "rejected",
        "x-detail": (detail or "")[:MAX_DETAIL],
        "x-queue": delivery.queue,
        "x-trace-id": trace_id or "",
    }
    if delivery.cut is not None:
        ours |= {"x-size": delivery.size, "x-sha256": delivery.digest.hex()}
    properties = copied(delivery.properties, ours, MAX_PROPERTIES_BYTES)
    return Outgoing(exchange, delivery.queue, delivery.body, properties, mandatory=True)


def _weight(letter: Outgoing) -> int:
    return len(letter.body) + OVERHEAD_BYTES
