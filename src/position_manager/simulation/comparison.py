"""Compare what the service publishes with what was computed, digit by digit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from position_manager.reference.fold import EXACT, ZERO
from position_manager.simulation.expectation import Figures
from position_manager.simulation.facts import Holding

FIGURES = [each.name for each in fields(Figures)]
# The service publishes no cost of a position in a book: unrealized PnL and price imply it.
BOOK_FIGURES = [name for name in FIGURES if name != "cost_basis"]
# Those of the books of an account add up to the one of the account.
SUMMED = ("size", "fees_paid", "funding", "net_pnl")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A figure that differs between the service and the computation."""

    asset: str
    field: str
    service: str
    computed: str
    book: str | None = None


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The exact sum of those that are known."""
    found = ZERO
    for amount in amounts:
        found = EXACT.add(found, amount or ZERO)
    return found


def compare_positions(
    computed: Mapping[str, Figures], found: Mapping[str, Figures]
) -> Iterator[Mismatch]:
    """The figures of positions of accounts that differ."""
    for asset, figures in computed.items():
        for name in FIGURES:
            ours, theirs = getattr(figures, name), getattr(found.get(asset), name, None)
            if ours != theirs:
                yield Mismatch(asset, name, str(theirs), str(ours))


def compare_books(
    computed: Mapping[Holding, Figures], found: Mapping[Holding, Mapping[str, Decimal | None]]
) -> Iterator[Mismatch]:
    """The figures of positions of books that differ."""
    for holding, figures in computed.items():
        for name in BOOK_FIGURES:
            ours, theirs = getattr(figures, name), found.get(holding, {}).get(name)
            if ours != theirs:
                yield Mismatch(holding.asset, name, str(theirs), str(ours), holding.book)


def compare_sums(
    computed: Mapping[str, Figures], found: Mapping[Holding, Mapping[str, Decimal | None]]
) -> Iterator[Mismatch]:
    """The figures of positions of an account that are not the sum of those of its books."""
    for asset, figures in computed.items():
        books = [each for holding, each in found.items() if holding.asset == asset]
        for name in SUMMED:
            ours, theirs = getattr(figures, name), total(each[name] for each in books)
            if ours != theirs:
                yield Mismatch(asset, name, str(theirs), str(ours), "all books")
