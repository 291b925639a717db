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
    def quantity_traded(self) -> Decimal:
        return EXACT.add(self.entry_quantity.copy_abs(), self.exit_quantity.copy_abs())

    @property
    def net_pnl(self) -> Decimal:
        return EXACT.add(EXACT.subtract(self.cash, self.fees), self.funding)

    def enter(self, part: Part, size: Decimal) -> None:
        """Add an opening part; `size` is the leg's size after it."""
        self.entry_quantity = EXACT.add(self.entry_quantity, part.quantity)
        self.entry_value = EXACT.add(self.entry_value, part.value)
        self.fees = EXACT.add(self.fees, part.fee)
        self.peak_size = max(self.peak_size, size.copy_abs())
        self.entries += 1

    def exit(self, part: Part) -> None:
        """Add a closing part."""
        self.exit_quantity = EXACT.add(self.exit_quantity, part.quantity)
        self.exit_value = EXACT.add(self.exit_value, part.value)
        self.fees = EXACT.add(self.fees, part.fee)
        self.entries += 1

    def fund(self, amount: Decimal) -> None:
        """Add funding."""
        self.funding = EXACT.add(self.funding, amount)
        self.entries += 1


def round_trips(
    entries: Sequence[Entry], instrument: Instrument = LINEAR, prices: Prices = ()
) -> list[RoundTrip]:
    """The cycles of a leg of trades and funding; the last one may be open.

    Funding belongs to the newest cycle, and before the first one to the first.
    """
    cycles: list[RoundTrip] = []
    early: list[Decimal] = []
    leg = Leg(instrument)
    for number, entry in enumerate(entries):
        if entry.is_absolute:
            raise ValueError(f"a cycle of trades and funding has no {entry.kind}")
        held = leg.size
        leg.apply(entry)
        if entry.kind == "funding":
            amount = entry.amount or ZERO
            if cycles:
                cycles[-1].fund(amount)
            else:
                early.append(amount)
        else:
            closing, opening = split(entry, held, instrument)
            if closing is not None:
                cycles[-1].exit(closing)
                if closing.quantity == held.copy_negate():
                    cycles[-1].closed_at = entry.executed_at
            if opening is not None:
                if held == 0 or closing is not None:
                    direction = "long" if leg.size > 0 else "short"
                    cycles.append(RoundTrip(instrument, direction, entry.executed_at))
                cycles[-1].enter(opening, leg.size)
        if leg.size != 0:
            until = entries[number + 1] if number + 1 < len(entries) else None
            cycles[-1].profits += tuple(_profits(cycles[-1], leg, entry, until, prices))
    if cycles:
        for amount in early:
            cycles[0].fund(amount)
    return cycles


def _profits(
    cycle: RoundTrip, leg: Leg, since: Entry, until: Entry | None, prices: Prices
) -> Iterator[Decimal]:
    """The result of a cycle at every price between two entries."""
    for at, price in prices:
        if time_of(since) <= at and (until is None or at < time_of(until)):
            yield EXACT.add(leg.instrument.value(leg.size, price), cycle.cash)
