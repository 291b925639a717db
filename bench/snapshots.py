"""The cost of a year of snapshots: queries of any moment, and retention."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.batches import apply
from bench.databases import Databases
from bench.errors import MeasureError
from bench.messages import executions
from position_manager.stack.context import Context

POSITIONS, HOURS, FEWEST_HOURS = 100, 365 * 24, 48
SAMPLES = 300
# A copy of the real snapshot for every hour before it, each at its own price. The first pass makes
# one per day; then the partitions of their months exist for the rest.
GENERATE = """
    INSERT INTO pms.snapshots
    SELECT c.*
    FROM generate_series(%(first)s::integer, %(hours)s, %(step)s) h
    CROSS JOIN (SELECT s AS taken FROM pms.snapshots s WHERE s.created_at = %(taken_at)s) t
    CROSS JOIN LATERAL (
        SELECT
            (t.taken).created_at - h * INTERVAL '1 hour' AS moment,
            100 + h %% 977 / 64.0 AS price
    ) m
    CROSS JOIN LATERAL jsonb_populate_record(
        t.taken,
        jsonb_build_object(
            'id', gen_random_uuid(),
            'created_at', m.moment,
            'last_snapshot_at', m.moment,
            'price_updated_at', m.moment,
            'current_price', m.price,
            'unrealized_pnl', (t.taken).size * m.price - (t.taken).cost_basis
        )
    ) c
    ON CONFLICT DO NOTHING
"""
DAY = 24
KEEP = "SELECT s.done FROM pms.maintain_partitions(NULL) s"
BY_REST = "SELECT api.get_snapshots(%(asset)s, to_time => %(to)s, page_limit => '1')"
IN_SQL = """
    SELECT s.*
    FROM api.snapshots s
    WHERE s.account = 'main' AND s.asset = %(asset)s AND s.mode = 'one-way'
        AND s.created_at <= %(to)s::timestamptz
    ORDER BY s.created_at DESC
    LIMIT 1
"""
ALL_OF_A_RUN = """
    SELECT s.*
    FROM api.snapshots s
    WHERE s.account = 'main' AND s.created_at = %(run)s::timestamptz
"""
STATE = """
    SELECT
        (SELECT count(*) FROM pms.snapshots s WHERE s.created_at >= %(since)s),
        (SELECT count(*) FROM pms.snapshots s WHERE s.created_at < %(since)s),
        (SELECT count(*) FROM pms.entries),
        (SELECT count(*) FROM pms.positions),
        (SELECT count(*) FROM pms.checkpoints),
        (SELECT count(*) FROM pms.outbox)
"""

Connection = psycopg.Connection[tuple[Any, ...]]


def milliseconds(
    context: Context, databases: Databases, scale: float, log: Callable[[str], None]
) -> dict[str, float]:
    """Median and p95 milliseconds of each query of a moment, and the milliseconds of retention."""
    hours = max(int(HOURS * scale), FEWEST_HOURS)
    with databases.fresh() as dbname:
        log(f"  {POSITIONS * (hours + 1):,} snapshots of {POSITIONS} positions")
        newest = _fill(context, dbname, hours)
        log("  any moment, retention")
        found: dict[str, float] = {}
        with psycopg.connect(context.dsn("pms_operator", dbname), autocommit=True) as connection:
            for name, statement, rows in (
                ("snapshot of a moment, REST", BY_REST, 1),
                ("snapshot of a moment, SQL", IN_SQL, 1),
                ("all snapshots of a moment", ALL_OF_A_RUN, POSITIONS),
            ):
                _assert_by_index(connection, statement, _chosen(random.Random(1), newest, hours))
                taken = sorted(_timed(connection, statement, rows, newest, hours))
                found[f"{name}, median"] = taken[len(taken) // 2]
                found[f"{name}, p95"] = taken[len(taken) * 95 // 100]
        return found | {"retention of a year": _drop(context, dbname, newest, hours)}


def _fill(context: Context, dbname: str, hours: int) -> datetime:
    """Make positions, a snapshot and its copies; return the time of the snapshot."""
    with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as connection:
        apply(connection, executions(POSITIONS * 20, POSITIONS))
    with psycopg.connect(context.dsn("pms_owner", dbname), autocommit=True) as connection:
        connection.execute("SELECT s.done FROM pms.take_snapshots(NULL) s")
        row = connection.execute("SELECT max(s.created_at) FROM pms.snapshots s").fetchone()
        assert row is not None
        for first, step in ((DAY, DAY), (1, 1)):
            connection.execute(
                GENERATE, {"first": first, "step": step, "hours": hours, "taken_at": row[0]}
            )
            connection.execute(KEEP)
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    newest: datetime = row[0]
    return newest.astimezone(UTC)


def _chosen(chance: random.Random, newest: datetime, hours: int) -> dict[str, str]:
    """Random parameters of a query: a position, a moment, the time of a run."""
    run = newest - timedelta(hours=chance.randrange(hours))
    return {
        "asset": f"BENCH{chance.randrange(POSITIONS):03}USDT",
        "to": (run + timedelta(seconds=chance.randrange(3600))).isoformat(),
        "run": run.isoformat(),
    }


def _timed(
    connection: Connection, statement: str, rows: int, newest: datetime, hours: int
) -> list[float]:
    chance = random.Random(statement)
    taken = []
    for _ in range(SAMPLES):
        asked = _chosen(chance, newest, hours)
        began = time.perf_counter()
        found = connection.execute(statement.encode(), asked).fetchall()
        taken.append((time.perf_counter() - began) * 1000)
        if len(found) != rows:
            raise MeasureError(f"the query returned {len(found)} rows instead of {rows}")
    return taken


def _assert_by_index(connection: Connection, statement: str, asked: dict[str, str]) -> None:
    """Raise MeasureError unless the plan uses the keys of the partitions."""
    lines = connection.execute(f"EXPLAIN {statement}".encode(), asked).fetchall()
    plan = "\n".join(line for (line,) in lines)
    if "Seq Scan on snapshots" in plan or ("FROM api." in statement and "_pkey" not in plan):
        raise MeasureError(f"the plan does not use the primary keys:\n{plan}")


def _drop(context: Context, dbname: str, newest: datetime, hours: int) -> float:
    """Shorten retention by half; exactly the months before it must be dropped. Milliseconds."""
    with psycopg.connect(context.dsn("pms_owner", dbname), autocommit=True) as connection:
        retention = timedelta(hours=hours // 2)
        connection.execute("UPDATE pms.settings SET snapshot_retention = %s", [retention])
        since = (newest - retention).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        before = connection.execute(STATE, {"since": since}).fetchone()
        began = time.perf_counter()
        connection.execute(KEEP)
        taken = (time.perf_counter() - began) * 1000
        after = connection.execute(STATE, {"since": since}).fetchone()
    assert before is not None
    assert after is not None
    kept, dropped, *others = before
    if after != (kept, 0, *others):
        raise MeasureError(f"retention left the counts {after} of {before}")
    if hours == HOURS and not dropped:
        raise MeasureError("retention dropped nothing")
    return taken
