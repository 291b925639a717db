"""Everything mixed, in any order and batching, matches the reference implementation.

Late and repeated fills, fills that share ids or have none, rounded totals of orders, fees in other
currencies, aliases, clocks that are ahead, busts, corrections, adjustments at a price, corporate
actions, moves between the modes. ``make soak ONLY=mixed`` runs 2,000 examples.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import localcontext

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from position_manager.reference.fold import Leg, states, time_of
from position_manager.reference.journal import Journal
from position_manager.reference.messages import Place
from tests.helpers.account_harness import STATE, Book, Row, state
from tests.helpers.random_actions import mixture
from tests.helpers.random_histories import CONTRACTS, LEGS, MIXED, ROUND, Amounts, Shape, shuffled
from tests.helpers.soak import sized

AS_OF = """
    SELECT m.at, (h.state).size, (h.state).cost, (h.state).realized, (h.state).fees_open,
        (h.state).fees_close, (h.state).funding, (h.state).opened_at, (h.state).closed_at
    FROM pms.positions p
    CROSS JOIN unnest(%s::timestamptz[]) m (at)
    CROSS JOIN LATERAL pms.leg_state_at(p.account, p.asset, p.mode, p.leg, m.at) h
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


def as_of(book: Book, account: str, place: Place, times: Iterable[datetime]) -> dict[datetime, Row]:
    """The state of a leg at each of these times."""
    with book.conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(AS_OF, [list(times), account, *place]).fetchall()
    return {row.pop("at"): row for row in rows}


# In parts, which the processes of a run share.
@pytest.mark.parametrize("asset", CONTRACTS)
@settings(
    max_examples=sized(40, 500),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(list(LEGS)),
    st.randoms(use_true_random=False),
    st.sampled_from((ROUND, MIXED)),
    st.randoms(use_true_random=True),
)
def test_everything_mixed_matches_the_reference(
    book: Book,
    asset: str,
    mode: str,
    making: random.Random,
    amounts: Amounts,
    chance: random.Random,
) -> None:
    mixed = mixture(making, Shape(asset, mode), book.clock(), amounts)
    batches = shuffled(mixed.messages, chance)
    note(f"{batches}")
    mixed.define(book)
    [account] = book.deliver(batches)

    assert_same_legs(book, account, mixed.journal(batches))


def assert_same_legs(book: Book, account: str, received: Journal) -> None:
    """All legs of an account are those of the reference, now and after every entry."""
    [stored] = book.stored(account)
    [replayed] = book.replayed(account)
    [folded] = book.folded_on(account)
    for place, row in stored.items():
        entries, instrument = received.entries(place), received.instrument(place)
        held = [Leg(instrument), *states(entries, instrument)]
        found = {name: row[name] for name in STATE}
        assert found == state(held[-1]), place
        assert found == {name: folded[place][name] for name in STATE}
        if place in replayed:
            assert replayed[place].items() <= row.items()
        # Of entries at one time the last one counts.
        after = {time_of(entry): state(leg) for entry, leg in zip(entries, held[1:], strict=True)}
        assert as_of(book, account, place, after) == after, place
    assert received.places() <= stored.keys()
    assert book.conn.execute(FINDINGS, {"account": account}).fetchall() == []
