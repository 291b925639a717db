"""What the events of an order add to it, by the rules of ``accounting.md``."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from position_manager.reference.fold import EXACT, VALUE_PLACES, ZERO, quotient, rounded


class Step(NamedTuple):
    """The part that an event adds to its order.

    `amount` is its value where that is not quantity times price: the step costs what the total
    costs more, which the rounding of the averages explains. A flawed step would have an impossible
    price, and has the average instead.
    """

    quantity: Decimal
    price: Decimal
    fee: Decimal
    amount: Decimal | None = None
    is_flawed: bool = False


@dataclass(slots=True)
class OrderTotals:
    """The applied part of an order: the larger of its newest total and the sum of its executions.

    Fees are kept by currency. Both methods return what they add; None when nothing is new.
    """

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
        cost = EXACT.subtract(EXACT.multiply(quantity, average), self.cost)
        price, amount = quotient(cost, step), None
        is_flawed = False
        if self.quantity > 0 and not average <= EXACT.multiply(2, price) <= EXACT.multiply(
            4, average
        ):
            # The averages of this total and of the former one are off by less than a unit each.
            rounding = EXACT.multiply(EXACT.add(quantity, self.quantity), rounding_unit(average))
            usual = EXACT.multiply(step, average)
            if EXACT.subtract(cost, usual).copy_abs() <= rounding:
                price, amount = average, rounded(cost)
            elif price <= 0:
                price, is_flawed = average, True
        added = self._fee(fee, currency, self.fees)
        return self._take(Step(step, price, added, amount, is_flawed), currency)

    def execute(
        self, quantity: Decimal, price: Decimal, fee: Decimal, currency: str = ""
    ) -> Step | None:
        """Add an execution that was not seen before."""
        self.executed = EXACT.add(self.executed, quantity)
        self.executed_cost = EXACT.add(self.executed_cost, EXACT.multiply(quantity, price))
        paid = EXACT.add(self.executed_fees.get(currency, ZERO), fee)
        self.executed_fees[currency] = paid
        step = EXACT.subtract(self.executed, self.quantity)
        if step <= 0:
            return None
        # Prices in the ledger have 18 fractional digits; the next step includes the rounding error.
        implied = quotient(EXACT.subtract(self.executed_cost, self.cost), step)
        added = self._fee(paid, currency, self.fees)
        return self._take(Step(step, implied if implied > 0 else price, added), currency)

    @staticmethod
    def _fee(fee: Decimal | None, currency: str, applied: dict[str, Decimal]) -> Decimal:
        """What a fee exceeds the one applied in its currency by; nothing when it is not known."""
        if fee is None or (fee == 0 and currency not in applied):
            return ZERO
        return EXACT.subtract(fee, applied.get(currency, ZERO))

    def _take(self, step: Step, currency: str) -> Step:
        self.quantity = EXACT.add(self.quantity, step.quantity)
        value = EXACT.multiply(step.quantity, step.price) if step.amount is None else step.amount
        self.cost = EXACT.add(self.cost, value)
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
