"""The reference implementation of positions, by the rules of ``accounting.md``.

It shares no code with the database and never queries it, so each implementation can check the
other. Every operation is exact or raises; only the roundings named in the rules happen. Decimals
are never negated with ``-`` or passed to ``abs()`` here: both round to the thread's context.
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

# More digits than any product needs; a result that needs even more raises.
EXACT = decimal.Context(
    prec=400,
    rounding=ROUND_HALF_UP,
    traps=[decimal.Inexact, decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
_ROUNDING = decimal.Context(prec=400, rounding=ROUND_HALF_UP, traps=[decimal.InvalidOperation])


def rounded(amount: Decimal, places: int = VALUE_PLACES) -> Decimal:
    """`amount` with `places` fractional digits, rounded half away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), context=_ROUNDING)


def quotient(numerator: Decimal, denominator: Decimal, places: int = VALUE_PLACES) -> Decimal:
    """`numerator` / `denominator` to `places` fractional digits, rounded half away from zero."""
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
    """The valuation rule of a contract."""

    multiplier: Decimal = Decimal(1)
    is_inverse: bool = False

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """The signed value of a quantity at a price, in the settlement currency."""
        if self.is_inverse:
            return quotient(EXACT.multiply(quantity, self.multiplier).copy_negate(), price)
        product = EXACT.multiply(EXACT.multiply(quantity, price), self.multiplier)
        return rounded(product)

    def average(self, quantity: Decimal, cost: Decimal) -> Decimal | None:
        """The average entry price that `cost` implies; None when flat."""
        if quantity == 0:
            return None
        units = EXACT.multiply(quantity, self.multiplier)
        if self.is_inverse:
            return quotient(units.copy_negate(), cost, PUBLISHED_PLACES)
        return quotient(cost, units, PUBLISHED_PLACES)


LINEAR = Instrument()

ACTIONS = {"split", "rename", "contract", "settlement", "distribution"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger; `quantity` is signed, and a rebate is a negative fee.

    `amount` replaces quantity times price as the value of the entry: the cash of a funding payment,
    the cost that a transfer moves, the cash of a fill whose fee was deducted from its quantity. An
    absolute entry (opening or adjustment) sets the size to `quantity` and the cost to `amount`;
    `realized` is the realized PnL that an opening carries over. An adjustment realizes what it
    closes at its `closing_price`; what it leaves then keeps its share of the cost, unless the
    adjustment has a `price`, the average of the venue.

    A corporate action has no quantity. Of a split, a rename or a contract change, `amount` units
    become `price` units, and `realized` is the new multiplier of a contract. What a rename moves is
    an entry with a quantity in the other asset; `opened_at` is since when it was held.
    """

    quantity: Decimal
    price: Decimal | None
    fee: Decimal = ZERO
    executed_at: datetime | None = None
    kind: str = "trade"
    amount: Decimal | None = None
    realized: Decimal | None = None
    closing_price: Decimal | None = None
    opened_at: datetime | None = None

    @property
    def is_action(self) -> bool:
        """Whether the effect depends on the size of the leg."""
        return self.kind in ACTIONS and self.quantity == 0

    @property
    def is_absolute(self) -> bool:
        """Whether the entry sets the size and cost, regardless of earlier entries."""
        return self.kind in {"opening", "adjustment"}


@dataclass(frozen=True, slots=True)
class Part:
    """The closing or the opening part of an entry."""

    quantity: Decimal
    value: Decimal
    fee: Decimal


def split(
    entry: Entry, held: Decimal, instrument: Instrument = LINEAR
) -> tuple[Part | None, Part | None]:
    """Split a trade into the part that closes the size `held` and the part that opens.

    Either part is None when the trade has none.
    """
    whole = Part(entry.quantity, entry_value(entry, entry.quantity, instrument), entry.fee)
    if held == 0 or (held > 0) == (entry.quantity > 0):
        return None, whole
    if entry.quantity.copy_abs() <= held.copy_abs():
        return whole, None
    quantity = held.copy_negate()
    closing = Part(
        quantity,
        entry_value(entry, quantity, instrument),
        share(entry.fee, quantity, entry.quantity),
    )
    # The rest gets the value of the whole less the closed part. Rounding both separately could lose
    # a digit; this way realized - cost always equals minus the sum of all values.
    opening = Part(
        EXACT.subtract(whole.quantity, closing.quantity),
        EXACT.subtract(whole.value, closing.value),
        EXACT.subtract(whole.fee, closing.fee),
    )
    return closing, opening


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """The share of `amount` that belongs to `part` of the quantity `whole`."""
    return quotient(EXACT.multiply(amount, part.copy_abs()), whole.copy_abs())


def released_cost(cost: Decimal, closing: Decimal, held: Decimal) -> Decimal:
    """The part of `cost` that a closing quantity releases; exactly all of it at the close."""
    if closing == held.copy_negate():
        return cost
    return share(cost, closing, held)


def realized_on_close(closing: Part, cost: Decimal) -> Decimal:
    """The PnL that a closing part realizes: its value less the cost it releases, both signed."""
    return EXACT.subtract(closing.value.copy_negate(), cost)


def closed_by(statement: Entry, held: Decimal) -> Decimal:
    """The signed quantity that an absolute entry closes of the size `held`."""
    stated = statement.quantity
    if held == 0 or stated == 0 or (stated > 0) != (held > 0):
        return held.copy_negate()
    if stated.copy_abs() < held.copy_abs():
        return EXACT.subtract(stated, held)
    return ZERO


def entry_value(entry: Entry, quantity: Decimal, instrument: Instrument) -> Decimal:
    """The value of `quantity` of an entry; all of it when `quantity` is the entry's own."""
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
    """The quantity and value of a spot fill whose fee was deducted from the traded asset."""
    return EXACT.subtract(quantity, fee), instrument.value(quantity, price)


@dataclass(slots=True)
class Leg:
    """The state of a leg; :meth:`apply` adds one entry.

    `opened_at` is the start of the newest round trip, `closed_at` the time it last became flat.
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
        """Apply one entry to the state."""
        before = self.size
        if entry.kind == "funding":
            self.funding = EXACT.add(self.funding, amount_of(entry))
        elif entry.is_action:
            self._act(entry)
        elif entry.is_absolute:
            self._state(entry)
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
            self.opened_at = entry.opened_at or entry.executed_at

    def _act(self, entry: Entry) -> None:
        """Apply a corporate action to the open size."""
        if entry.kind == "contract":
            self.instrument = replace(self.instrument, multiplier=entry.realized or ZERO)
        if self.size == 0:
            return
        match entry.kind:
            case "split" | "contract":
                self.size = converted(self.size, entry)
            case "rename":
                if converted(self.size, entry) != 0:
                    self.cost = ZERO
                self.size = ZERO
            case "settlement":
                value = self.instrument.value(self.size, price_of(entry))
                self.cost = EXACT.subtract(self.cost, value)
                self.size = ZERO
            case "distribution":
                income = rounded(EXACT.multiply(self.size, price_of(entry)))
                self.funding = EXACT.add(self.funding, income)
        if self.size == 0:
            self.realized = EXACT.subtract(self.realized, self.cost)
            self.cost = ZERO

    def _state(self, entry: Entry) -> None:
        closed = closed_by(entry, self.size)
        if entry.closing_price is not None:
            if closed != 0:
                self._close(Part(closed, self.instrument.value(closed, entry.closing_price), ZERO))
            if self.size == entry.quantity and entry.price is None:
                return
        self.size = entry.quantity
        self.cost = entry_value(entry, entry.quantity, self.instrument)
        self.realized = EXACT.add(self.realized, entry.realized or ZERO)

    def _open(self, part: Part) -> None:
        self.size = EXACT.add(self.size, part.quantity)
        self.cost = EXACT.add(self.cost, part.value)
        self.fees_open = EXACT.add(self.fees_open, part.fee)

    def _close(self, part: Part) -> None:
        cost = released_cost(self.cost, part.quantity, self.size)
        self.size = EXACT.add(self.size, part.quantity)
        self.cost = EXACT.subtract(self.cost, cost)
        self.realized = EXACT.add(self.realized, realized_on_close(part, cost))
        self.fees_close = EXACT.add(self.fees_close, part.fee)

    @property
    def fees_paid(self) -> Decimal:
        return EXACT.add(self.fees_open, self.fees_close)

    @property
    def realized_pnl(self) -> Decimal:
        """The published realized PnL; opening fees do not change it."""
        return EXACT.add(EXACT.subtract(self.realized, self.fees_close), self.funding)

    @property
    def average(self) -> Decimal | None:
        return self.instrument.average(self.size, self.cost)

    def unrealized(self, mark: Decimal | None) -> Decimal:
        """The unrealized PnL at the price `mark`; zero when flat or without a price."""
        if self.size == 0 or mark is None:
            return ZERO
        return EXACT.subtract(self.instrument.value(self.size, mark), self.cost)

    def net_pnl(self, mark: Decimal | None) -> Decimal:
        """Realized and unrealized PnL, less fees, plus funding."""
        gross = EXACT.add(self.realized, self.unrealized(mark))
        return EXACT.add(EXACT.subtract(gross, self.fees_paid), self.funding)


def break_even(legs: Iterable[Leg]) -> Decimal | None:
    """The price above 0 at which the net PnL of the legs together is 0; None without one."""
    held = list(legs)
    size = needed = ZERO
    for leg in held:
        size = EXACT.add(size, leg.size)
        # Without a price, the net PnL is what was realized, paid and received.
        needed = EXACT.add(needed, EXACT.subtract(leg.cost, leg.net_pnl(None)))
    if size == 0 or needed == 0:
        return None
    price = held[0].instrument.average(size, needed)
    return price if price is not None and price > 0 else None


def converted(quantity: Decimal, entry: Entry) -> Decimal:
    """A quantity of before a split, a rename or a contract change, in the units after it."""
    return quotient(EXACT.multiply(quantity, price_of(entry)), amount_of(entry))


def price_of(entry: Entry) -> Decimal:
    """The price of an entry; raises ValueError when there is none."""
    if entry.price is None:
        raise ValueError(f"{entry.kind} without a price: {entry}")
    return entry.price


def amount_of(entry: Entry) -> Decimal:
    """The amount of an entry; raises ValueError when there is none."""
    if entry.amount is None:
        raise ValueError(f"{entry.kind} without an amount: {entry}")
    return entry.amount


def time_of(entry: Entry) -> datetime:
    """The event time of an entry; raises ValueError when there is none."""
    if entry.executed_at is None:
        raise ValueError(f"{entry.kind} without executed_at: {entry}")
    return entry.executed_at


def fold(entries: Iterable[Entry], instrument: Instrument = LINEAR) -> Leg:
    """The state of a leg after `entries`, applied in order."""
    leg = Leg(instrument)
    for entry in entries:
        leg.apply(entry)
    return leg


def states(entries: Iterable[Entry], instrument: Instrument = LINEAR) -> Iterator[Leg]:
    """The state of a leg after each of `entries`."""
    leg = Leg(instrument)
    for entry in entries:
        leg.apply(entry)
        yield replace(leg)
