"""The cost of a long history: the same queries on a leg with few entries and with many."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg

from bench.batches import MeasureError, apply
from bench.databases import Databases
from bench.messages import BEGIN, STEP, executions, late_execution
from position_manager.stack.context import Context

SHORT, LONG, SHORTEST = 10_000, 1_000_000, 2_000
BATCH = 1000
SAMPLES = 60
# Lateness of a late fill in entries, more than a network delay causes.
LATENESS = 500
PAGE = 100

Connection = psycopg.Connection[tuple[Any, ...]]
Question = Callable[[Connection, int, random.Random], None]

AS_OF = "SELECT p.size FROM api.positions_as_of(%(at)s, %(known_at)s) p"
EXPLAIN = """
    SELECT e.id, e.size
    FROM api.position_entries('BENCH000USDT', page_limit => %(page)s, before => %(before)s) e
"""


def late_fill(connection: Connection, entries: int, chance: random.Random) -> None:
    """Commit a fill that belongs before the newest ones."""
    after = BEGIN + (entries - chance.randrange(LATENESS // 2, LATENESS)) * STEP
    apply(connection, [late_execution(after)])


def as_of(connection: Connection, entries: int, chance: random.Random) -> None:
    """Query the position at a past moment, as known now."""
    at = BEGIN + chance.randrange(entries // 10, entries) * STEP
    _ask(connection, AS_OF, {"at": at, "known_at": None}, 1)


def as_known(connection: Connection, entries: int, chance: random.Random) -> None:
    """Query the position at a past moment, as known a moment ago."""
    at = BEGIN + chance.randrange(entries // 10, entries) * STEP
    row = connection.execute("SELECT now()").fetchone()
    assert row is not None
    _ask(connection, AS_OF, {"at": at, "known_at": row[0] - timedelta(milliseconds=1)}, 1)


def explain(connection: Connection, entries: int, chance: random.Random) -> None:
    """Query a page of entries with the state after each, from a random place in the history."""
    before = chance.randrange(entries // 10, entries)
    _ask(connection, EXPLAIN, {"page": PAGE, "before": before}, PAGE)


QUESTIONS: dict[str, tuple[str, Question]] = {
    "late fill": ("pms_worker", late_fill),
    "position as of": ("pms_operator", as_of),
    "position as known": ("pms_operator", as_known),
    "explain, a page": ("pms_operator", explain),
}


def milliseconds(
    context: Context, databases: Databases, scale: float, log: Callable[[str], None]
) -> dict[str, float]:
    """The median milliseconds of each query, run in turns on a short and a long history."""
    short_size, long_size = (max(int(size * scale), SHORTEST) for size in (SHORT, LONG))
    sizes = {"short": short_size, "long": long_size}
    taken: dict[str, list[float]] = {}
    with databases.fresh() as short, databases.fresh() as long:
        names = {"short": short, "long": long}
        for history, name in names.items():
            log(f"  one leg with {sizes[history]:,} entries")
            fill(context.dsn("pms_worker", name), context.dsn(dbname=name), sizes[history])
        log("  late fills, as-of, explanation")
        for question, (role, ask) in QUESTIONS.items():
            connections = {
                history: psycopg.connect(context.dsn(role, name), autocommit=True)
                for history, name in names.items()
            }
            try:
                chance = random.Random(question)
                for _ in range(SAMPLES):
                    for history, connection in connections.items():
                        taken.setdefault(f"{question}, {history} history", []).append(
                            timed(ask, connection, sizes[history], chance)
                        )
            finally:
                for connection in connections.values():
                    connection.close()
    return {name: statistics.median(values) for name, values in taken.items()}


def fill(worker: str, superuser: str, entries: int) -> None:
    """Give one leg `entries` entries, then vacuum, so that no vacuum runs later."""
    with psycopg.connect(worker, autocommit=True) as connection:
        for start in range(0, entries, BATCH):
            count = min(BATCH, entries - start)
            apply(connection, executions(count, assets=1, first=start))
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def timed(ask: Question, connection: Connection, entries: int, chance: random.Random) -> float:
    """The milliseconds of a query."""
    began = time.perf_counter()
    ask(connection, entries, chance)
    return (time.perf_counter() - began) * 1000


def _ask(connection: Connection, query: str, parameters: dict[str, object], rows: int) -> None:
    found = connection.execute(query, parameters).fetchall()
    if len(found) != rows:
        raise MeasureError(f"the query returned {len(found)} rows instead of {rows}")
