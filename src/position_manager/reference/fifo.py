"""The independent computation of lots: the same entries, first in, first out.

It accompanies the average cost of ``fold`` and realizes earlier or later, while realized minus cost
is the same after every entry, and each of the two after a statement.
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
    share,
    split,
    worth,
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
class Queue:
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
        if entry.kind == "funding":
            return
        if entry.is_statement:
            self._restate(entry)
            return
        value = worth(entry, self.instrument)
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

    def _restate(self, entry: Entry) -> None:
        """A statement leaves one lot at average cost, and realizes as average cost does."""
        size, cost = self.average.size, self.average.cost
        self.cash = EXACT.subtract(self.average.realized, cost)
        self.lots.clear()
        if size != 0:
            self.lots.append(Lot(size, size, cost, entry.executed_at))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def queue(entries: Iterable[Entry], instrument: Instrument = LINEAR) -> Queue:
    """The lots of a leg after these entries, in this order."""
    lots = Queue(instrument)
    for entry in entries:
        lots.apply(entry)
    return lots
