"""Totals and executions of one order, mixed, late and repeated: each piece of it counts once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from decimal import Decimal as D
from decimal import localcontext
from typing import Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from position_manager.reference.fold import quotient
from position_manager.reference.orders import OrderTotals
from tests.helpers.ledger import Ledger, fill, status
from tests.helpers.soak import sized

# An average price has 18 digits: the value of a total is that exact.
DUST = D("1e-15")

STORED = """
    SELECT p.size, p.cost, p.fees_open
    FROM pms.positions p
    WHERE p.account = %s
"""

accounts = (f"account-{number}" for number in itertools.count())
# From a seed each: real orders, of which those that hypothesis would shrink are but few.
chances = st.randoms(use_true_random=True)
examples = settings(
    max_examples=sized(100, 1000),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Amounts(NamedTuple):
    """An execution, or several together."""

    quantity: D
    value: D
    fee: D


executions = st.lists(
    st.builds(
        lambda quantity, price, fee: Amounts(quantity, quantity * price, fee),
        st.sampled_from([D("1"), D("2"), D("0.3")]),
        st.decimals(D(90), D(110), places=2),
        st.decimals(D(-1), D(2), places=3),
    ),
    min_size=2,
    max_size=5,
)


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=100):
        yield


def together(parts: list[Amounts]) -> Amounts:
    return Amounts(*(sum(each, D(0)) for each in zip(*parts, strict=True)))


def executed(account: str, parts: list[Amounts]) -> list[dict[str, Any]]:
    """The executions of an order as messages."""
    return [
        fill(
            f"execution-{place}",
            "Buy",
            part.quantity,
            quotient(part.value, part.quantity),
            part.fee,
            order_id="order",
            account=account,
        )
        for place, part in enumerate(parts)
    ]


def totals(account: str, parts: list[Amounts]) -> list[dict[str, Any]]:
    """The totals of the order after each of its executions."""
    messages = []
    for count in range(1, len(parts) + 1):
        quantity, value, fee = together(parts[:count])
        average = f"{quotient(value, quantity):f}"
        state = "filled" if count == len(parts) else "partially_filled"
        messages.append(status("order", state, f"{quantity}", average, f"{fee}", account=account))
    return messages


def deliver(ledger: Ledger, messages: list[dict[str, Any]], chance: random.Random) -> None:
    """All of them, some twice, in any order and batching."""
    arriving = [*messages, *chance.sample(messages, chance.randint(0, len(messages)))]
    chance.shuffle(arriving)
    while arriving:
        size = chance.randint(1, len(arriving))
        ledger.apply(*arriving[:size])
        arriving = arriving[size:]


def assert_held(dsn: str, account: str, expected: Amounts) -> None:
    with psycopg.connect(dsn) as conn:
        [(size, cost, fees)] = conn.execute(STORED, [account]).fetchall()
    assert (size, fees) == (expected.quantity, expected.fee)
    assert abs(cost - expected.value) < DUST


@examples
@given(executions, st.data(), chances)
def test_all_executions_with_some_totals_end_in_the_executions(
    ledger: Ledger, dsn: str, parts: list[Amounts], data: st.DataObject, chance: random.Random
) -> None:
    account = next(accounts)
    some = data.draw(st.lists(st.sampled_from(totals(account, parts)), unique_by=id))

    deliver(ledger, [*executed(account, parts), *some], chance)

    assert_held(dsn, account, together(parts))


@examples
@given(executions, st.data(), chances)
def test_the_last_total_with_some_executions_ends_in_the_total(
    ledger: Ledger, dsn: str, parts: list[Amounts], data: st.DataObject, chance: random.Random
) -> None:
    account = next(accounts)
    *before, last = totals(account, parts)
    some = data.draw(
        st.lists(st.sampled_from([*executed(account, parts), *before, last]), unique_by=id)
    )

    deliver(ledger, [last, *some], chance)

    assert_held(dsn, account, together(parts))


@examples
@given(executions, chances)
def test_totals_in_any_order_end_in_the_last_one(
    ledger: Ledger, dsn: str, parts: list[Amounts], chance: random.Random
) -> None:
    account = next(accounts)

    deliver(ledger, totals(account, parts), chance)

    assert_held(dsn, account, together(parts))


def rounded_totals(
    account: str, parts: list[Amounts], places: int, currencies: list[str]
) -> tuple[list[dict[str, Any]], OrderTotals]:
    """The totals of an order as the venue rounds them, and what they come to in turn."""
    messages, order = [], OrderTotals()
    fees: dict[str, D] = {}
    for count, currency in enumerate(currencies[: len(parts)], start=1):
        quantity, value, _ = together(parts[:count])
        fees[currency] = fees.get(currency, D(0)) + parts[count - 1].fee
        average = max(quotient(value, quantity, places), D(1).scaleb(-places))
        step = order.advance(quantity, average, fees[currency], currency)
        assert step is not None
        total = status(
            "order", "partially_filled", f"{quantity}", f"{average:f}", f"{fees[currency]}",
            account=account, fee_currency=currency or None,
        )  # fmt: skip
        messages.append(total)
    return messages, order


@examples
@given(
    st.lists(
        st.builds(
            lambda quantity, price, fee: Amounts(quantity, quantity * price, fee),
            st.sampled_from([D("1000"), D("20000"), D("0.5"), D("3")]),
            st.decimals(D("0.00000700"), D("0.00000900"), places=8),
            st.decimals(D("0.001"), D(2), places=3),
        ),
        min_size=2,
        max_size=5,
    ),
    st.integers(6, 8),
    st.lists(st.sampled_from(["", "BNB", "KCS"]), min_size=5, max_size=5),
    chances,
)
def test_rounded_totals_match_the_reference(
    ledger: Ledger,
    dsn: str,
    parts: list[Amounts],
    places: int,
    currencies: list[str],
    chance: random.Random,
) -> None:
    account = next(accounts)
    messages, order = rounded_totals(account, parts, places, currencies)

    rest = list(messages)
    while rest:
        size = chance.randint(1, len(rest))
        assert set(ledger.apply(*rest[:size])) == {"applied"}
        rest = rest[size:]
    assert set(ledger.apply(*chance.sample(messages, len(messages)))) == {"duplicate"}

    with psycopg.connect(dsn) as conn:
        [(size_held, cost)] = conn.execute(
            "SELECT p.size, p.cost FROM pms.positions p WHERE p.account = %s", [account]
        ).fetchall()
        fees: dict[str, D] = dict(
            conn.execute(
                "SELECT coalesce(e.fee_currency, ''), sum(coalesce(e.fee_native, e.fee))"
                " FROM pms.ledger_entries e WHERE e.account = %s GROUP BY 1",
                [account],
            ).fetchall()
        )
    assert (size_held, abs(cost - order.cost) < DUST) == (order.quantity, True)
    assert {name: fee for name, fee in fees.items() if fee != 0} == {
        name: fee for name, fee in order.fees.items() if fee != 0
    }
