"""What clients do while a host of the cluster fails, each in a thread of its own."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pika
import psycopg

from tests.helpers.harness import ORDER_EVENTS
from tests.helpers.service import Service
from tests.helpers.traffic import PAUSE, Traffic

# Messages that the broker confirms together.
BURST = 10
APPLY = "SELECT o.outcome FROM pms.apply_order_events(%s::jsonb[]) o"


def fill(kind: str, asset: str) -> dict[str, str]:
    """The fields of a fill of one unit, with an identity that occurs once."""
    name = f"{kind}-{uuid.uuid4().hex}"
    return {
        "order_id": name, "execution_id": name, "asset": asset,
        "side": "buy", "execution_price": "100.5", "execution_quantity": "1",
        "executed_at": "2026-01-01T12:00:00Z",
    }  # fmt: skip


def message(fields: dict[str, str]) -> str:
    """The message of a fill."""
    return json.dumps({"event_type": "order_executed"} | fields)


class Gaps:
    """The longest time without a success, between two of them."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last: float | None = None

    def success(self) -> None:
        now = time.monotonic()
        if self._last is not None:
            self.longest = max(self.longest, now - self._last)
        self._last = now


class Queued(Traffic):
    """Publishes fills for the worker, each confirmed by the broker before the next burst."""

    def __init__(self, service: Service, asset: str) -> None:
        super().__init__(service, asset)
        self.sent: list[str] = []

    @contextmanager
    def steps(self) -> Iterator[Callable[[], None]]:
        url = self.service.stack.env()["RABBITMQ_URL"]
        with pika.BlockingConnection(pika.URLParameters(url)) as connection:
            channel = connection.channel()
            channel.tx_select()

            def publish() -> None:
                fills = [fill("queued", self.asset) for _ in range(BURST)]
                for each in fills:
                    channel.basic_publish(
                        "", ORDER_EVENTS, message(each).encode(),
                        pika.BasicProperties(delivery_mode=2),
                    )  # fmt: skip
                channel.tx_commit()
                self.sent += [each["order_id"] for each in fills]

            yield publish


class Requested(Traffic):
    """Records fills over REST and reads each back at once, from what it was answered."""

    def __init__(self, service: Service, asset: str) -> None:
        super().__init__(service, asset)
        self.acknowledged: list[str] = []
        self.statuses: Counter[str] = Counter()
        self.gaps = Gaps()
        self.read_back: Counter[str] = Counter()

    @contextmanager
    def steps(self) -> Iterator[Callable[[], None]]:
        headers = {"X-API-Key": self.service.key}
        with httpx.Client(base_url=self.service.url, headers=headers, timeout=20) as client:

            def record() -> None:
                body = fill("requested", self.asset)
                answer = _answer(client, "POST", "/rest/rpc/record_fill", json=body)
                self.statuses[_status(answer)] += 1
                if answer is None or not answer.is_success:
                    # Not repeated: whether it was recorded is unknown.
                    return
                self.acknowledged.append(body["order_id"])
                self.gaps.success()
                read = _answer(
                    client, "GET", f"/rest/fills?select=order_id&order_id=eq.{body['order_id']}",
                    headers={"X-Min-LSN": answer.headers["X-LSN"]},
                )  # fmt: skip
                found = read is not None and read.json() == [{"order_id": body["order_id"]}]
                self.read_back["found" if found else _status(read)] += 1

            yield record


class Reading(Traffic):
    """Reads a position over REST."""

    def __init__(self, service: Service, asset: str) -> None:
        super().__init__(service, asset)
        self.statuses: Counter[str] = Counter()
        self.gaps = Gaps()

    @contextmanager
    def steps(self) -> Iterator[Callable[[], None]]:
        headers = {"X-API-Key": self.service.key}
        with httpx.Client(base_url=self.service.url, headers=headers, timeout=20) as client:

            def read() -> None:
                answer = _answer(client, "GET", f"/api/v1/positions/{self.asset}")
                self.statuses[_status(answer)] += 1
                if answer is not None and answer.is_success:
                    self.gaps.success()

            yield read


class Stubborn(Traffic):
    """Writes to one host only, as a client that never learns of a promotion."""

    def __init__(self, service: Service, asset: str, dsn: str) -> None:
        super().__init__(service, asset)
        self.acknowledged: list[str] = []
        self.refused: Counter[str] = Counter()
        self._dsn = dsn

    @contextmanager
    def steps(self) -> Iterator[Callable[[], None]]:
        connections: list[psycopg.Connection] = []

        def write() -> None:
            body = fill("stubborn", self.asset)
            try:
                if not connections:
                    connections.append(psycopg.connect(self._dsn, connect_timeout=2))
                with connections[0].transaction():
                    connections[0].execute(APPLY, [[message(body)]])
            except psycopg.Error as error:
                self.refused[str(error).splitlines()[0][-60:]] += 1
                while connections:
                    connections.pop().close()
                time.sleep(PAUSE)
            else:
                self.acknowledged.append(body["order_id"])

        try:
            yield write
        finally:
            while connections:
                connections.pop().close()


def _answer(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response | None:
    try:
        return client.request(method, path, **options)
    except httpx.TransportError:
        return None


def _status(answer: httpx.Response | None) -> str:
    return "no answer" if answer is None else str(answer.status_code)
