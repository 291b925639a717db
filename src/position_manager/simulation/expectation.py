"""What must come out of a session, computed from what its messages mean and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from position_manager.reference.fold import ZERO, Entry, Leg, OrderTotals, fold, time_of
from position_manager.simulation.facts import Feed, Fill, Message, Nothing, Price, Queue, Total

Ledger = Mapping[str, Iterable[Entry]]


@dataclass(frozen=True, slots=True)
class Figures:
    """A position as it must be published."""

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
    """Takes the messages in the order in which they are sent."""

    def __init__(self) -> None:
        self.outcomes: dict[Feed, Counter[str]] = {feed: Counter() for feed in Feed}
        self.sizes: dict[str, Decimal] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._orders: dict[str, OrderTotals] = {}
        self._marks: dict[str, Price] = {}
        self._seen: set[bytes] = set()

    @property
    def fills(self) -> int:
        """How many entries the ledger must have gained."""
        return self.outcomes[Feed.ORDER_EVENTS]["applied"]

    def take(self, message: Message) -> None:
        """Note what one message must do."""
        match message.fact:
            case Nothing(outcome):
                pass
            case Price() as price:
                self.mark(price)
                # Which prices of one batch give way to newer ones is up to the batches.
                outcome = "priced" if message.queue is Queue.TICKER else "applied"
            case fill_or_total:
                outcome = self._fill(fill_or_total, message.body)
        self.outcomes[message.queue.feed][outcome] += 1

    def mark(self, price: Price) -> None:
        """Note a price: the newest counts, of two of one time the later to arrive."""
        known = self._marks.get(price.asset)
        if known is None or known.at <= price.at:
            self._marks[price.asset] = price

    def price(self, asset: str) -> Decimal | None:
        """The mark price at the end."""
        known = self._marks.get(asset)
        return None if known is None else known.price

    def _fill(self, fact: Fill | Total, body: bytes) -> str:
        if isinstance(fact, Total):
            entry = self._increment(fact)
        else:
            entry = Entry(fact.quantity, fact.price, fact.fee, fact.at)
            if body in self._seen:
                entry = None
            self._seen.add(body)
        if entry is None:
            return "duplicate"
        self._entries.setdefault(fact.asset, []).append(entry)
        self.sizes[fact.asset] = self.sizes.get(fact.asset, ZERO) + entry.quantity
        return "applied"

    def _increment(self, total: Total) -> Entry | None:
        order = self._orders.setdefault(total.order_id, OrderTotals())
        step = order.advance(total.quantity.copy_abs(), total.average, total.fee)
        if step is None:
            return None
        quantity, price, fee = step
        return Entry(quantity.copy_sign(total.quantity), price, fee, total.at)

    def leg(self, asset: str, before: Iterable[Entry], arrival: datetime) -> Leg:
        """An asset's state: all its entries, those `before` too, in the order of their times.

        `arrival` stands for the time of undated fills: after all others, in the order sent.
        """
        entries = [*before, *self._entries.get(asset, [])]
        dated = [replace(each, executed_at=each.executed_at or arrival) for each in entries]
        return fold(sorted(dated, key=time_of))

    def figures(self, before: Ledger, arrival: datetime) -> dict[str, Figures]:
        """Every asset of the session, as it must be published."""
        return {
            asset: Figures.of(self.leg(asset, before.get(asset, ()), arrival), self.price(asset))
            for asset in sorted(self._entries)
        }
