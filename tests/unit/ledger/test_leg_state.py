"""The state of a leg at a moment is the last of its history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from tests.helpers.account_harness import SPACING
from tests.helpers.ledger import Ledger, bust, correction, fill, funding
from tests.helpers.owner_queries import LEG, OwnerQueries

COUNT = 40
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
# Every moment between two entries, as known at every time at which something was recorded.
COMPARED = """
    SELECT
        m.at,
        k.known_at::text,
        (s.state, s.ordinal, s.version, s.recorded_at, nullif(s.executed_at, '-infinity'))
        IS NOT DISTINCT FROM
        (h.state, h.ordinal, h.newest_version, h.newest_recorded_at, h.executed_at)
        AND s.entry_id = coalesce(h.entry_id, s.entry_id) AS is_equal
    FROM generate_series(%(begin)s::timestamptz, %(end)s, '30 seconds') m (at)
    CROSS JOIN (
        SELECT e.recorded_at FROM pms.ledger_entries e
        UNION
        SELECT v.recorded_at FROM pms.voids v
        UNION
        SELECT '-infinity'
        UNION
        SELECT 'infinity'
    ) k (known_at)
    CROSS JOIN LATERAL pms.leg_state_at(
        %(account)s, %(asset)s, %(mode)s, %(leg)s, m.at, k.known_at
    ) s
    CROSS JOIN LATERAL (
        SELECT l.*
        FROM pms.leg_history(
            %(account)s, %(asset)s, %(mode)s, %(leg)s, m.at, m.at, k.known_at
        ) l
        ORDER BY l.ordinal DESC
        LIMIT 1
    ) h
"""


def at(minute: float) -> str:
    return (BEGIN + timedelta(minutes=minute)).isoformat()


@pytest.fixture
def traded(ledger: Ledger, queries: OwnerQueries) -> OwnerQueries:
    """A leg with a past that changed, and with a checkpoint after every fourth entry."""
    queries.owner.execute(SPACING.format(spacing=4).encode())
    for number in range(COUNT):
        side = "Sell" if number % 3 == 0 else "Buy"
        quantity, price = D(number % 5 + 1), D(100 + number)
        ledger.apply(fill(f"f{number}", side, quantity, price, "0.1", at=at(number)))
    ledger.apply(fill("late", "Buy", "2", "90", at=at(7.5)), funding("p", "-3", at=at(12.5)))
    ledger.apply(bust("f9"))
    ledger.apply(correction("f20", execution_price="80"))
    ledger.apply(bust(f"f{COUNT - 1}"))
    return queries


def test_the_state_at_a_moment_is_the_last_of_the_history(traded: OwnerQueries) -> None:
    rows = traded.rows(COMPARED, **LEG, begin=at(-1), end=at(COUNT + 1))

    assert len(rows) > 10 * COUNT
    assert [row for row in rows if not row["is_equal"]] == []
