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
