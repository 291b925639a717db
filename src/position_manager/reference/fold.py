"""The independent computation: positions by ``accounting.md``, in Python's decimals.

Shares no code with the database and asks it nothing, so that the two can prove each other. Every
operation is exact, or raises; the only roundings are those that the rules name. That is why there
is no ``-`` and no ``abs()`` on a decimal here: they round to the context of the thread.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
VALUE_PLACES = 18
PUBLISHED_PLACES = 12

# Far more digits than any product has here; a result that would still need more is an error.
EXACT = decimal.Context(
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
    return Decimal(units).scaleb(-places, context=EXACT)


@dataclass(frozen=True, slots=True)
class Instrument:
    """How a contract is valued."""

    multiplier: Decimal = Decimal(1)
    is_inverse: bool = False

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What a quantity is worth at a price, in the settlement currency."""
        if self.is_inverse:
            return quotient(EXACT.multiply(quantity, self.multiplier).copy_negate(), price)
        product = EXACT.multiply(EXACT.multiply(quantity, price), self.multiplier)
        return rounded(product)

    def average(self, quantity: Decimal, cost: Decimal) -> Decimal | None:
        """The entry price that a cost implies; None when flat."""
        if quantity == 0:
            return None
        units = EXACT.multiply(quantity, self.multiplier)
        if self.is_inverse:
            return quotient(units.copy_negate(), cost, PUBLISHED_PLACES)
        return quotient(cost, units, PUBLISHED_PLACES)


LINEAR = Instrument()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger; `quantity` is signed, a rebate is a negative fee.

    `amount` is its value where that is not quantity times price: the cash of a funding, the cost
    that a transfer takes along, the cash of a fill whose fee was taken out of the quantity. An
    opening and an adjustment state the size, and with `amount` what it costs; `realized` is what an
    opening carries over.
    """

    quantity: Decimal
    price: Decimal | None
    fee: Decimal = ZERO
    executed_at: datetime | None = None
    kind: str = "trade"
    amount: Decimal | None = None
    realized: Decimal | None = None

    @property
    def is_statement(self) -> bool:
        """Whether it says what is held, whatever came before."""
        return self.kind in {"opening", "adjustment"}


@dataclass(frozen=True, slots=True)
class Part:
    """What an entry closes, or what it opens."""

    quantity: Decimal
    worth: Decimal
    fee: Decimal


def split(
    entry: Entry, held: Decimal, instrument: Instrument = LINEAR
) -> tuple[Part | None, Part | None]:
    """The part of a trade that closes of what is held, and the part that opens."""
    whole = Part(entry.quantity, _worth(entry, entry.quantity, instrument), entry.fee)
    if held == 0 or (held > 0) == (entry.quantity > 0):
        return None, whole
    if entry.quantity.copy_abs() <= held.copy_abs():
        return whole, None
    quantity = held.copy_negate()
    closing = Part(
        quantity,
        _worth(entry, quantity, instrument),
        share(entry.fee, quantity, entry.quantity),
    )
    # The rest is worth the whole less what closed: a digit that rounding each by itself would
    # lose stays in, and realized - cost stays minus the sum of all values.
    opening = Part(
        EXACT.subtract(whole.quantity, closing.quantity),
        EXACT.subtract(whole.worth, closing.worth),
        EXACT.subtract(whole.fee, closing.fee),
    )
    return closing, opening


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """What falls of an amount on a part of a quantity."""
    return quotient(EXACT.multiply(amount, part.copy_abs()), whole.copy_abs())


def released(cost: Decimal, closing: Decimal, held: Decimal) -> Decimal:
    """What a closing part takes of a cost: exactly all of it when it closes everything."""
    if closing == held.copy_negate():
        return cost
    return share(cost, closing, held)


def gain(closing: Part, cost: Decimal) -> Decimal:
    """What closing brings: what it is worth less what it cost, both signed."""
    return EXACT.subtract(closing.worth.copy_negate(), cost)


def worth(entry: Entry, instrument: Instrument) -> Decimal:
    """What all of an entry is worth."""
    return _worth(entry, entry.quantity, instrument)


def _worth(entry: Entry, quantity: Decimal, instrument: Instrument) -> Decimal:
    """What a part of a trade is worth."""
    if entry.amount is not None:
        return (
            entry.amount
            if quantity == entry.quantity
            else share(entry.amount, quantity, entry.quantity)
        )
    if entry.price is None:
        raise ValueError(f"{entry.kind} without a price: {entry}")
    return instrument.value(quantity, entry.price)


def fee_in_base(
    quantity: Decimal, price: Decimal, fee: Decimal, instrument: Instrument = LINEAR
) -> tuple[Decimal, Decimal]:
    """Quantity and value of a spot fill whose fee was taken out of what was bought, or sold."""
    return EXACT.subtract(quantity, fee), instrument.value(quantity, price)


@dataclass(slots=True)
class Leg:
    """The state of a leg, and how one more entry changes it.

    `opened_at` is when its newest cycle began, `closed_at` when it last became flat.
    """

    instrument: Instrument = LINEAR
    size: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    fees_open: Decimal = ZERO
    fees_close: Decimal = ZERO
    funding: Decimal = ZERO
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    def apply(self, entry: Entry) -> None:
        """Fold one entry in."""
        before = self.size
        if entry.kind == "funding":
            self.funding = EXACT.add(self.funding, given(entry))
        elif entry.is_statement:
            self.size = entry.quantity
            self.cost = worth(entry, self.instrument)
            self.realized = EXACT.add(self.realized, entry.realized or ZERO)
        else:
            closing, opening = split(entry, self.size, self.instrument)
            if closing is not None:
                self._close(closing)
            if opening is not None:
                self._open(opening)
        if self.size == 0:
            if before != 0 or entry.kind == "opening":
                self.closed_at = entry.executed_at
        elif before == 0 or (before > 0) != (self.size > 0):
            self.opened_at = entry.executed_at

    def _open(self, part: Part) -> None:
        self.size = EXACT.add(self.size, part.quantity)
        self.cost = EXACT.add(self.cost, part.worth)
        self.fees_open = EXACT.add(self.fees_open, part.fee)

    def _close(self, part: Part) -> None:
        cost = released(self.cost, part.quantity, self.size)
        self.size = EXACT.add(self.size, part.quantity)
        self.cost = EXACT.subtract(self.cost, cost)
        self.realized = EXACT.add(self.realized, gain(part, cost))
        self.fees_close = EXACT.add(self.fees_close, part.fee)

    @property
    def fees_paid(self) -> Decimal:
        return EXACT.add(self.fees_open, self.fees_close)

    @property
    def realized_pnl(self) -> Decimal:
        """As published: an opening fee does not touch it."""
        return EXACT.add(EXACT.subtract(self.realized, self.fees_close), self.funding)

    @property
    def average(self) -> Decimal | None:
        return self.instrument.average(self.size, self.cost)

    def unrealized(self, mark: Decimal | None) -> Decimal:
        """Zero when flat, and zero without a price: never a made-up one."""
        if self.size == 0 or mark is None:
            return ZERO
        return EXACT.subtract(self.instrument.value(self.size, mark), self.cost)

    def net_pnl(self, mark: Decimal | None) -> Decimal:
        """The bottom line."""
        gross = EXACT.add(self.realized, self.unrealized(mark))
        return EXACT.add(EXACT.subtract(gross, self.fees_paid), self.funding)


def given(entry: Entry) -> Decimal:
    """The amount of an entry that must have one."""
    if entry.amount is None:
        raise ValueError(f"{entry.kind} without an amount: {entry}")
    return entry.amount


def time_of(entry: Entry) -> datetime:
    """The event time of an entry that must have one."""
    if entry.executed_at is None:
        raise ValueError(f"an entry without its time: {entry}")
    return entry.executed_at


def fold(entries: Iterable[Entry], instrument: Instrument = LINEAR) -> Leg:
    """The state of a leg after these entries, in this order."""
    leg = Leg(instrument)
    for entry in entries:
        leg.apply(entry)
    return leg


def states(entries: Iterable[Entry], instrument: Instrument = LINEAR) -> Iterator[Leg]:
    """The state of a leg after each of these entries."""
    leg = Leg(instrument)
    for entry in entries:
        leg.apply(entry)
        yield replace(leg)


@dataclass(slots=True)
class OrderTotals:
    """What an order has applied: the larger of its newest total and the sum of its executions.

    Both steps answer the quantity, price and fee that they add; None when all of it was counted.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    fee: Decimal = ZERO
    executed: Decimal = ZERO
    executed_cost: Decimal = ZERO
    executed_fee: Decimal = ZERO

    def advance(
        self, quantity: Decimal, average: Decimal, fee: Decimal
    ) -> tuple[Decimal, Decimal, Decimal] | None:
        """One more total."""
        return self._reach(quantity, EXACT.multiply(quantity, average), fee)

    def execute(
        self, quantity: Decimal, price: Decimal, fee: Decimal
    ) -> tuple[Decimal, Decimal, Decimal] | None:
        """One more execution, that was not seen before."""
        self.executed = EXACT.add(self.executed, quantity)
        self.executed_cost = EXACT.add(self.executed_cost, EXACT.multiply(quantity, price))
        self.executed_fee = EXACT.add(self.executed_fee, fee)
        return self._reach(self.executed, self.executed_cost, self.executed_fee)

    def _reach(
        self, quantity: Decimal, cost: Decimal, fee: Decimal
    ) -> tuple[Decimal, Decimal, Decimal] | None:
        step = EXACT.subtract(quantity, self.quantity)
        if step <= 0:
            return None
        # A price of the ledger has 18 digits; what the rounding leaves is in the next step.
        price = quotient(EXACT.subtract(cost, self.cost), step)
        added = (step, price, EXACT.subtract(fee, self.fee))
        self.quantity = quantity
        self.cost = EXACT.add(self.cost, EXACT.multiply(step, price))
        self.fee = fee
        return added
