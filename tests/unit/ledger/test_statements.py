"""Openings and adjustments set the absolute state of a leg."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal as D
from decimal import localcontext
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from position_manager.reference.fold import ZERO, Entry
from position_manager.reference.messages import Fill, Posting
from tests.helpers.account_harness import Book, Row, expected, value_added
from tests.helpers.adjustments import adjust, enter, post
from tests.helpers.analyst import Analyst
from tests.helpers.ledger import Ledger
from tests.helpers.messages import at, bust, buy, sell
from tests.helpers.random_histories import (
    EXTREME,
    SHAPES,
    SHORT,
    Shape,
    a_funding,
    a_price,
    a_quantity,
    a_sign,
    after,
    digits,
    drawn,
    fills,
    journal,
)
from tests.helpers.soak import sized

STATED = """
    INSERT INTO pms.entries (
        leg_id, kind, scheme, identity, identity_key, quantity, amount, realized, version,
        executed_at, recorded_at, source
    )
    VALUES (
        1, 'a', 'a', '1', 0, %(quantity)s, %(amount)s, %(realized)s, 1, now(), now(), 'c'
    )
"""


def held(ledger: Ledger) -> tuple[Any, ...]:
    row = ledger.position()
    return row["size"], row["average_entry_price"], row["realized_pnl"]


def test_a_fill_dated_before_an_adjustment_changes_only_realized_pnl(
    ledger: Ledger, dsn: str
) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    # The sale that is missing has been seen at the venue already.
    adjust(dsn, at(5), "1", "100")
    assert held(ledger) == (1, 100, 0)

    ledger.apply(sell("late", "1", "130", 3))
    assert held(ledger) == (1, 100, 30)


def test_a_fill_after_an_adjustment_builds_on_it(ledger: Ledger, dsn: str) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    adjust(dsn, at(5), "4", "440")
    ledger.apply(sell("b", "1", "120", 6))

    assert held(ledger) == (3, 110, 10)


def test_an_opening_carries_over_realized_pnl(ledger: Ledger, dsn: str) -> None:
    ledger.apply(buy("x", "1", "100", 0), sell("y", "1", "101", 1))
    with psycopg.connect(dsn) as conn:
        enter(
            conn, "import:1", kind="opening", quantity="-2", price="50", realized="-7.5", at=at(2)
        )

    assert held(ledger) == (-2, 50, D("-6.5"))


def test_a_voided_adjustment_no_longer_counts(ledger: Ledger, dsn: str) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    adjust(dsn, at(5), "0", "0")
    assert held(ledger) == (0, None, 0)

    stated = f"adjustment:{at(5)}"
    assert ledger.apply(bust("a") | {"execution_id": None, "identity": stated}) == ["applied"]
    assert held(ledger) == (2, 100, 0)


def test_an_adjustment_publishes_its_change(ledger: Ledger, analyst: Analyst, dsn: str) -> None:
    ledger.apply(buy("a", "3", "100", 1))
    adjust(dsn, at(2), "1", "130")
    ledger.apply(buy("b", "1", "150", 3), bust("b"))

    voided, stated, bought = analyst.explain()
    shown = [
        (row["side"], row["quantity"], row["size_change"], row["cost_change"])
        for row in (voided, stated, bought)
    ]
    assert shown == [("buy", 1, 0, 0), (None, 1, -2, -170), ("buy", 3, 3, 300)]
    assert (stated["cause"], stated["value"], stated["size"]) == ("import", 130, 1)
    [listed] = analyst.view("fills", kind="adjustment")
    assert (listed["cause"], listed["side"], listed["carried_realized"]) == ("import", None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "0", "amount": "1"},
        {"quantity": "1", "amount": "1", "realized": "2"},
        {"quantity": "1"},
    ],
    ids=["cost of nothing", "realized", "no cost"],
)
def test_an_adjustment_without_content_is_refused(dsn: str, wrong: dict[str, Any]) -> None:
    row = {"amount": None, "realized": None, **wrong}
    with psycopg.connect(dsn) as conn, pytest.raises(psycopg.errors.CheckViolation) as refused:
        conn.execute(STATED, row)

    assert refused.value.diag.constraint_name == "entries_kind_is_whole"


def a_statement(chance: random.Random, shape: Shape, number: int) -> Posting:
    """An opening or an adjustment between the fills."""
    size = a_quantity(chance, EXTREME) * a_sign(chance)
    moment = after(chance.randint(0, SHORT), 30_000 + number)
    kinds = ("opening", "opening with realized", "flat", "cost", "closing", "closing at an average")
    closing_price = a_price(chance, EXTREME)
    match chance.choice(kinds):
        case "opening":
            entry = Entry(size, a_price(chance, EXTREME), ZERO, moment, "opening")
        case "opening with realized":
            carried = digits(chance, 18, 3, -(10**18))
            entry = Entry(size, a_price(chance, EXTREME), ZERO, moment, "opening", realized=carried)
        case "flat":
            price = chance.choice((None, closing_price))
            entry = Entry(ZERO, None, ZERO, moment, "adjustment", ZERO, closing_price=price)
        case "closing":
            cost = digits(chance, 18, 900).copy_sign(size)
            entry = Entry(size, None, ZERO, moment, "adjustment", cost, closing_price=closing_price)
        case "closing at an average":
            average = a_price(chance, EXTREME)
            cost = shape.instrument.value(size, average)
            entry = Entry(
                size, average, ZERO, moment, "adjustment", cost, closing_price=closing_price
            )
        case _:
            cost = digits(chance, 18, 900).copy_sign(size)
            entry = Entry(size, None, ZERO, moment, "adjustment", cost)
    return Posting(f"statement-{number}", chance.choice(shape.places), entry)


def fundings_and_statements(chance: random.Random, shape: Shape) -> list[Posting]:
    fundings = [
        a_funding(chance, shape, number, EXTREME, chance.randint(0, SHORT))
        for number in range(SHORT + 1, SHORT + 1 + chance.randint(0, 3))
    ]
    statements = [a_statement(chance, shape, number) for number in range(chance.randint(1, 3))]
    return [*fundings, *statements]


def with_statements(shape: Shape) -> st.SearchStrategy[Sequence[Fill | Posting]]:
    return st.tuples(fills(shape), drawn(fundings_and_statements, shape)).map(
        lambda parts: [*parts[0], *parts[1]]
    )


def arrive(book: Book, messages: Sequence[Fill | Posting]) -> str:
    """Deliver the messages in this order to a new account."""
    account = book.new_account()
    for each in messages:
        if isinstance(each, Posting) and each.entry.is_absolute:
            with book.conn.transaction():
                post(book.conn, account, each)
        else:
            book.apply({account: [each]})
    return account


@settings(
    max_examples=sized(80, 800),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(SHAPES).flatmap(with_statements), st.randoms(use_true_random=True))
def test_adjustments_hold_in_any_order_of_arrival(
    book: Book, messages: Sequence[Fill | Posting], chance: random.Random
) -> None:
    account = arrive(book, chance.sample(messages, len(messages)))

    rows = expected(messages)
    assert book.stored(account) == [rows]
    assert book.replayed(account)[0] == {
        place: {name: row[name] for name in row if name != "version"} for place, row in rows.items()
    }


@settings(
    max_examples=sized(60, 600),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(SHAPES).flatmap(with_statements), st.randoms(use_true_random=True))
def test_realized_less_cost_is_what_was_traded_closed_and_stated(
    book: Book, messages: Sequence[Fill | Posting], chance: random.Random
) -> None:
    arriving = chance.sample(messages, len(messages))
    account = arrive(book, arriving)

    received = journal(arriving)
    with localcontext(prec=400):
        for place in received.places():
            before: Row = {"size": ZERO, "cost": ZERO, "realized": ZERO}
            entries = received.entries(place)
            for entry, held in zip(entries, book.history(account, place), strict=True):
                gained = held["realized"] - held["cost"] - before["realized"] + before["cost"]
                assert gained == -value_added(entry, before, received.instrument(place))
                assert held["size"] != 0 or held["cost"] == 0
                before = held
