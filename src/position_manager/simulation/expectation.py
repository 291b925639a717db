"""The expected result of a session, computed from the meaning of its messages alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from position_manager.reference.fold import ZERO, Entry, Leg, fold, time_of
from position_manager.reference.orders import OrderTotals
from position_manager.simulation.facts import (
    Feed,
    Fill,
    Funding,
    Holding,
    Message,
    Nothing,
    Price,
    Queue,
    Split,
    Total,
)

Ledger = Mapping[Holding, Iterable[Entry]]


@dataclass(frozen=True, slots=True)
class Figures:
    """The published figures of a position."""

    size: Decimal
    cost_basis: Decimal
    average_entry_price: Decimal | None
    realized_pnl: Decimal
    fees_paid: Decimal
    funding: Decimal
    current_price: Decimal | None
    unrealized_pnl: Decimal
    net_pnl: Decimal

    @classmethod
    def of(cls, leg: Leg, mark: Decimal | None) -> Figures:
        return cls(
            size=leg.size,
            cost_basis=leg.cost.copy_abs(),
            average_entry_price=leg.average,
            realized_pnl=leg.realized_pnl,
            fees_paid=leg.fees_paid,
            funding=leg.funding,
            current_price=mark,
            unrealized_pnl=leg.unrealized(mark),
            net_pnl=leg.net_pnl(mark),
        )


class Expectation:
    """The expected result of the messages added so far, in the order in which they are sent."""

    def __init__(self) -> None:
        self.outcomes: dict[Feed, Counter[str]] = {feed: Counter() for feed in Feed}
        self.sizes: dict[Holding, Decimal] = {}
        self._entries: dict[Holding, list[Entry]] = {}
        self._orders: dict[str, OrderTotals] = {}
        self._marks: dict[str, Price] = {}
        self._seen: set[bytes] = set()

    @property
    def fills(self) -> int:
        """The number of entries that the session adds to the ledger."""
        return self.outcomes[Feed.ORDER_EVENTS]["applied"]

    @property
    def entries(self) -> dict[str, list[Entry]]:
        """The entries of accounts by asset, in the order in which they were added."""
        return {each.asset: found for each, found in self._entries.items() if each.book is None}

    def add(self, message: Message) -> None:
        """Add a message and count its expected outcome."""
        match message.fact:
            case Nothing(outcome):
                pass
            case Price() as price:
                self.add_price(price)
                # A newer price supersedes older ones of its batch: outcomes depend on batches.
                outcome = "priced" if message.queue is Queue.TICKER else "applied"
            case fact:
                outcome = self._enter(fact, message.body)
        self.outcomes[message.queue.feed][outcome] += 1

    def add_price(self, price: Price) -> None:
        """Add a price; the newest one counts, and of two with the same time the later arrival."""
        known = self._marks.get(price.asset)
        if known is None or known.at <= price.at:
            self._marks[price.asset] = price

    def price(self, asset: str) -> Decimal | None:
        """The latest mark price; None when there is none."""
        known = self._marks.get(asset)
        return None if known is None else known.price

    def _enter(self, fact: Fill | Total | Funding | Split, body: bytes) -> str:
        entry: Entry | None
        holdings = self._holdings(fact)
        match fact:
            case Total():
                entry = self._increment(fact)
            case _ if body in self._seen:
                entry = None
            case Fill():
                entry = Entry(fact.quantity, fact.price, fact.fee, fact.at)
            case Funding():
                entry = Entry(ZERO, None, ZERO, fact.at, "funding", fact.amount)
            case Split():
                entry = Entry(ZERO, fact.ratio, ZERO, fact.at, "split", Decimal(1))
                self.sizes |= {each: self.sizes[each] * fact.ratio for each in holdings}
        self._seen.add(body)
        if entry is None:
            return "duplicate"
        for each in holdings:
            self._entries.setdefault(each, []).append(entry)
            self.sizes[each] = self.sizes.get(each, ZERO) + entry.quantity
        return "applied"

    def _holdings(self, fact: Fill | Total | Funding | Split) -> set[Holding]:
        """The positions that a fact changes: each one of a split asset, or account and book."""
        if isinstance(fact, Split):
            return {each for each in self._entries if each.asset == fact.asset}
        return {Holding(fact.asset), Holding(fact.asset, fact.book)}

    def _increment(self, total: Total) -> Entry | None:
        order = self._orders.setdefault(total.order_id, OrderTotals())
        step = order.advance(total.quantity.copy_abs(), total.average, total.fee)
        if step is None:
            return None
        quantity = step.quantity.copy_sign(total.quantity)
        amount = step.signed_amount(total.quantity)
        return Entry(quantity, step.price, step.fee, total.at, amount=amount)

    def leg(self, holding: Holding, before: Iterable[Entry], arrival: datetime) -> Leg:
        """The state after the entries `before` and those of the session, by event time.

        Undated fills get the time `arrival`, so they follow all others in the order sent.
        """
        entries = [*before, *self._entries.get(holding, [])]
        dated = [replace(each, executed_at=each.executed_at or arrival) for each in entries]
        return fold(sorted(dated, key=time_of))

    def figures(self, before: Ledger, arrival: datetime) -> dict[str, Figures]:
        """The expected figures of each asset of the session, in the account that trades it."""
        return {
            asset: self._figures(Holding(asset), before, arrival) for asset in sorted(self.entries)
        }

    def book_figures(self, before: Ledger, arrival: datetime) -> dict[Holding, Figures]:
        """The expected figures of each asset of the session in each book."""
        known = (each for each in self._entries.keys() | before.keys() if each.book is not None)
        return {each: self._figures(each, before, arrival) for each in sorted(known)}

    def _figures(self, holding: Holding, before: Ledger, arrival: datetime) -> Figures:
        leg = self.leg(holding, before.get(holding, ()), arrival)
        return Figures.of(leg, self.price(holding.asset))
