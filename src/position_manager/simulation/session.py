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
from position_manager.simulation.facts import (
    UNASSIGNED,
    Funding,
    Holding,
    Message,
    Nothing,
    Price,
    Queue,
    Split,
)
from position_manager.simulation.market import DAY, Asset, Pace, euro, listing, share

# Number of orders open at once; the messages of one order lie about as far apart.
ORDERS_AT_ONCE = 300
MICROSECOND = timedelta(microseconds=1)
LATE, DELIVERED_TWICE, BAD = 0.02, 0.02, 0.003
# A late message is at most this part of the session old.
LATE_BY = 20
# Of its orders, the share that an account places with the trend, and that a strategy of an account
# with books does: the first one wins.
WITH_TREND = (0.6, 0.49)
# Of the orders of an account with books, the share that names no strategy.
UNNAMED = 0.05
# A long session pays funding on the first assets each day, and its share is split half way.
LONG = 7 * DAY
FUNDED, FUNDING_RATE, FUNDING_UNIT = 2, Decimal("0.0003"), Decimal("0.0001")
SPLIT_RATIO = 4
# The value of a position, in USDT, that is closed or flipped by one order.
WHOLE = 15_000


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
    accounts: tuple[str, ...] = ("main",)
    splits: bool = True
    strategies: tuple[str, ...] = ()
    """Those of the first account, which has books then."""


class Session:
    """The messages of a session in the order in which they are sent, and the expected result."""

    def __init__(self, plan: Plan) -> None:
        self.accounts = plan.accounts
        self.strategies = plan.strategies
        # Late fills included.
        self.begin, self.end = plan.begin - (plan.end - plan.begin) / LATE_BY, plan.end
        self.split: Split | None = None
        self.messages: list[Message] = []
        self.expected = Expectation()
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._names = random.Random(f"{plan.seed}/{plan.run}")
        self._assets = listing(plan.assets)
        # Every tenth asset is traded by hand: its fills are undated.
        self._by_hand = self._assets[9::10]
        self._dated = [each for each in self._assets if each not in self._by_hand]
        self._span = plan.end - plan.begin
        self._share = share() if self._span >= LONG and plan.splits else None
        if self._share is not None:
            self._assets.append(self._share)
        self.assets = [each.symbol for each in self._assets]
        self._quoted = [euro(), *self._assets]
        self.quoted = [each.symbol for each in self._quoted]
        self._pace = Pace.of(plan.ticks // len(self._quoted), self._span)
        self._funded_to = plan.begin
        self._traded_to = plan.fills
        self._times: dict[str, set[datetime]] = {each.symbol: set() for each in self._assets}
        self._second: deque[tuple[int, Message]] = deque()
        self._ticks = self._bad = self._traces = 0
        self._make()

    def _make(self) -> None:
        plan = self._plan
        # Cash of before the first tick has a rate, too.
        self._deliver(self._price(self._quoted[0], self.begin))
        waiting: deque[Iterator[Message]] = deque(self._by_hand_fills(a) for a in self._by_hand)
        if self._share is not None:
            waiting.append(self._share_fills(self._share))
        while len(waiting) < min(ORDERS_AT_ONCE, max(1, plan.fills // 4)):
            waiting.append(self._new_order())
        closing = self._dated[3::8][: plan.fills // 20]
        self._traded_to = plan.fills - len(closing)
        while self.expected.fills < self._traded_to:
            turn = waiting.popleft()
            message = next(turn, None)
            if message is None:
                waiting.append(self._new_order())
                continue
            waiting.append(turn)
            self._send(message)
            self._keep_up()
            self._fund()
        for asset in closing:
            self._send(self._close(asset))
        while self._second:
            self._deliver(self._second.popleft()[1])
        self._keep_up()
        if plan.ticks:
            self._settle_prices()

    def _send(self, message: Message) -> None:
        self._deliver(message)
        if not isinstance(message.fact, Nothing) and self.chance(DELIVERED_TWICE):
            due = len(self.messages) + self.number(10, 4 * ORDERS_AT_ONCE)
            self._second.append((due, replace(message, follows=None)))
        while self._second and self._second[0][0] <= len(self.messages):
            self._deliver(self._second.popleft()[1])
        if self.chance(BAD):
            self._bad += 1
            self._deliver(
                noise.bad_order_event(self._bad, self.trace(), self.now(), self.accounts[0])
            )

    def _deliver(self, message: Message) -> None:
        self.expected.add(message)
        self.messages.append(message)

    def _keep_up(self) -> None:
        """Send ticks in proportion to the fills sent so far."""
        due = self._plan.ticks * self.expected.fills // self._plan.fills
        while self._ticks < due:
            self._tick()

    def _tick(self) -> None:
        asset = self._quoted[self._ticks % len(self._quoted)]
        self._ticks += 1
        asset.wander(self._rng, self._pace)
        message = self._price(asset, self._time_of_its_own(asset, f"{asset.symbol} price"))
        self._deliver(message)
        if self.chance(DELIVERED_TWICE):
            self._deliver(message)
        if self.chance(BAD):
            self._bad += 1
            self._deliver(noise.bad_ticker(self._bad, self.trace(), self.now()))

    def _settle_prices(self) -> None:
        """Quote each last price twice more, as markets do: a held one counts then.

        Where others have left a price of this asset, the first one of the session may be a jump.
        """
        for asset in self._quoted:
            for later in (1, 2):
                self._deliver(self._price(asset, self._plan.end + later * MICROSECOND))

    def _price(self, asset: Asset, at: datetime) -> Message:
        body = shapes.ticker(self.trace(), asset.symbol, asset.price, at, self.number(0, 3))
        fact = Price(asset.symbol, asset.price, at)
        return Message(Queue.TICKER, shapes.encoded(body), fact)

    def _intent(self, asset: Asset) -> orders.Intent:
        book = self._book_for(asset)
        held = self._held(asset, book)
        quantity = asset.quantity(self._rng)
        # Tend toward flat; now and then close exactly, or flip.
        direction = asset.trend if self.chance(self._skill(asset, book)) else -asset.trend
        if held != 0 and self.chance(0.3):
            direction = -1 if held > 0 else 1
            # Several orders may do so at once: a large size would grow with each.
            if self.chance(0.2) and abs(held) * asset.price < WHOLE:
                quantity = abs(held) * self.number(1, 2)
        return orders.Intent(asset, direction, quantity, book)

    def _books_of(self, asset: Asset) -> tuple[str | None, ...]:
        """The books of the account that trades an asset; None alone if it has none."""
        if not self.strategies or self.account_of(asset) != self.accounts[0]:
            return (None,)
        return (*self.strategies, UNASSIGNED)

    def _book_for(self, asset: Asset) -> str | None:
        """The book of an order."""
        *named, last = self._books_of(asset)
        return self._rng.choice(named) if named and not self.chance(UNNAMED) else last

    def _skill(self, asset: Asset, book: str | None) -> float:
        """The share of orders with the trend: of an account, or of a strategy in it."""
        if book is None:
            turn = self.accounts.index(self.account_of(asset))
        else:
            turn = self._books_of(asset).index(book)
        return WITH_TREND[turn % len(WITH_TREND)]

    def _held(self, asset: Asset, book: str | None = None) -> Decimal:
        return self.expected.sizes.get(Holding(asset.symbol, book), ZERO)

    def _new_order(self) -> Iterator[Message]:
        intent = self._intent(self._rng.choice(self._dated))
        kind = orders.StatusOrder if self.chance(0.55) else orders.ExecutedOrder
        return kind(self, intent).messages()

    def _by_hand_fills(self, asset: Asset) -> Iterator[Message]:
        while True:
            yield orders.undated_fill(self, self._intent(asset))

    def _share_fills(self, asset: Asset) -> Iterator[Message]:
        """Executions of the share, and its split between two of them."""
        half = self._plan.begin + self._span / 2
        while self.now() < half:
            yield from orders.ExecutedOrder(self, self._intent(asset), parts=0).messages()
        asset.split(SPLIT_RATIO)
        at, ratio = self._time_of_its_own(asset), Decimal(SPLIT_RATIO)
        self.split = Split(asset.symbol, ratio, at)
        body = shapes.stock_split(self.trace(), self.uuid(), asset.symbol, ratio, at)
        yield Message(Queue.ORDER_EVENTS, shapes.encoded(body), self.split)
        while True:
            yield from orders.ExecutedOrder(self, self._intent(asset), parts=0).messages()

    def _fund(self) -> None:
        """Pay or receive the funding of the days that have passed, on the first assets."""
        while self._span >= LONG and self._funded_to + DAY <= self.now():
            self._funded_to += DAY
            for asset in self._dated[:FUNDED]:
                for book in self._books_of(asset):
                    rate = asset.price * FUNDING_RATE
                    amount = (-self._held(asset, book) * rate).quantize(FUNDING_UNIT)
                    if amount and self.expected.fills < self._traded_to:
                        self._send(self._funding(asset, amount, book))

    def _funding(self, asset: Asset, amount: Decimal, book: str | None) -> Message:
        fact = Funding(asset.symbol, amount, self._time_of_its_own(asset), book)
        body = shapes.funding(self.trace(), self.uuid(), fact.asset, amount, fact.at)
        encoded = orders.with_names(self.account_of(asset), book, body, body)
        return Message(Queue.ORDER_EVENTS, encoded, fact)

    def _close(self, asset: Asset) -> Message:
        intent = self._intent(asset)
        if held := self._held(asset):
            intent = replace(intent, direction=-1 if held > 0 else 1, quantity=abs(held))
        *_, last = orders.ExecutedOrder(self, intent, parts=0).messages()
        return last

    def account_named(self, symbol: str) -> str:
        """The account that trades an asset: each has its own ones."""
        return self.accounts[self.assets.index(symbol) % len(self.accounts)]

    # The protocol orders.Desk.

    def account_of(self, asset: Asset) -> str:
        return self.account_named(asset.symbol)

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
        return plan.begin + self._span * self.expected.fills / plan.fills

    def fill_time(self, asset: Asset) -> datetime:
        return self._time_of_its_own(asset)

    def _time_of_its_own(self, asset: Asset, name: str | None = None) -> datetime:
        """The current time, or an earlier one for a late message; unique for the asset or `name`.

        Nothing of the share is late: before its split it had another unit.
        """
        name = name or asset.symbol
        at = self.now()
        if self.chance(LATE) and asset is not self._share:
            at -= self._span * self._rng.random() / LATE_BY
        taken = self._times.setdefault(name, set())
        while at in taken:
            at -= MICROSECOND
        taken.add(at)
        return at
