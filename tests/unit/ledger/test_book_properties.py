"""The books of an account always add up to it, whatever came, in any order and batching.

As in ``test_mixed_properties.py``, where fills and funding name a strategy, or none, and some are
moved to another book in between.
``make soak ONLY=book`` runs 1,000 examples.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from position_manager.reference.messages import Fill, Posting, Total
from tests.helpers.account_harness import Book
from tests.helpers.random_actions import mixture
from tests.helpers.random_histories import CONTRACTS, LEGS, MIXED, ROUND, Amounts, Shape, shuffled
from tests.helpers.soak import sized
from tests.unit.ledger.test_mixed_properties import FINDINGS, assert_same_legs

# At each moment at which a leg of an account or its books changed: what each of them had then.
SUMS = """
    SELECT
        l.asset, l.mode, l.leg, m.at,
        sum((s.state).size) FILTER (WHERE NOT b.is_book) AS size,
        sum((s.state).size) FILTER (WHERE b.is_book) AS books_size,
        sum((s.state).realized - (s.state).cost) FILTER (WHERE NOT b.is_book) AS balance,
        sum((s.state).realized - (s.state).cost) FILTER (WHERE b.is_book) AS books_balance,
        sum((s.state).fees_open + (s.state).fees_close) FILTER (WHERE NOT b.is_book) AS fees,
        sum((s.state).fees_open + (s.state).fees_close) FILTER (WHERE b.is_book) AS books_fees,
        sum((s.state).funding) FILTER (WHERE NOT b.is_book) AS funding,
        sum((s.state).funding) FILTER (WHERE b.is_book) AS books_funding
    FROM (
        SELECT DISTINCT p.asset, p.mode, p.leg FROM pms.positions p WHERE p.account = %(account)s
    ) l
    CROSS JOIN LATERAL (
        SELECT DISTINCT e.executed_at AS at
        FROM pms.ledger_entries e
        WHERE pms.base_account(e.account) = %(account)s
            AND (e.asset, e.mode, e.leg) = (l.asset, l.mode, l.leg)
    ) m
    INNER JOIN pms.positions p
        ON pms.base_account(p.account) = %(account)s
        AND (p.asset, p.mode, p.leg) = (l.asset, l.mode, l.leg)
    CROSS JOIN LATERAL pms.is_book(p.account) b (is_book)
    CROSS JOIN LATERAL pms.leg_state_at(p.account, p.asset, p.mode, p.leg, m.at) s
    GROUP BY l.asset, l.mode, l.leg, m.at
"""
FILLS = """
    SELECT e.identity
    FROM pms.ledger_entries e
    WHERE e.account = %s AND e.kind IN ('trade', 'funding')
    ORDER BY e.id
"""
BOOKS = "SELECT pms.book_account(b.account, b.book) FROM pms.books b WHERE b.account = %s"
NOW = """
    SELECT
        p.asset, p.mode, p.leg,
        sum(p.size) FILTER (WHERE NOT pms.is_book(p.account)) AS size,
        sum(p.size) FILTER (WHERE pms.is_book(p.account)) AS books_size,
        sum(p.realized) FILTER (WHERE NOT pms.is_book(p.account)) AS realized,
        sum(p.realized) FILTER (WHERE pms.is_book(p.account)) AS books_realized,
        bool_and(p.size = 0) AS is_flat
    FROM pms.positions p
    WHERE pms.base_account(p.account) = %s
    GROUP BY p.asset, p.mode, p.leg
"""

# Entries, with what was entered before them in their leg, at a later time.
EARLIER = """
    SELECT *
    FROM (
        SELECT
            e.account, e.asset, e.mode, e.leg, e.identity, e.recorded_at,
            max(e.recorded_at) OVER (
                PARTITION BY e.account, e.asset, e.mode, e.leg ORDER BY e.id
            ) AS latest_at
        FROM pms.ledger_entries e
        WHERE pms.base_account(e.account) = %s
    ) n
    WHERE n.recorded_at < n.latest_at
"""


@pytest.mark.parametrize("asset", CONTRACTS)
@settings(
    max_examples=sized(15, 250),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(list(LEGS)),
    st.randoms(use_true_random=False),
    st.sampled_from((ROUND, MIXED)),
    st.randoms(use_true_random=True),
)
def test_the_sum_of_the_books_is_the_account(
    book: Book,
    asset: str,
    mode: str,
    making: random.Random,
    amounts: Amounts,
    chance: random.Random,
) -> None:
    book.strategies = (None, "alpha", "beta")
    mixed = mixture(making, Shape(asset, mode), book.clock(), amounts)
    batches = shuffled(mixed.messages, chance)
    note(f"{batches}")
    mixed.define(book)
    account = book.new_account()
    for number, batch in enumerate(batches):
        book.apply({account: batch})
        move(book, account, making, f"move-{number}")

    # The account itself is what it is without strategies.
    assert_same_legs(book, account, mixed.journal(batches))
    named = [
        each
        for each in mixed.messages
        if isinstance(each, Fill | Total | Posting) and book.named(each)
    ]
    books = [name for (name,) in book.conn.execute(BOOKS, [account])]
    assert not books or len(books) > 1
    assert books or len(named) < 3
    for each in rows(book, SUMS, {"account": account}) if books else []:
        for figure in ("size", "balance", "fees", "funding"):
            assert each[figure] == each[f"books_{figure}"], (figure, each)
    for each in rows(book, NOW, [account]) if books else []:
        assert each["size"] == each["books_size"], each
        if each["is_flat"]:
            assert each["realized"] == each["books_realized"], each
    for name in books:
        assert rows(book, FINDINGS, {"account": name}) == []
    assert rows(book, EARLIER, [account]) == []


def move(book: Book, account: str, making: random.Random, move_id: str) -> None:
    """Move one of the fills to a book, where it may be already."""
    recorded = [identity for (identity,) in book.conn.execute(FILLS, [account])]
    if not recorded or making.random() < 0.6:
        return
    done = book.ledger.call(
        "move_to_book",
        move_id=move_id,
        identity=making.choice(recorded),
        to_book=making.choice(("alpha", "beta", "unassigned")),
        account=account,
    )
    assert "outcome" in done or done["error_code"] == "CONFLICT", done


def rows(book: Book, statement: str, arguments: Any) -> list[dict[str, Decimal]]:
    """The rows of a statement, by name."""
    cursor = book.conn.execute(statement.encode(), arguments)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]
