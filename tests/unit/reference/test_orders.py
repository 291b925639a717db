"""What totals and executions add to an order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from position_manager.reference.orders import OrderTotals, Step


def test_a_total_adds_its_increment() -> None:
    order = OrderTotals()
    first = order.advance(Decimal("0.4"), Decimal(50000), Decimal(10))
    second = order.advance(Decimal("1.0"), Decimal(50006), Decimal(25))

    assert first == Step(Decimal("0.4"), Decimal(50000), Decimal(10))
    assert second == Step(Decimal("0.6"), Decimal(50010), Decimal(15))


def test_a_total_not_above_the_applied_quantity_adds_nothing() -> None:
    order = OrderTotals()
    order.advance(Decimal(1), Decimal(50000), Decimal(10))

    assert order.advance(Decimal(1), Decimal(50000), Decimal(10)) is None
    assert order.advance(Decimal("0.4"), Decimal(49000), Decimal(4)) is None


def test_the_rounding_remainder_of_an_increment_is_in_the_next() -> None:
    order = OrderTotals()
    steps = [
        order.advance(Decimal(quantity), Decimal(average), Decimal(0))
        for quantity, average in (("3", "10.1"), ("10", "10.2"), ("13", "10.3"))
    ]

    cost = sum(step[0] * step[1] for step in steps if step is not None)
    assert abs(cost - Decimal("133.9")) <= Decimal("2e-18")


@pytest.mark.parametrize("first", ["total", "executions"])
def test_a_total_and_its_executions_are_counted_once(first: str) -> None:
    order = OrderTotals()
    executions = [
        Step(Decimal("0.4"), Decimal(100), Decimal(1)),
        Step(Decimal("0.6"), Decimal(110), Decimal(2)),
    ]
    if first == "total":
        assert order.advance(Decimal(1), Decimal(106), Decimal(3)) is not None
        assert [order.execute(*each[:3]) for each in executions] == [None, None]
    else:
        assert [order.execute(*each[:3]) for each in executions] == executions
        assert order.advance(Decimal(1), Decimal(106), Decimal(3)) is None

    assert (order.quantity, order.cost) == (Decimal(1), Decimal(106))
    assert order.fees == {"": Decimal(3)}


def test_an_execution_beyond_the_total_adds_its_excess() -> None:
    order = OrderTotals()
    order.execute(Decimal("0.4"), Decimal(100), Decimal(1))
    order.advance(Decimal("0.5"), Decimal(102), Decimal(2))

    assert order.execute(Decimal("0.6"), Decimal(110), Decimal(2)) == Step(
        Decimal("0.5"),
        Decimal(110),
        Decimal(1),
    )


def test_the_rounding_of_an_average_is_in_the_value_of_a_step() -> None:
    order = OrderTotals()
    order.advance(Decimal(1000000), Decimal("0.00000812"), Decimal(0))

    step = order.advance(Decimal(1000001), Decimal("0.00000811"), Decimal(0))
    assert step == Step(Decimal(1), Decimal("0.00000811"), Decimal(0), Decimal("-0.00999189"))
    assert order.cost == Decimal("8.11000811")


def test_a_step_with_an_impossible_price_costs_the_average() -> None:
    order = OrderTotals()
    order.advance(Decimal("0.5"), Decimal(100), Decimal(0))

    step = order.advance(Decimal("0.6"), Decimal(50), Decimal(0))
    assert step == Step(Decimal("0.1"), Decimal(50), Decimal(0), is_flawed=True)


def test_fees_are_kept_by_currency() -> None:
    order = OrderTotals()
    order.advance(Decimal("0.4"), Decimal(100), Decimal("0.01"), "BNB")

    step = order.advance(Decimal(1), Decimal(100), Decimal("0.5"))
    assert step is not None
    assert step.fee == Decimal("0.5")
    assert order.fees == {"BNB": Decimal("0.01"), "": Decimal("0.5")}
