"""Seconds and bytes of the archive of a month, and of its restoration."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from bench.batches import apply
from bench.errors import MeasureError
from bench.imports import COMMAND
from bench.messages import BEGIN, asset, executions_of
from position_manager.stack.context import Context

ENTRIES, FEW = 100_000, 2_000
ASSETS, FILLED_AT_ONCE = 50, 5_000
MONTH = timedelta(days=30)
END = BEGIN.replace(month=2)
PARTITION = "entries_first"
KEYS = "pms.archived_keys"
# What the ledger counts; not in the order of the rows.
CONTENT = """
    SELECT count(*), sum(hashtextextended((e.*)::text, 0)::numeric), sum(e.quantity), sum(e.fee)
    FROM (
        SELECT
            r.id, r.account, r.asset, r.identity, r.order_id, r.executed_at, r.recorded_at,
            trim_scale(r.quantity) AS quantity, trim_scale(r.price) AS price,
            trim_scale(r.fee) AS fee, r.version, r.trace_id
        FROM pms.archived_entries r
    ) e
"""
SIZE = sql.SQL("SELECT pg_total_relation_size({}::text::regclass)")


def figures(
    context: Context, dbname: str, scale: float, log: Callable[[str], None]
) -> dict[str, tuple[str, float]]:
    """By name, the unit and the value of each figure."""
    entries = max(int(ENTRIES * scale), FEW)
    log(f"  archive of {entries:,} entries")
    with (
        psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as owner,
        tempfile.TemporaryDirectory() as folder,
    ):
        fill(context, dbname, entries)
        owner.execute("SELECT pms.begin_partition(%s)", [END])
        owner.execute("VACUUM (ANALYZE)")
        before = owner.execute(CONTENT).fetchone()
        held = _size(owner, f"pms.{PARTITION}")
        env = dict(os.environ) | {"DATABASE_URL": context.dsn("pms_operator", dbname)}
        archived = _run(env, "archive", "--before", f"{END:%Y-%m}", "--to", folder)
        bytes_ = (Path(folder) / PARTITION / "entries.parquet").stat().st_size
        kept = _size(owner, KEYS)
        restored = _run(env, "restore", PARTITION)
        if owner.execute(CONTENT).fetchone() != before:
            raise MeasureError("the restored ledger differs")
    return {
        f"ledger archive of {entries:,} entries": ("s", archived),
        f"ledger restore of {entries:,} entries": ("s", restored),
        "entry in the ledger": ("bytes", held / entries),
        "entry in an archive": ("bytes", bytes_ / entries),
        "keys of an archived entry": ("bytes", kept / entries),
    }


def fill(context: Context, dbname: str, entries: int) -> None:
    """Fill a ledger with a month of executions."""
    step = MONTH / entries
    with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as worker:
        for start in range(0, entries, FILLED_AT_ONCE):
            numbers = range(start, min(start + FILLED_AT_ONCE, entries))
            legs = [(f"desk-{n // ASSETS % 4}", asset(n % ASSETS)) for n in numbers]
            apply(worker, executions_of(legs, start, BEGIN, step))


def _size(owner: psycopg.Connection[tuple[int]], table: str) -> int:
    row = owner.execute(SIZE.format(sql.Literal(table))).fetchone()
    assert row is not None
    return row[0]


def _run(env: dict[str, str], *arguments: str) -> float:
    began = time.monotonic()
    done = subprocess.run(
        [COMMAND, "ledger", *arguments], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise MeasureError(done.stdout + done.stderr)
    return time.monotonic() - began
