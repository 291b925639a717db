"""Orders of the session; each yields its messages one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from position_manager.reference.fold import ZERO, quotient
from position_manager.simulation import shapes
from position_manager.simulation.facts import UNASSIGNED, Fill, Message, Nothing, Queue, Total
from position_manager.simulation.market import Asset

MAKER, TAKER, REBATE = Decimal("0.0002"), Decimal("0.00055"), Decimal("-0.0001")
FEE_UNIT = Decimal("1e-8")
SIDES = {1: ("Buy", "BUY", "buy"), -1: ("Sell", "SELL", "sell")}

# Lifecycles of orders, with their weights. "held" is a partial fill whose event arrives only after
# the event of a later fill ("released"); "repeated" is an event that repeats the previous total.
LIVES: tuple[tuple[tuple[str, ...], int], ...] = (
    (("filled",), 30),
    (("created", "filled"), 15),
    (("created", "partially_filled", "filled"), 20),
    (("created", "partially_filled", "modified", "filled"), 8),
    (("partially_filled", "repeated", "filled"), 5),
    (("held", "filled", "released"), 3),
    (("created", "partially_filled", "cancelled"), 6),
    (("created", "partially_filled", "cancelled after more"), 5),
    (("created", "cancelled"), 4),
    (("rejected",), 2),
    (("dry run",), 2),
)


class Desk(Protocol):
    """The part of a session that orders use: random choices, times and ids."""

    def account_of(self, asset: Asset) -> str: ...
    def chance(self, share: float) -> bool: ...
    def number(self, low: int, high: int) -> int: ...
    def uuid(self) -> str: ...
    def trace(self) -> str: ...
    def now(self) -> datetime: ...
    def fill_time(self, asset: Asset) -> datetime: ...
    def price_near(self, asset: Asset) -> Decimal: ...
    def life(self) -> tuple[str, ...]: ...
    def part(self, asset: Asset, quantity: Decimal) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Intent:
    """What an order is to do; its direction is 1 to buy and -1 to sell.

    `book` is the strategy that places it, in an account that has several.
    """

    asset: Asset
    direction: int
    quantity: Decimal
    book: str | None = None


def fee_of(desk: Desk, worth: Decimal) -> Decimal:
    """The fee of a fill in USDT; a rebate is negative."""
    rate = REBATE if desk.chance(0.05) else MAKER if desk.chance(0.5) else TAKER
    return (worth * rate).quantize(FEE_UNIT, ROUND_DOWN)


def with_names(account: str, book: str | None, body: shapes.Body, place: shapes.Body) -> bytes:
    """Encode `body`, naming account and strategy in `place`, as upstream services do.

    Neither the account main nor the book of what names no strategy is named.
    """
    if account != "main":
        place["account"] = account
    if book not in (None, UNASSIGNED):
        place["strategy"] = book
    return shapes.encoded(body)


class StatusOrder:
    """An order that reports its cumulative total at each change of status."""

    def __init__(self, desk: Desk, intent: Intent) -> None:
        self._desk = desk
        self._asset, self._direction = intent.asset, intent.direction
        self._quantity, self._book = intent.quantity, intent.book
        self._life = desk.life()
        self._filled = self._cost = self._fees = ZERO
        # 8 fractional digits, as in order-manager, or more where the tick size needs them.
        self._places = max(8, 6 - int(self._asset.step.as_tuple().exponent))
        self._order_id = desk.uuid()
        self._order = {
            "id": desk.uuid(),
            "order_id": self._order_id,
            "asset": self._asset.symbol,
            "side": SIDES[self._direction][desk.number(0, 2)],
            "order_type": "Limit" if "created" in self._life else "Market",
            "quantity": self._quantity,
            "price": desk.price_near(self._asset) if "created" in self._life else None,
            "created_at": desk.now(),
            "is_dry_run": "dry run" in self._life,
        }

    def messages(self) -> Iterator[Message]:
        """The messages of the order, until it is complete."""
        held: Message | None = None
        for event in self._life:
            match event:
                case "held":
                    self._execute(self._desk.part(self._asset, self._quantity))
                    held = self._event("partially_filled")
                case "released" if held is not None:
                    yield held
                case "created" | "rejected":
                    yield self._quiet(event)
                case "dry run":
                    self._execute(self._quantity)
                    yield replace(self._event("filled"), fact=Nothing("ignored"))
                case "cancelled" if self._filled == 0:
                    yield self._quiet(event)
                case "cancelled" | "repeated":
                    yield self._event("cancelled" if event == "cancelled" else "partially_filled")
                case "filled":
                    # One event often covers several executions.
                    left = self._quantity - self._filled
                    if self._desk.chance(0.4):
                        self._execute(self._desk.part(self._asset, left))
                    self._execute(self._quantity - self._filled)
                    yield self._event("filled")
                case _:
                    left = self._quantity - self._filled
                    self._execute(self._desk.part(self._asset, left))
                    yield self._event(event.partition(" ")[0])

    def _execute(self, quantity: Decimal) -> None:
        quantity = min(quantity, self._quantity - self._filled)
        worth = quantity * self._desk.price_near(self._asset)
        self._filled += quantity
        self._cost += worth
        self._fees += fee_of(self._desk, worth)

    def _event(self, status: str) -> Message:
        at = self._desk.fill_time(self._asset)
        average = quotient(self._cost, self._filled, self._places)
        total = Total(
            self._asset.symbol,
            self._order_id,
            self._filled * self._direction,
            average,
            self._fees,
            at,
            self._book,
        )
        filled = (self._filled, average, self._fees)
        done = at if status == "filled" else None
        return self._message(status, filled, at, done, total)

    def _quiet(self, status: str) -> Message:
        nothing = (ZERO, None, ZERO)
        return self._message(status, nothing, self._desk.now(), None, Nothing("ignored"))

    def _message(
        self,
        status: str,
        filled: tuple[Decimal, Decimal | None, Decimal],
        at: datetime,
        executed_at: datetime | None,
        fact: Total | Nothing,
    ) -> Message:
        ids = {"event_id": self._desk.uuid(), "trace_id": self._desk.trace()}
        body = shapes.status_event(ids, self._order, status, filled, at, executed_at)
        account = self._desk.account_of(self._asset)
        encoded = with_names(account, self._book, body, body["order"])
        return Message(Queue.ORDER_EVENTS, encoded, fact, self._order_id)


class ExecutedOrder:
    """An order that reports each execution separately, on the second queue."""

    def __init__(self, desk: Desk, intent: Intent, parts: int = 3) -> None:
        self._desk = desk
        self._asset, self._direction = intent.asset, intent.direction
        self._quantity, self._book = intent.quantity, intent.book
        self._parts = parts
        self._order_id = desk.uuid()
        self._numbered = desk.chance(0.5)

    def messages(self) -> Iterator[Message]:
        """One message for each partial execution, then one for the rest."""
        left = self._quantity
        for _ in range(self._desk.number(0, self._parts)):
            part = self._desk.part(self._asset, left)
            if part < left:
                left -= part
                yield self._message(part)
        yield self._message(left)

    def _message(self, quantity: Decimal) -> Message:
        desk, asset = self._desk, self._asset
        price = desk.price_near(asset)
        fee = fee_of(desk, quantity * price)
        at = desk.fill_time(asset)
        side = SIDES[self._direction][1]
        body = shapes.execution(
            desk.trace(), self._order_id, asset.symbol, side, (price, quantity, fee), at
        )
        if self._numbered:
            body["execution_id"] = desk.uuid()
        fill = Fill(asset.symbol, quantity * self._direction, price, fee, at, self._book)
        encoded = with_names(desk.account_of(asset), self._book, body, body)
        return Message(Queue.ORDER_EXECUTED, encoded, fill)


def undated_fill(desk: Desk, intent: Intent) -> Message:
    """A fill in the third shape. It has no time, so those of an asset must arrive in order."""
    asset, quantity = intent.asset, intent.quantity
    price = desk.price_near(asset)
    side = SIDES[intent.direction][1]
    body = shapes.position_update(desk.trace(), desk.uuid(), asset.symbol, side, price, quantity)
    fill = Fill(asset.symbol, quantity * intent.direction, price, ZERO, None, intent.book)
    encoded = with_names(desk.account_of(asset), intent.book, body, body)
    return Message(Queue.ORDER_EVENTS, encoded, fill, asset.symbol)
