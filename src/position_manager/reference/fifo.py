"""The reference implementation of lots: the same entries, first in, first out.

FIFO realizes the same PnL as average cost, but at other times: realized less cost is equal after
every entry, and both figures are equal after an absolute entry.
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
    realized_on_close,
    released_cost,
    split,
)


@dataclass(frozen=True, slots=True)
class Lot:
    """The open rest of an opening part, with its cost."""

    quantity: Decimal
    cost: Decimal
    opened_at: datetime | None = None


@dataclass(slots=True)
class FifoLots:
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
        """Apply one entry to the lots."""
        self.average.apply(entry)
        if entry.kind == "funding":
            return
        if entry.is_absolute:
            self._replace_by(entry)
            return
        closing, opening = split(entry, self.size, self.instrument)
        if closing is not None:
            self.realized = EXACT.add(
                self.realized, realized_on_close(closing, self._consume(closing))
            )
        if opening is not None:
            self.lots.append(Lot(opening.quantity, opening.value, entry.executed_at))

    def _consume(self, closing: Part) -> Decimal:
        """Remove the oldest lots, and part of the next one; return the cost they release."""
        left, cost = closing.quantity, ZERO
        while left != 0:
            oldest = self.lots.popleft()
            if oldest.quantity.copy_abs() <= left.copy_abs():
                left = EXACT.add(left, oldest.quantity)
                cost = EXACT.add(cost, oldest.cost)
                continue
            taken = released_cost(oldest.cost, left, oldest.quantity)
            kept = replace(
                oldest,
                quantity=EXACT.add(oldest.quantity, left),
                cost=EXACT.subtract(oldest.cost, taken),
            )
            self.lots.appendleft(kept)
            left, cost = ZERO, EXACT.add(cost, taken)
        return cost

    def _replace_by(self, entry: Entry) -> None:
        """Replace all lots by one: an absolute entry names no lots, so average cost decides."""
        self.lots.clear()
        self.realized = self.average.realized
        if self.average.size != 0:
            self.lots.append(Lot(self.average.size, self.average.cost, entry.executed_at))


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
