"""The independent computation of cycles: a leg from flat to flat, and its excursions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from position_manager.reference.fold import (
    EXACT,
    LINEAR,
    ZERO,
    Entry,
    Instrument,
    Leg,
    Part,
    closed_by,
    converted,
    released_cost,
    split,
    time_of,
)

Prices = Sequence[tuple[datetime, Decimal]]


@dataclass(slots=True)
class RoundTrip:
    """A cycle of a leg. `profits` is its gross result at each price while it was open."""

    instrument: Instrument
    direction: str
    opened_at: datetime | None
    closed_at: datetime | None = None
    entries: int = 0
    entry_quantity: Decimal = ZERO
    entry_value: Decimal = ZERO
    exit_quantity: Decimal = ZERO
    exit_value: Decimal = ZERO
    quantity_traded: Decimal = ZERO
    turnover: Decimal = ZERO
    peak_size: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    profits: tuple[Decimal, ...] = ()

    @property
    def cash(self) -> Decimal:
        """The cash that flowed, without fees and funding: realized once the cycle is closed."""
        return EXACT.add(self.entry_value, self.exit_value).copy_negate()

    @property
    def average_entry_price(self) -> Decimal | None:
        return self.instrument.average(self.entry_quantity, self.entry_value)

    @property
    def average_exit_price(self) -> Decimal | None:
        return self.instrument.average(self.exit_quantity, self.exit_value)

    @property
    def net_pnl(self) -> Decimal:
        return EXACT.add(EXACT.subtract(self.cash, self.fees), self.funding)

    def enter(self, part: Part, size: Decimal) -> None:
        """Add an opening part; `size` is the leg's size after it."""
        self.trade(part)
        self.restate(part.quantity, part.value, size)

    def exit(self, part: Part) -> None:
        """Add a closing part."""
        self.trade(part)
        self.close(part.quantity, part.value)

    def trade(self, part: Part) -> None:
        """Count a part of a trade, and its fee."""
        self.quantity_traded = EXACT.add(self.quantity_traded, part.quantity.copy_abs())
        self.turnover = EXACT.add(self.turnover, part.value.copy_abs())
        self.fees = EXACT.add(self.fees, part.fee)

    def restate(self, quantity: Decimal, value: Decimal, size: Decimal) -> None:
        """Add to what was opened; `size` is the leg's size after it."""
        self.entry_quantity = EXACT.add(self.entry_quantity, quantity)
        self.entry_value = EXACT.add(self.entry_value, value)
        self.peak_size = max(self.peak_size, size.copy_abs())
        self.entries += 1

    def close(self, quantity: Decimal, value: Decimal, restated: Decimal = ZERO) -> None:
        """Add to what was closed; `restated` is the change in the cost of the rest."""
        self.exit_quantity = EXACT.add(self.exit_quantity, quantity)
        self.exit_value = EXACT.add(self.exit_value, value)
        self.entry_value = EXACT.add(self.entry_value, restated)
        self.entries += 1

    def convert(self, entry: Entry, instrument: Instrument) -> None:
        """Count all quantities in the units after a split or a contract change."""
        self.instrument = instrument
        self.entry_quantity = converted(self.entry_quantity, entry)
        self.exit_quantity = converted(self.exit_quantity, entry)
        self.peak_size = converted(self.peak_size, entry)
        self.quantity_traded = converted(self.quantity_traded, entry)
        self.entries += 1

    def fund(self, amount: Decimal) -> None:
        """Add funding."""
        self.funding = EXACT.add(self.funding, amount)
        self.entries += 1


def round_trips(
    entries: Sequence[Entry], instrument: Instrument = LINEAR, prices: Prices = ()
) -> list[RoundTrip]:
    """The cycles of a leg of trades, funding and adjustments; the last one may be open.

    Funding belongs to the newest cycle, and before the first one to the first.
    """
    cycles: list[RoundTrip] = []
    early: list[Decimal] = []
    leg = Leg(instrument)
    for number, entry in enumerate(entries):
        if entry.kind == "opening":
            raise ValueError(f"a cycle of trades, funding and adjustments has no {entry.kind}")
        held, cost = leg.size, leg.cost
        realized, income = leg.realized, leg.funding
        leg.apply(entry)
        if entry.is_action:
            # A flat leg is in no cycle.
            if held == 0:
                continue
            if entry.kind == "distribution":
                cycles[-1].fund(EXACT.subtract(leg.funding, income))
            elif entry.kind in {"split", "contract"}:
                cycles[-1].convert(entry, leg.instrument)
            else:
                left = EXACT.add(EXACT.subtract(leg.realized, realized), cost)
                cycles[-1].exit(Part(held.copy_negate(), left.copy_negate(), ZERO))
                cycles[-1].closed_at = entry.executed_at
        elif entry.is_absolute and (held != 0 or leg.size != 0):
            _adjust(cycles, entry, held, cost, leg)
        elif entry.is_absolute or entry.kind == "funding":
            # An adjustment of nothing to nothing counts like funding of nothing.
            amount = entry.amount or ZERO
            if cycles:
                cycles[-1].fund(amount)
            else:
                early.append(amount)
        else:
            closing, opening = split(entry, held, leg.instrument)
            if closing is not None:
                cycles[-1].exit(closing)
                if closing.quantity == held.copy_negate():
                    cycles[-1].closed_at = entry.executed_at
            if opening is not None:
                if held == 0 or closing is not None:
                    direction = "long" if leg.size > 0 else "short"
                    cycles.append(RoundTrip(leg.instrument, direction, leg.opened_at))
                cycles[-1].enter(opening, leg.size)
        if leg.size != 0:
            until = entries[number + 1] if number + 1 < len(entries) else None
            cycles[-1].profits += tuple(_profits(cycles[-1], leg, entry, until, prices))
    if cycles:
        for amount in early:
            cycles[0].fund(amount)
    return cycles


def _adjust(cycles: list[RoundTrip], entry: Entry, held: Decimal, cost: Decimal, leg: Leg) -> None:
    """Add an adjustment of a leg that held `held` at `cost` to its cycles."""
    turns = held == 0 or leg.size == 0 or (held > 0) != (leg.size > 0)
    closed = closed_by(entry, held) if entry.closing_price is not None else ZERO
    if closed != 0 and entry.closing_price is not None:
        kept = EXACT.subtract(cost, released_cost(cost, closed, held))
        restated = ZERO if turns else EXACT.subtract(leg.cost, kept)
        cycles[-1].close(closed, leg.instrument.value(closed, entry.closing_price), restated)
    elif held != 0 and turns:
        cycles[-1].restate(held.copy_negate(), cost.copy_negate(), ZERO)
    elif held != 0:
        change = EXACT.subtract(leg.size, held)
        cycles[-1].restate(change, EXACT.subtract(leg.cost, cost), leg.size)
    if held != 0 and turns:
        cycles[-1].closed_at = entry.executed_at
    if leg.size != 0 and turns:
        direction = "long" if leg.size > 0 else "short"
        cycles.append(RoundTrip(leg.instrument, direction, entry.executed_at))
        cycles[-1].restate(leg.size, leg.cost, leg.size)


def _profits(
    cycle: RoundTrip, leg: Leg, since: Entry, until: Entry | None, prices: Prices
) -> Iterator[Decimal]:
    """The result of a cycle at every price between two entries."""
    for at, price in prices:
        if time_of(since) <= at and (until is None or at < time_of(until)):
            yield EXACT.add(leg.instrument.value(leg.size, price), cycle.cash)
