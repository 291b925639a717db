"""The reference implementation of lots: the same entries, first in, first out.

It accompanies the average cost of ``fold`` and realizes earlier or later, while realized minus cost
is the same after every entry, and both figures are equal after an absolute entry.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from position_manager.reference.fold import (
    EXACT,
    LINEAR,
    ZERO,
    Entry,
    Instrument,
    Leg,
    converted,
    entry_value,
    share,
    split,
)


@dataclass(frozen=True, slots=True)
class Lot:
    """The open part of an entry: `quantity` of `entry_quantity`, which had the value `entry_value`.

    Its cost is rounded once, however often something of it was closed.
    """

    quantity: Decimal
    entry_quantity: Decimal
    entry_value: Decimal
    opened_at: datetime | None = None

    @property
    def cost(self) -> Decimal:
        """The share of the entry's value."""
        if self.quantity == self.entry_quantity:
            return self.entry_value
        return share(self.entry_value, self.quantity, self.entry_quantity)


@dataclass(slots=True)
class FifoLots:
    """The open lots of a leg, the oldest first."""

    instrument: Instrument = LINEAR
    lots: deque[Lot] = field(default_factory=deque)
    cash: Decimal = ZERO
    average: Leg = field(init=False)

    def __post_init__(self) -> None:
        self.average = Leg(self.instrument)

    @property
    def size(self) -> Decimal:
        return total(lot.quantity for lot in self.lots)

    @property
    def cost(self) -> Decimal:
        return total(lot.cost for lot in self.lots)

    @property
    def realized(self) -> Decimal:
        """The cash that flowed, plus the cost of the open lots."""
        return EXACT.add(self.cash, self.cost)

    def apply(self, entry: Entry) -> None:
        """Fold one entry in."""
        self.average.apply(entry)
        if entry.kind in {"funding", "distribution"}:
            return
        if entry.is_action:
            self._act(entry)
            return
        if entry.is_absolute:
            self._replace_by(entry)
            return
        value = entry_value(entry, entry.quantity, self.instrument)
        self.cash = EXACT.subtract(self.cash, value)
        closing, opening = split(entry, self.size, self.instrument)
        if closing is not None:
            self._close(closing.quantity)
        if opening is not None:
            self.lots.append(Lot(opening.quantity, entry.quantity, value, entry.executed_at))

    def _close(self, quantity: Decimal) -> None:
        """Remove the oldest lots, and part of the next."""
        left = quantity
        while left != 0:
            oldest = self.lots.popleft()
            if oldest.quantity.copy_abs() <= left.copy_abs():
                left = EXACT.add(left, oldest.quantity)
                continue
            self.lots.appendleft(replace(oldest, quantity=EXACT.add(oldest.quantity, left)))
            left = ZERO

    def _act(self, entry: Entry) -> None:
        """Convert all lots, or close them: the average cost decides what a rename moves."""
        self.instrument = self.average.instrument
        if self.average.size == 0:
            self.lots.clear()
            self.cash = self.average.realized
            return
        # The oldest lot is what the others leave of the size, so that no rounding is lost.
        left = self.average.size
        newest_first = []
        for place, lot in enumerate(reversed(self.lots), start=1):
            whole = converted(lot.entry_quantity, entry)
            quantity = left if place == len(self.lots) else whole
            left = EXACT.subtract(left, quantity)
            newest_first.append(replace(lot, quantity=quantity, entry_quantity=whole))
        self.lots = deque(reversed(newest_first))

    def _replace_by(self, entry: Entry) -> None:
        """Replace all lots by one: an absolute entry names no lots, so average cost decides."""
        size, cost = self.average.size, self.average.cost
        self.cash = EXACT.subtract(self.average.realized, cost)
        self.lots.clear()
        if size != 0:
            self.lots.append(Lot(size, size, cost, entry.executed_at))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of `amounts`."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def fifo_lots(entries: Iterable[Entry], instrument: Instrument = LINEAR) -> FifoLots:
    """The lots of a leg after `entries`, applied in order."""
    lots = FifoLots(instrument)
    for entry in entries:
        lots.apply(entry)
    return lots
