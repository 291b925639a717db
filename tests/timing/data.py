"""An account with many rows in each view, and one with a few."""

from __future__ import annotations

import json
from decimal import Decimal

import psycopg

from position_manager.stack.context import Context
from tests.timing.conditions import FOREIGN, MINE, ROWS

BATCH = 500
ASSETS = 20
APPLY = "SELECT o.outcome FROM pms.apply_order_events(%s::jsonb[]) o"
# Rows of the views besides the fills: as many, with the same amounts.
FILL = (
    """
    INSERT INTO pms.portfolio_history
    SELECT
        %(account)s, date_trunc('minute', now()) - n * INTERVAL '1 minute', 0,
        100 + n / 4.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, TRUE, 1000000
    FROM generate_series(1, %(rows)s) n
    """,
    """
    INSERT INTO pms.restatements (
        account, asset, mode, leg, cause, earliest_at, realized_pnl_before,
        realized_pnl_after, recorded_at
    )
    SELECT
        %(account)s, 'F0USDT', 'one-way', 'net', 'late', now(),
        100 + n / 4.0, 0, now()
    FROM generate_series(1, %(rows)s) n
    """,
    """
    INSERT INTO pms.discrepancies (
        account, id, asset, mode, leg, kind, field, threshold, proposal, is_fixable, status,
        first_seen_at, last_seen_at, opened_at
    )
    SELECT
        %(account)s, gen_random_uuid(), 'F0USDT', 'one-way', 'net', 'size', 'size',
        100 + n / 4.0, 'none', FALSE, 'open', now(), now(), now()
    FROM generate_series(1, %(rows)s) n
    """,
    """
    INSERT INTO pms.snapshots
    SELECT c.*
    FROM (
        SELECT s AS taken
        FROM pms.snapshots s
        WHERE s.account = %(account)s AND s.asset = 'F0USDT'
    ) t
    CROSS JOIN generate_series(1, %(rows)s) n
    CROSS JOIN LATERAL jsonb_populate_record(
        t.taken,
        jsonb_build_object(
            'id', gen_random_uuid(),
            'created_at', (t.taken).created_at - n * INTERVAL '1 minute',
            'fees_paid', 100 + n / 4.0
        )
    ) c
    """,
)


def create(context: Context) -> None:
    """Create the rows of both accounts, and statistics of them."""
    for account, rows in ((MINE, ASSETS), (FOREIGN, ROWS)):
        with psycopg.connect(context.dsn("pms_worker"), autocommit=True) as worker:
            for first in range(0, rows, BATCH):
                numbers = range(first, min(first + BATCH, rows))
                batch = [_fill(account, number) for number in numbers]
                outcomes = worker.execute(APPLY, [batch]).fetchall()
                assert set(outcomes) == {("applied",)}
        with psycopg.connect(context.dsn(), autocommit=True) as owner:
            owner.execute("SELECT api.create_snapshots(account => %s)", [account])
            for statement in FILL:
                owner.execute(statement.encode(), {"account": account, "rows": rows})
    with psycopg.connect(context.dsn(), autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")


def _fill(account: str, number: int) -> str:
    return json.dumps(
        {
            "event_type": "order_executed",
            "order_id": f"{account}-{number}",
            "execution_id": f"{account}-{number}",
            "account": account,
            "asset": f"F{number % ASSETS}USDT",
            "side": "buy",
            "execution_quantity": "1",
            "execution_price": str(100 + Decimal(number) / 4),
            "trace_id": account,
        }
    )
