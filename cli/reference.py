"""The independent computation: positions by ``accounting.md``, in Python's decimals.

Shares no code with the database and asks it nothing, so that the two can prove each other. Every
operation is exact, or raises; the only roundings are those that the rules name. That is why there
is no ``-`` and no ``abs()`` on a decimal here: they round to the context of the thread.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
VALUE_PLACES = 18
PUBLISHED_PLACES = 12

# Far more digits than any product has here; a result that would still need more is an error.
_EXACT = decimal.Context(
    prec=400,
    rounding=ROUND_HALF_UP,
    traps=[decimal.Inexact, decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
_ROUNDING = decimal.Context(prec=400, rounding=ROUND_HALF_UP, traps=[decimal.InvalidOperation])


def rounded(amount: Decimal, places: int = VALUE_PLACES) -> Decimal:
    """`amount` with so many fractional digits, rounded half away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), context=_ROUNDING)


def quotient(numerator: Decimal, denominator: Decimal, places: int = VALUE_PLACES) -> Decimal:
    """`numerator` / `denominator`, rounded once, half away from zero."""
    above, below = numerator.as_integer_ratio()
    divisor, multiple = denominator.as_integer_ratio()
    dividend = abs(above * multiple) * 10**places
    divided = abs(below * divisor)
    units = (2 * dividend + divided) // (2 * divided)
    if (numerator < 0) != (denominator < 0):
        units = -units
    return Decimal(units).scaleb(-places, context=_EXACT)


@dataclass(frozen=True, slots=True)
class Instrument:
    """How a contract is valued."""

    multiplier: Decimal = Decimal(1)
    is_inverse: bool = False

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What a quantity is worth at a price, in the settlement currency."""
        if self.is_inverse:
            return quotient(_EXACT.multiply(quantity, self.multiplier).copy_negate(), price)
        product = _EXACT.multiply(_EXACT.multiply(quantity, price), self.multiplier)
        return rounded(product)

    def average(self, quantity: Decimal, cost: Decimal) -> Decimal | None:
        """The entry price that a cost implies; None when flat."""
        if quantity == 0:
            return None
        units = _EXACT.multiply(quantity, self.multiplier)
        if self.is_inverse:
            return quotient(units.copy_negate(), cost, PUBLISHED_PLACES)
        return quotient(cost, units, PUBLISHED_PLACES)


LINEAR = Instrument()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger; `quantity` is signed, a rebate is a negative fee."""

    quantity: Decimal
    price: Decimal | None
    fee: Decimal = ZERO
    executed_at: datetime | None = None
    kind: str = "trade"
    amount: Decimal = ZERO


@dataclass(slots=True)
class Leg:
    """The state of a leg, and how one more entry changes it."""

    instrument: Instrument = LINEAR
    size: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    fees_open: Decimal = ZERO
    fees_close: Decimal = ZERO
    funding: Decimal = ZERO

    def apply(self, entry: Entry) -> None:
        """Fold one entry in."""
        if entry.kind == "funding":
            self.funding = _EXACT.add(self.funding, entry.amount)
        elif entry.kind == "adjustment":
            self.size = _EXACT.add(self.size, entry.quantity)
            self.cost = _EXACT.add(self.cost, entry.amount)
        else:
            if entry.price is None:
                raise ValueError(f"{entry.kind} without a price: {entry}")
            self._trade(entry.quantity, entry.price, entry.fee)

    def _trade(self, quantity: Decimal, price: Decimal, fee: Decimal) -> None:
        worth = self.instrument.value(quantity, price)
        if self.size == 0 or (self.size > 0) == (quantity > 0):
            self._open(quantity, worth, fee)
        elif quantity.copy_abs() <= self.size.copy_abs():
            self._close(quantity, worth, fee)
        else:
            closing = self.size.copy_negate()
            closing_worth = self.instrument.value(closing, price)
            share = quotient(_EXACT.multiply(fee, closing.copy_abs()), quantity.copy_abs())
            self._close(closing, closing_worth, share)
            # The rest is worth the whole less what closed: a digit that rounding each by itself
            # would lose stays in, and realized - cost stays minus the sum of all values.
            self._open(
                _EXACT.subtract(quantity, closing),
                _EXACT.subtract(worth, closing_worth),
                _EXACT.subtract(fee, share),
            )

    def _open(self, quantity: Decimal, worth: Decimal, fee: Decimal) -> None:
        self.size = _EXACT.add(self.size, quantity)
        self.cost = _EXACT.add(self.cost, worth)
        self.fees_open = _EXACT.add(self.fees_open, fee)

    def _close(self, quantity: Decimal, worth: Decimal, fee: Decimal) -> None:
        if quantity == self.size.copy_negate():
            released = self.cost
        else:
            released = quotient(
                _EXACT.multiply(self.cost, quantity.copy_abs()), self.size.copy_abs()
            )
        gain = _EXACT.subtract(worth.copy_negate(), released)
        self.size = _EXACT.add(self.size, quantity)
        self.cost = _EXACT.subtract(self.cost, released)
        self.realized = _EXACT.add(self.realized, gain)
        self.fees_close = _EXACT.add(self.fees_close, fee)

    @property
    def fees_paid(self) -> Decimal:
        return _EXACT.add(self.fees_open, self.fees_close)

    @property
    def realized_pnl(self) -> Decimal:
        """As published: an opening fee does not touch it."""
        return _EXACT.add(_EXACT.subtract(self.realized, self.fees_close), self.funding)

    @property
    def average(self) -> Decimal | None:
        return self.instrument.average(self.size, self.cost)

    def unrealized(self, mark: Decimal | None) -> Decimal:
        """Zero when flat, and zero without a price: never a made-up one."""
        if self.size == 0 or mark is None:
            return ZERO
        return _EXACT.subtract(self.instrument.value(self.size, mark), self.cost)

    def net_pnl(self, mark: Decimal | None) -> Decimal:
        """The bottom line."""
        gross = _EXACT.add(self.realized, self.unrealized(mark))
        return _EXACT.add(_EXACT.subtract(gross, self.fees_paid), self.funding)


def fold(entries: Iterable[Entry], instrument: Instrument = LINEAR) -> Leg:
    """The state of a leg after these entries, in this order."""
    leg = Leg(instrument)
    for entry in entries:
        leg.apply(entry)
    return leg


@dataclass(slots=True)
class OrderTotals:
    """What an order has applied: turns its cumulative events into increments."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    fee: Decimal = ZERO

    def advance(
        self, quantity: Decimal, average: Decimal, fee: Decimal
    ) -> tuple[Decimal, Decimal, Decimal] | None:
        """Quantity, price and fee that a total adds; None when it is at or below the applied."""
        step = _EXACT.subtract(quantity, self.quantity)
        if step <= 0:
            return None
        new_cost = _EXACT.subtract(_EXACT.multiply(quantity, average), self.cost)
        # A price of the ledger has 18 digits; what the rounding leaves is in the next step.
        price = quotient(new_cost, step)
        added = (step, price, _EXACT.subtract(fee, self.fee))
        self.quantity = quantity
        self.cost = _EXACT.add(self.cost, _EXACT.multiply(step, price))
        self.fee = fee
        return added
