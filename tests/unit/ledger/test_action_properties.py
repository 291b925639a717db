"""Corporate actions between late fills, in any order and batching, match the reference."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from decimal import localcontext

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from position_manager.reference.fold import time_of
from position_manager.reference.messages import Place
from tests.helpers.account_harness import STATE, Book, Row, state
from tests.helpers.random_actions import with_actions
from tests.helpers.random_histories import MIXED, ROUND, SHAPES, Amounts, Shape, shuffled
from tests.helpers.soak import sized

AS_OF = """
    SELECT (h.state).size, (h.state).cost, (h.state).realized, (h.state).fees_open,
        (h.state).fees_close, (h.state).funding, (h.state).opened_at, (h.state).closed_at
    FROM pms.positions p
    CROSS JOIN LATERAL pms.leg_state_at(p.account, p.asset, p.mode, p.leg, %s) h
    WHERE p.account = %s AND p.asset = %s AND p.leg = %s
"""
FINDINGS = """
    SELECT f.*
    FROM (SELECT DISTINCT p.asset, p.mode FROM pms.positions p WHERE p.account = %(account)s) p
    CROSS JOIN LATERAL (
        SELECT s.* FROM pms.stored_row_findings(%(account)s, p.asset, p.mode) s
        UNION ALL
        SELECT r.* FROM pms.rule_findings(%(account)s, p.asset, p.mode) r
        WHERE r.field <> 'size'
    ) f
"""


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=400):
        yield


def as_of(book: Book, account: str, place: Place, at: datetime) -> Row:
    with book.conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(AS_OF, [at, account, *place]).fetchone()
    assert row is not None
    return row


@settings(
    max_examples=sized(150, 1500),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(SHAPES),
    st.randoms(use_true_random=False),
    st.sampled_from((ROUND, MIXED)),
    st.randoms(use_true_random=True),
)
def test_actions_in_any_order_give_the_state_of_the_reference(
    book: Book, shape: Shape, making: random.Random, amounts: Amounts, chance: random.Random
) -> None:
    acted = with_actions(making, shape, amounts)
    note(f"{acted.messages}")
    acted.define(book)
    [account] = book.deliver(shuffled(acted.messages, chance))

    received = acted.journal()
    [stored] = book.stored(account)
    [replayed] = book.replayed(account)
    [folded] = book.folded_on(account)
    for place, row in stored.items():
        held = received.leg(place)
        found = {name: row[name] for name in STATE}
        assert found == state(held), place
        assert found == {name: folded[place][name] for name in STATE}
        if place in replayed:
            assert replayed[place].items() <= row.items()
        for at in {time_of(entry) for entry in received.entries(place)}:
            assert as_of(book, account, place, at) == state(received.leg(place, at)), at
    assert received.places() <= stored.keys()
    assert book.conn.execute(FINDINGS, {"account": account}).fetchall() == []
