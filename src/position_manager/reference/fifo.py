"""The independent computation of lots: the same entries, first in, first out.

Beside the average cost of ``reference``, not instead of it: what is realised comes earlier or
later, while realised less cost is the same after every entry, and both after a statement.
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
    Part,
    gain,
    released,
    split,
)


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of an opening part, and what it cost."""

    quantity: Decimal
    cost: Decimal
    opened_at: datetime | None = None


@dataclass(slots=True)
class Queue:
    """The open lots of a leg, the oldest first."""

    instrument: Instrument = LINEAR
    lots: deque[Lot] = field(default_factory=deque)
    realized: Decimal = ZERO
    average: Leg = field(init=False)

    def __post_init__(self) -> None:
        self.average = Leg(self.instrument)

    @property
    def size(self) -> Decimal:
        return total(lot.quantity for lot in self.lots)

    @property
    def cost(self) -> Decimal:
        return total(lot.cost for lot in self.lots)

    def apply(self, entry: Entry) -> None:
        """Take one entry in."""
        self.average.apply(entry)
        if entry.kind == "funding":
            return
        if entry.is_statement:
            self._restate(entry)
            return
        closing, opening = split(entry, self.size, self.instrument)
        if closing is not None:
            self.realized = EXACT.add(self.realized, gain(closing, self._take(closing)))
        if opening is not None:
            self.lots.append(Lot(opening.quantity, opening.worth, entry.executed_at))

    def _take(self, closing: Part) -> Decimal:
        """Take the oldest lots away, and part of the next; return what they cost."""
        left, cost = closing.quantity, ZERO
        while left != 0:
            oldest = self.lots.popleft()
            if oldest.quantity.copy_abs() <= left.copy_abs():
                left = EXACT.add(left, oldest.quantity)
                cost = EXACT.add(cost, oldest.cost)
                continue
            taken = released(oldest.cost, left, oldest.quantity)
            kept = replace(
                oldest,
                quantity=EXACT.add(oldest.quantity, left),
                cost=EXACT.subtract(oldest.cost, taken),
            )
            self.lots.appendleft(kept)
            left, cost = ZERO, EXACT.add(cost, taken)
        return cost

    def _restate(self, entry: Entry) -> None:
        """A statement says what is held, not of which lots: one, realised as by average cost."""
        self.lots.clear()
        self.realized = self.average.realized
        if self.average.size != 0:
            self.lots.append(Lot(self.average.size, self.average.cost, entry.executed_at))


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
