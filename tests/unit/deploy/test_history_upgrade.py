"""A portfolio history of an earlier release gets the peak of each row."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import psycopg

from position_manager.stack.stack import Stack
from tests.helpers.sqitch import deploy_at_once, sqitch

BEFORE = "reconciliation/rolling_verification"
# The peak of 9 in minute 0 was above all that is retained.
ROWS = """
    INSERT INTO pms.portfolio_history
    SELECT r.account, '2026-01-01T10:00Z'::timestamptz + r.minute * interval '1 minute',
        0, r.net_pnl, r.net_pnl, 0, 0, 0, 0, 0, 0, 0, 0, TRUE
    FROM (VALUES ('a', 1, -5), ('a', 2, 3), ('a', 3, 1), ('a', 4, 7), ('b', 1, 2), ('b', 4, 4))
        r (account, minute, net_pnl)
"""
MARKS = """
    INSERT INTO pms.equity_marks
    VALUES ('a', '2026-01-01T10:01Z', '2026-01-01T10:04Z', 7, 7, '2026-01-01T10:04Z', 0),
        ('b', '2026-01-01T10:00Z', '2026-01-01T10:04Z', 4, 9, '2026-01-01T10:00Z', 0)
"""
PEAKS = """
    SELECT h.account, h.peak_net_pnl FROM pms.portfolio_history h
    ORDER BY h.account, h.recorded_at
"""


def test_each_row_of_a_former_history_gets_its_peak(server: Stack, empty: str) -> None:
    context = server.context
    deploy_at_once(context, empty, to=BEFORE)
    with psycopg.connect(context.dsn(dbname=empty)) as conn:
        conn.execute(ROWS)
        conn.execute(MARKS)

    sqitch(context, empty, "deploy", "--verify")

    with psycopg.connect(context.dsn(dbname=empty)) as conn:
        assert conn.execute(PEAKS).fetchall() == [
            *(("a", Decimal(peak)) for peak in (0, 3, 3, 7)),
            *(("b", Decimal(peak)) for peak in (9, 9)),
        ]
        extent = conn.execute("SELECT e.recorded_at FROM pms.portfolio_history_extent e").fetchall()
        assert extent == [(datetime(2026, 1, 1, 10, 4, tzinfo=UTC),)]
