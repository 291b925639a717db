"""A trading session generated from a seed: the same seed makes the same trades.

Only ids and times differ from run to run, so a second run on the same database adds new trades.
Dated fills of an asset have distinct times, so the order of the fold does not depend on the order
in which two queues are read.
"""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from position_manager.reference.fold import ZERO
from position_manager.simulation import noise, orders, shapes
from position_manager.simulation.expectation import Expectation
from position_manager.simulation.facts import Message, Nothing, Price, Queue
from position_manager.simulation.market import Asset, listing

# Number of orders open at once; the messages of one order lie about as far apart.
ORDERS_AT_ONCE = 300
MICROSECOND = timedelta(microseconds=1)
LATE, DELIVERED_TWICE, BAD = 0.02, 0.02, 0.003


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of a session; `run` distinguishes it from every other session."""

    seed: int
    run: str
    assets: int
    fills: int
    ticks: int
    begin: datetime
    end: datetime
    account: str = "main"


class Session:
    """The messages of a session in the order in which they are sent, and the expected result."""

    def __init__(self, plan: Plan) -> None:
        self.account = plan.account
        self.messages: list[Message] = []
        self.expected = Expectation()
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._names = random.Random(f"{plan.seed}/{plan.run}")
        self._assets = listing(plan.assets)
        self.assets = [each.symbol for each in self._assets]
        # Every tenth asset is traded by hand: its fills are undated.
        self._by_hand = self._assets[9::10]
        self._dated = [each for each in self._assets if each not in self._by_hand]
        self._times: dict[str, set[datetime]] = {each.symbol: set() for each in self._assets}
        self._second: deque[tuple[int, Message]] = deque()
        self._ticks = self._bad = self._traces = 0
        self._make()

    def _make(self) -> None:
        plan = self._plan
        waiting: deque[Iterator[Message]] = deque(self._by_hand_fills(a) for a in self._by_hand)
        while len(waiting) < min(ORDERS_AT_ONCE, max(1, plan.fills // 4)):
            waiting.append(self._new_order())
        closing = self._dated[3::8][: plan.fills // 20]
        while self.expected.fills < plan.fills - len(closing):
            turn = waiting.popleft()
            message = next(turn, None)
            if message is None:
                waiting.append(self._new_order())
                continue
            waiting.append(turn)
            self._send(message)
            self._keep_up()
        for asset in closing:
            self._send(self._close(asset))
        while self._second:
            self._deliver(self._second.popleft()[1])
        self._keep_up()

    def _send(self, message: Message) -> None:
        self._deliver(message)
        if not isinstance(message.fact, Nothing) and self.chance(DELIVERED_TWICE):
            due = len(self.messages) + self.number(10, 4 * ORDERS_AT_ONCE)
            self._second.append((due, replace(message, follows=None)))
        while self._second and self._second[0][0] <= len(self.messages):
            self._deliver(self._second.popleft()[1])
        if self.chance(BAD):
            self._bad += 1
            self._deliver(noise.bad_order_event(self._bad, self.trace(), self.now()))

    def _deliver(self, message: Message) -> None:
        self.expected.add(message)
        self.messages.append(message)

    def _keep_up(self) -> None:
        """Send ticks in proportion to the fills sent so far."""
        due = self._plan.ticks * self.expected.fills // self._plan.fills
        while self._ticks < due:
            self._tick()

    def _tick(self) -> None:
        asset = self._assets[self._ticks % len(self._assets)]
        self._ticks += 1
        price, at = asset.wander(self._rng), self._time_of_its_own(f"{asset.symbol} price")
        body = shapes.ticker(self.trace(), asset.symbol, price, at, self.number(0, 3))
        message = Message(Queue.TICKER, shapes.encoded(body), Price(asset.symbol, price, at))
        self._deliver(message)
        if self.chance(DELIVERED_TWICE):
            self._deliver(message)
        if self.chance(BAD):
            self._bad += 1
            self._deliver(noise.bad_ticker(self._bad, self.trace(), self.now()))

    def _intent(self, asset: Asset) -> orders.Intent:
        held = self.expected.sizes.get(asset.symbol, ZERO)
        quantity = asset.quantity(self._rng)
        # Tend toward flat; now and then close exactly, or flip.
        direction = 1 if self.chance(0.5) else -1
        if held != 0 and self.chance(0.3):
            direction = -1 if held > 0 else 1
            quantity = abs(held) * self.number(1, 2) if self.chance(0.2) else quantity
        return asset, direction, quantity

    def _new_order(self) -> Iterator[Message]:
        intent = self._intent(self._rng.choice(self._dated))
        kind = orders.StatusOrder if self.chance(0.55) else orders.ExecutedOrder
        return kind(self, intent).messages()

    def _by_hand_fills(self, asset: Asset) -> Iterator[Message]:
        while True:
            yield orders.undated_fill(self, self._intent(asset))

    def _close(self, asset: Asset) -> Message:
        held = self.expected.sizes.get(asset.symbol, ZERO)
        intent = (asset, -1 if held > 0 else 1, abs(held)) if held else self._intent(asset)
        *_, last = orders.ExecutedOrder(self, intent, parts=0).messages()
        return last

    # The protocol orders.Desk.

    def chance(self, share: float) -> bool:
        return self._rng.random() < share

    def number(self, low: int, high: int) -> int:
        return self._rng.randint(low, high)

    def life(self) -> tuple[str, ...]:
        lives, weights = zip(*orders.LIVES, strict=True)
        chosen: tuple[str, ...] = self._rng.choices(lives, weights)[0]
        return chosen

    def part(self, asset: Asset, quantity: Decimal) -> Decimal:
        return asset.part(quantity, self._rng)

    def price_near(self, asset: Asset) -> Decimal:
        return asset.near(self._rng)

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._names.getrandbits(128), version=4))

    def trace(self) -> str:
        self._traces += 1
        return f"demo-{self._plan.run}-{self._traces:06}"

    def now(self) -> datetime:
        plan = self._plan
        return plan.begin + (plan.end - plan.begin) * self.expected.fills / plan.fills

    def fill_time(self, asset: Asset) -> datetime:
        return self._time_of_its_own(asset.symbol)

    def _time_of_its_own(self, name: str) -> datetime:
        """The current time, or an earlier one for a late message; unique for `name`."""
        at = self.now()
        if self.chance(LATE):
            at -= (self._plan.end - self._plan.begin) * self._rng.random() / 20
        taken = self._times.setdefault(name, set())
        while at in taken:
            at -= MICROSECOND
        taken.add(at)
        return at
