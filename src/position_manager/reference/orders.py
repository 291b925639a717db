"""What the events of an order add to it, by the rules of ``accounting.md``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from position_manager.reference.fold import (
    EXACT,
    LINEAR,
    VALUE_PLACES,
    ZERO,
    Instrument,
    quotient,
    rounded,
)
from position_manager.reference.messages import Fill, Message, Total

# What an order has cost is a quotient where its contract is inverse: exact enough for any price.
COST_PLACES = 60
# Prices are less than that.
LIMIT = Decimal(10) ** 20


class Step(NamedTuple):
    """The part that an event adds to its order.

    `amount` is the value of a purchase where its price does not give that: the step costs what the
    total costs more, which the rounding of the averages explains. A flawed step would have an
    impossible price, and has the average instead.
    """

    quantity: Decimal
    price: Decimal
    fee: Decimal
    amount: Decimal | None = None
    is_flawed: bool = False

    def signed_amount(self, side: Decimal) -> Decimal | None:
        """The amount of a step that was bought or sold, by the sign of `side`."""
        if self.amount is None:
            return None
        return EXACT.multiply(self.amount, Decimal(1).copy_sign(side))


@dataclass(slots=True)
class OrderTotals:
    """The applied part of an order: the larger of its newest total and the sum of its executions.

    Fees are kept by currency. Both methods return what they add; None when nothing is new.
    `cost` is a sum of quantities at their prices: of products, or of quotients if inverse.
    """

    instrument: Instrument = LINEAR
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    executed: Decimal = ZERO
    executed_cost: Decimal = ZERO
    fees: dict[str, Decimal] = field(default_factory=dict)
    executed_fees: dict[str, Decimal] = field(default_factory=dict)

    def advance(
        self, quantity: Decimal, average: Decimal, fee: Decimal | None, currency: str = ""
    ) -> Step | None:
        """Add a cumulative total of the order; `average` has the digits that the venue wrote."""
        step = EXACT.subtract(quantity, self.quantity)
        if step <= 0:
            return None
        cost = EXACT.subtract(self._cost(quantity, average), self.cost)
        price, amount = self._price(step, cost), None
        is_flawed = False
        if self.quantity > 0 and not average <= EXACT.multiply(2, price) <= EXACT.multiply(
            4, average
        ):
            # The averages of this total and of the former one are off by less than a unit each.
            rounding = EXACT.multiply(EXACT.add(quantity, self.quantity), rounding_unit(average))
            if self.instrument.is_inverse:
                rounding = quotient(rounding, EXACT.multiply(average, average), COST_PLACES)
            usual = self._cost(step, average)
            if EXACT.subtract(cost, usual).copy_abs() <= rounding:
                price, amount = average, rounded(EXACT.multiply(cost, self._signed_multiplier))
            elif not 0 < price < LIMIT:
                price, is_flawed = average, True
        added = self._fee(fee, currency, self.fees)
        return self._take(Step(step, price, added, amount, is_flawed), currency)

    def execute(
        self, quantity: Decimal, price: Decimal, fee: Decimal, currency: str = ""
    ) -> Step | None:
        """Add an execution that was not seen before."""
        self.executed = EXACT.add(self.executed, quantity)
        self.executed_cost = EXACT.add(self.executed_cost, self._cost(quantity, price))
        paid = EXACT.add(self.executed_fees.get(currency, ZERO), fee)
        self.executed_fees[currency] = paid
        step = EXACT.subtract(self.executed, self.quantity)
        if step <= 0:
            return None
        # Prices in the ledger have 18 fractional digits; the next step includes the rounding error.
        implied = self._price(step, EXACT.subtract(self.executed_cost, self.cost))
        added = self._fee(paid, currency, self.fees)
        return self._take(Step(step, implied if 0 < implied < LIMIT else price, added), currency)

    @property
    def _signed_multiplier(self) -> Decimal:
        """What the value of a purchase is for a unit of cost."""
        multiplier = self.instrument.multiplier
        return multiplier.copy_negate() if self.instrument.is_inverse else multiplier

    def _cost(self, quantity: Decimal, price: Decimal) -> Decimal:
        if self.instrument.is_inverse:
            return quotient(quantity, price, COST_PLACES)
        return EXACT.multiply(quantity, price)

    def _price(self, quantity: Decimal, cost: Decimal) -> Decimal:
        """The price that a cost implies; 0 where there is none."""
        if not self.instrument.is_inverse:
            return quotient(cost, quantity)
        return quotient(quantity, cost) if cost > 0 else ZERO

    @staticmethod
    def _fee(fee: Decimal | None, currency: str, applied: dict[str, Decimal]) -> Decimal:
        """What a fee exceeds the one applied in its currency by; nothing when it is not known."""
        if fee is None or (fee == 0 and currency not in applied):
            return ZERO
        return EXACT.subtract(fee, applied.get(currency, ZERO))

    def _take(self, step: Step, currency: str) -> Step:
        self.quantity = EXACT.add(self.quantity, step.quantity)
        cost = (
            self._cost(step.quantity, step.price)
            if step.amount is None
            else quotient(step.amount, self._signed_multiplier, COST_PLACES)
        )
        self.cost = EXACT.add(self.cost, cost)
        if step.fee != 0:
            self.fees[currency] = EXACT.add(self.fees.get(currency, ZERO), step.fee)
        return step


def rounding_unit(average: Decimal) -> Decimal:
    """The most that rounding changes an average by.

    One that is a whole number is hardly rounded to one: it is written short, so 1 % at most.
    """
    exponent = average.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent < 0:
        return Decimal(1).scaleb(max(exponent, -VALUE_PLACES))
    return min(Decimal(1), EXACT.multiply(average, Decimal("0.01")))


@dataclass(slots=True)
class Orders:
    """The orders of an account that send totals; those of `messages`, whose events come in turn."""

    messages: Iterable[Message]
    begun: dict[tuple[str, str | None], set[datetime]] = field(init=False)
    applied: dict[tuple[str, str | None, datetime], OrderTotals] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begun = {}
        for each in self.messages:
            if isinstance(each, Total):
                self.begun.setdefault((each.place.asset, each.order_id), set()).add(each.created_at)

    def send_totals(self, fill: Fill) -> bool:
        """Whether the order of an execution does."""
        return (fill.place.asset, fill.order_id) in self.begun

    def add(self, event: Fill | Total, instrument: Instrument) -> Fill | None:
        """What an event adds to its order, as a fill; None when that is nothing."""
        size, currency = event.quantity.copy_abs(), event.fee_currency
        if isinstance(event, Total):
            order = self._order(event, event.created_at, instrument)
            step = order.advance(size, event.average, event.fee, currency)
        else:
            starts = self.begun[event.place.asset, event.order_id]
            begun = [start for start in starts if start <= event.executed_at]
            order = self._order(event, max(begun) if begun else min(starts), instrument)
            step = order.execute(size, event.price, event.fee, currency)
        if step is None:
            return None
        return Fill(
            event.identity,
            event.place,
            step.quantity.copy_sign(event.quantity),
            step.price,
            event.executed_at,
            step.fee,
            fee_currency=currency,
            value=step.signed_amount(event.quantity),
        )

    def _order(
        self, event: Fill | Total, created_at: datetime, instrument: Instrument
    ) -> OrderTotals:
        key = (event.place.asset, event.order_id, created_at)
        return self.applied.setdefault(key, OrderTotals(instrument))
