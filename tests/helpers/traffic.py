"""Traffic of one message and one request at a time, in threads of their own."""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Self

import httpx
import pika
import psycopg
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPConnectionError

from position_manager.stack import rabbitmq
from position_manager.stack.processes import wait
from tests.helpers.harness import ORDER_EVENTS, execution
from tests.helpers.service import Service

PAUSE = 0.01
BREAK = 0.5
# Otherwise a broker that restarts forgets what it has confirmed.
PERSISTENT = pika.BasicProperties(delivery_mode=2)


class Traffic(ABC):
    """Something that is repeated until the end of a ``with`` block; its failure fails the block."""

    def __init__(self, service: Service, asset: str) -> None:
        self.service = service
        self.asset = asset
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            with self.steps() as step:
                while not self._stop.wait(PAUSE):
                    step()
        except BaseException as failure:
            self._failure = failure

    @abstractmethod
    def steps(self) -> AbstractContextManager[Callable[[], None]]:
        """The repeated call."""


class Fills(Traffic):
    """Publishes fills, each after the broker has confirmed the one before.

    A fill that a broker has not confirmed, because it restarts, is published again.
    """

    def __init__(self, service: Service, asset: str) -> None:
        super().__init__(service, asset)
        self.bodies: list[bytes] = []

    @property
    def sent(self) -> int:
        return len(self.bodies)

    @contextmanager
    def steps(self) -> Iterator[Callable[[], None]]:
        url = pika.URLParameters(rabbitmq.url(self.service.stack.context))
        with ExitStack() as connected:
            channel: BlockingChannel | None = None
            fill = b""

            def publish() -> None:
                nonlocal channel, fill
                fill = fill or json.dumps(execution(self.sent, self.asset)).encode()
                try:
                    if channel is None:
                        channel = connected.enter_context(pika.BlockingConnection(url)).channel()
                        channel.confirm_delivery()
                    channel.basic_publish("", ORDER_EVENTS, fill, PERSISTENT, mandatory=True)
                except AMQPConnectionError:
                    channel = None
                    self._stop.wait(BREAK)
                else:
                    self.bodies.append(fill)
                    fill = b""

            yield publish


class Reads(Traffic):
    """Reads positions and the portfolio over REST, and counts the answers by status."""

    longest = 0.0

    def __init__(self, service: Service, asset: str) -> None:
        super().__init__(service, asset)
        self.statuses: Counter[int] = Counter()
        self.failures: list[httpx.Response] = []

    @contextmanager
    def steps(self) -> Iterator[Callable[[], None]]:
        headers = {"X-API-Key": self.service.key}
        paths = (f"/api/v1/positions/{self.asset}", "/api/v1/positions", "/api/v1/portfolio")
        with httpx.Client(base_url=self.service.url, headers=headers, timeout=30) as client:
            # The position exists once its first fill is applied.
            assert wait(lambda: client.get(paths[0]).status_code == httpx.codes.OK, 30)

            def read() -> None:
                for path in paths:
                    began = time.monotonic()
                    answer = client.get(path)
                    self.longest = max(self.longest, time.monotonic() - began)
                    self.statuses[answer.status_code] += 1
                    if answer.status_code != httpx.codes.OK:
                        self.failures.append(answer)

            yield read


class LongRead(Traffic):
    """Reads all positions with a cursor, a row at a time; then once more."""

    rows = 0

    def __init__(self, service: Service, seconds: float, pause: float) -> None:
        super().__init__(service, "")
        self._seconds = seconds
        self._break = pause

    @contextmanager
    def steps(self) -> Iterator[Callable[[], None]]:
        with psycopg.connect(self.service.stack.context.dsn("pms_operator")) as conn:
            conn.autocommit = True
            found = "SELECT 1 FROM api.positions LIMIT 1"
            assert wait(lambda: conn.execute(found).fetchone() is not None, 30)

            def read() -> None:
                with conn.transaction(), conn.cursor("long_read") as cursor:
                    cursor.execute("SELECT * FROM api.positions, generate_series(1, 10000)")
                    until = time.monotonic() + self._seconds
                    while time.monotonic() < until and not self._stop.wait(0.1):
                        self.rows += len(cursor.fetchmany(1))
                self._stop.wait(self._break)

            yield read


def logged(service: Service, part: str, event: str) -> list[dict[str, Any]]:
    """The lines that a part of the worker has logged under an event."""
    lines = (service.stack.context.logs / f"{part}.log").read_text().splitlines()
    parsed = (json.loads(line) for line in lines if line.startswith("{"))
    return [line for line in parsed if line["event"] == event]
