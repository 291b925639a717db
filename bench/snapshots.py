"""What a year of snapshots costs: any moment of it, and forgetting its oldest months."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.batches import MeasureError, apply
from bench.databases import Databases
from bench.messages import executions
from position_manager.stack.context import Context

POSITIONS, HOURS, FEWEST_HOURS = 100, 365 * 24, 48
SAMPLES = 300
# A snapshot of every hour before the one that was really taken, at a price of its own. A first one
# of each month makes the months: the rest goes to where it belongs.
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
    context: Context, databases: Databases, scale: float, say: Callable[[str], None]
) -> dict[str, float]:
    """Median and p95 of each question about a moment, and the time that retention takes."""
    hours = max(int(HOURS * scale), FEWEST_HOURS)
    with databases.fresh() as dbname:
        say(f"  {POSITIONS * (hours + 1):,} snapshots of {POSITIONS} positions")
        newest = _fill(context, dbname, hours)
        say("  any moment, retention")
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
    """Real positions with a real snapshot, and copies of it; when the real one was taken."""
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
    """A position, any moment of the year and the moment of any run."""
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
            raise MeasureError(f"{len(found)} rows were answered where {rows} were expected")
    return taken


def _assert_by_index(connection: Connection, statement: str, asked: dict[str, str]) -> None:
    """The months are read by their key, none in full."""
    lines = connection.execute(f"EXPLAIN {statement}".encode(), asked).fetchall()
    plan = "\n".join(line for (line,) in lines)
    if "Seq Scan on snapshots" in plan or ("FROM api." in statement and "_pkey" not in plan):
        raise MeasureError(f"a moment is not found by its index:\n{plan}")


def _drop(context: Context, dbname: str, newest: datetime, hours: int) -> float:
    """Let the older half go past retention: the months entirely in it are gone, nothing else."""
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
        raise MeasureError(f"retention has left {after} of {before}")
    if hours == HOURS and not dropped:
        raise MeasureError("retention has dropped nothing")
    return taken
