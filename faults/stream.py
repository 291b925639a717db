"""The stream of a campaign: a session through the queues, and fills over REST."""

from __future__ import annotations

import itertools
import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx

from position_manager.reference.fold import Entry
from position_manager.simulation.delivery import Delivery, DeliveryError, QueueNames, batches
from position_manager.simulation.expectation import Expectation
from position_manager.simulation.facts import Message, Nothing
from position_manager.simulation.session import Plan, Session
from position_manager.stack import rabbitmq
from position_manager.stack.stack import Stack
from position_manager.worker.broker import BROKER_ERRORS

ACCOUNT = "faults"
ASSETS = 20
# Of one session.
FILLS = 2000
SPAN = timedelta(minutes=10)
REST_ASSETS = ("REST1USDT", "REST2USDT")
# Seconds between two batches, and after a failed request.
PAUSE = 0.2
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class Sender(threading.Thread, ABC):
    """Sends until it is stopped, and pauses between two messages on request."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._stopping = threading.Event()
        self._sending = threading.Lock()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stopping.wait(PAUSE):
                with self._sending:
                    self.send()
        except BaseException as failure:
            self.failure = failure

    @abstractmethod
    def send(self) -> None:
        """Send the next messages, until they are known to have arrived."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Wait until what was begun has arrived, and send nothing meanwhile."""
        with self._sending:
            if self.failure is not None:
                raise self.failure
            yield

    def stop(self) -> None:
        self._stopping.set()
        self.join()


class Queued(Sender):
    """The messages of a session, each once the broker has confirmed the one it follows."""

    def __init__(self, stack: Stack, seed: int, rate: int) -> None:
        super().__init__("queued")
        self._batches = _sessions(seed, max(1, int(rate * PAUSE)))
        self._delivery = Delivery(rabbitmq.url(stack.context), QueueNames.of(stack.context.service))
        self.expected = Expectation()
        self.bad: set[bytes] = set()
        self.sent = 0

    def send(self) -> None:
        batch = next(self._batches)
        while True:
            try:
                self._delivery.send(batch)
                break
            except (DeliveryError, *BROKER_ERRORS):
                # The broker is down for long: the batch is sent once more, and counts once.
                self._delivery.close()
        for message in batch:
            self.expected.add(message)
            if message.fact == Nothing("rejected"):
                self.bad.add(message.body)
        self.sent += len(batch)

    def stop(self) -> None:
        super().stop()
        self._delivery.close()

    def depth(self) -> int | None:
        """The number of messages waiting; None when the broker does not answer."""
        return self._delivery.depth()


def _sessions(seed: int, size: int) -> Iterator[list[Message]]:
    """Batches of one session after the other, each of a time of its own."""
    for number in itertools.count():
        begin = BEGIN + number * SPAN
        plan = Plan(
            seed + number, f"{seed:08x}", ASSETS, FILLS, FILLS // 2, begin, begin + SPAN, (ACCOUNT,)
        )
        yield from batches(Session(plan).messages, size)


class Requested(Sender):
    """Fills over REST, each repeated until the service has answered for it."""

    def __init__(self, stack: Stack, seed: int) -> None:
        super().__init__("requested")
        self._rng = random.Random(seed)
        self._client = httpx.Client(
            base_url=stack.env()["POSITION_MANAGER_URL"],
            headers={"X-API-Key": stack.env()["POSITION_MANAGER_API_KEY"]},
            timeout=10,
        )
        self.entries: dict[str, list[Entry]] = {asset: [] for asset in REST_ASSETS}
        self.sent = self.repeated = 0
        self.refused: list[str] = []

    def send(self) -> None:
        asset = self._rng.choice(REST_ASSETS)
        quantity = Decimal(self._rng.randint(1, 9)) / 4
        is_sell = self._rng.random() < 0.5
        price = Decimal(self._rng.randint(9000, 11000)) / 100
        # Some are late.
        late = timedelta(seconds=50 if self._rng.random() < 0.1 else 0, milliseconds=7)
        at = BEGIN + timedelta(seconds=self.sent) - late
        body = {
            "execution_id": f"rest-{self.sent}", "account": ACCOUNT, "asset": asset,
            "side": "sell" if is_sell else "buy", "execution_quantity": str(quantity),
            "execution_price": str(price), "executed_at": at.isoformat(),
        }  # fmt: skip
        self.sent += 1
        while (answer := self._post(body)) is None or answer.is_server_error:
            self.repeated += 1
            if self._stopping.wait(PAUSE):
                return
        if answer.is_success:
            signed = -quantity if is_sell else quantity
            self.entries[asset].append(Entry(signed, price, executed_at=at))
        else:
            self.refused.append(f"{answer.status_code} {answer.text[:200]}")

    def stop(self) -> None:
        super().stop()
        self._client.close()

    def _post(self, body: dict[str, str]) -> httpx.Response | None:
        try:
            return self._client.post("/rest/rpc/record_fill", json=body)
        except httpx.TransportError:
            return None
