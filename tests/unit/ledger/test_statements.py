"""Statements: an opening or an adjustment says what a leg is, whatever came before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from position_manager.reference.fold import ZERO, Entry
from position_manager.reference.messages import Fill, Posting
from tests.helpers.account_harness import Book, expected
from tests.helpers.adjustments import adjust, enter, post
from tests.helpers.analyst import Analyst
from tests.helpers.ledger import Ledger
from tests.helpers.messages import at, bust, buy, sell
from tests.helpers.strategies import (
    MOST_FILLS,
    SHAPES,
    Shape,
    after,
    decimals,
    fills,
    fundings,
    prices,
    quantities,
)

STATED = """
    INSERT INTO pms.entries (
        account, asset, mode, leg, kind, identity, quantity, amount, realized, version,
        executed_at, recorded_at, source
    )
    VALUES (
        'main', 'BTCUSDT', 'one-way', 'net', 'adjustment', 'adjustment:1', %(quantity)s,
        %(amount)s, %(realized)s, 1, now(), now(), 'validation'
    )
"""


def held(ledger: Ledger) -> tuple[Any, ...]:
    row = ledger.position()
    return row["size"], row["average_entry_price"], row["realized_pnl"]


def test_a_late_fill_dated_before_a_statement_changes_only_what_was_earned(
    ledger: Ledger, dsn: str
) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    # The sale that is missing has been seen at the venue already.
    adjust(dsn, at(5), "1", "100")
    assert held(ledger) == (1, 100, 0)

    ledger.apply(sell("late", "1", "130", 3))
    assert held(ledger) == (1, 100, 30)


def test_a_fill_after_a_statement_goes_on_from_it(ledger: Ledger, dsn: str) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    adjust(dsn, at(5), "4", "440")
    ledger.apply(sell("b", "1", "120", 6))

    assert held(ledger) == (3, 110, 10)


def test_an_opening_carries_over_what_was_realised(ledger: Ledger, dsn: str) -> None:
    ledger.apply(buy("x", "1", "100", 0), sell("y", "1", "101", 1))
    with psycopg.connect(dsn) as conn:
        enter(
            conn, "import:1", kind="opening", quantity="-2", price="50", realized="-7.5", at=at(2)
        )

    assert held(ledger) == (-2, 50, D("-6.5"))


def test_a_statement_that_never_should_have_been_counts_no_longer(ledger: Ledger, dsn: str) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    adjust(dsn, at(5), "0", "0")
    assert held(ledger) == (0, None, 0)

    stated = f"adjustment:{at(5)}"
    assert ledger.apply(bust("a") | {"execution_id": None, "identity": stated}) == ["applied"]
    assert held(ledger) == (2, 100, 0)


def test_a_statement_tells_what_it_changed(ledger: Ledger, analyst: Analyst, dsn: str) -> None:
    ledger.apply(buy("a", "3", "100", 1))
    adjust(dsn, at(2), "1", "130")
    ledger.apply(buy("b", "1", "150", 3), bust("b"))

    voided, stated, bought = analyst.explain()
    told = [
        (row["side"], row["quantity"], row["size_change"], row["cost_change"])
        for row in (voided, stated, bought)
    ]
    assert told == [("buy", 1, 0, 0), (None, 1, -2, -170), ("buy", 3, 3, 300)]
    assert (stated["cause"], stated["value"], stated["size"]) == ("import", 130, 1)
    [listed] = analyst.view("fills", kind="adjustment")
    assert (listed["cause"], listed["side"], listed["realized"]) == ("import", None, None)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"quantity": "0", "amount": "1"}, "entries_statement_is_whole"),
        ({"quantity": "1", "amount": "1", "realized": "2"}, "entries_opening_carries_over"),
        ({"quantity": "1"}, "entries_cash_has_amount"),
    ],
)
def test_a_statement_that_says_nothing_is_refused(
    dsn: str, wrong: dict[str, Any], constraint: str
) -> None:
    said = {"amount": None, "realized": None, **wrong}
    with psycopg.connect(dsn) as conn, pytest.raises(psycopg.errors.CheckViolation) as refused:
        conn.execute(STATED, said)

    assert refused.value.diag.constraint_name == constraint


@st.composite
def statements(draw: st.DrawFn, shape: Shape) -> list[Posting]:
    """Openings and adjustments between the fills."""
    return [
        Posting(
            f"statement-{number}",
            draw(st.sampled_from(shape.places)),
            draw(a_statement(number)),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


@st.composite
def a_statement(draw: st.DrawFn, number: int) -> Entry:
    size = draw(quantities).copy_sign(D(draw(st.sampled_from([1, -1]))))
    moment = after(draw(st.integers(0, MOST_FILLS)), 30_000 + number)
    if draw(st.booleans()):
        carried = draw(st.none() | decimals(18, 3, least=-(10**18)))
        return Entry(size, draw(prices), ZERO, moment, "opening", realized=carried)
    if draw(st.booleans()):
        return Entry(ZERO, None, ZERO, moment, "adjustment", ZERO)
    cost = draw(decimals(18, 900)).copy_sign(size)
    return Entry(size, None, ZERO, moment, "adjustment", cost)


@st.composite
def stated(draw: st.DrawFn, shape: Shape) -> Sequence[Fill | Posting]:
    return [*draw(fills(shape)), *draw(fundings(shape)), *draw(statements(shape))]


@settings(
    max_examples=80,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(SHAPES).flatmap(stated), st.randoms(use_true_random=True))
def test_in_any_order_of_arrival_the_statements_hold(
    book: Book, told: Sequence[Fill | Posting], chance: random.Random
) -> None:
    account = book.new_account()
    for each in chance.sample(told, len(told)):
        if isinstance(each, Posting) and each.entry.is_absolute:
            with book.conn.transaction():
                post(book.conn, account, each)
        else:
            book.hand({account: [each]})

    rows = expected(told)
    assert book.stored(account) == [rows]
    assert book.replayed(account)[0] == {
        place: {name: row[name] for name in row if name != "version"} for place, row in rows.items()
    }
