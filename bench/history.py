"""The cost of a long history: the same queries on a leg with few entries and with many."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg

from bench.batches import apply
from bench.databases import Databases
from bench.errors import MeasureError
from bench.messages import BEGIN, STEP, execution_at, executions
from bench.timing import milliseconds_of
from position_manager.stack.context import Context

SHORT, LONG, SHORTEST = 10_000, 300_000, 2_000
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

VERIFY = """
    UPDATE pms.verification_progress SET account = NULL, asset = NULL, mode = NULL, since = NULL;
    SELECT pms.verify_next_span()
"""


def newest_fill(connection: Connection, _entries: int, _chance: random.Random) -> None:
    """Commit a fill that belongs after all others."""
    apply(connection, [execution_at(datetime.now(UTC))])


def late_fill(connection: Connection, entries: int, chance: random.Random) -> None:
    """Commit a fill that belongs before the newest ones."""
    after = BEGIN + (entries - chance.randrange(LATENESS // 2, LATENESS)) * STEP
    apply(connection, [execution_at(after + STEP / 2)])


def as_of(connection: Connection, entries: int, chance: random.Random) -> None:
    """Query the position at a past moment, as known now."""
    _ask(connection, AS_OF, {"at": _past(entries, chance), "known_at": None}, 1)


def as_known(connection: Connection, entries: int, chance: random.Random) -> None:
    """Query the position at a past moment, as known a moment ago."""
    row = connection.execute("SELECT now()").fetchone()
    assert row is not None
    known_at = row[0] - timedelta(milliseconds=1)
    _ask(connection, AS_OF, {"at": _past(entries, chance), "known_at": known_at}, 1)


def explain(connection: Connection, entries: int, chance: random.Random) -> None:
    """Query a page of entries with the state after each, from a random place in the history."""
    before = chance.randrange(entries // 10, entries)
    _ask(connection, EXPLAIN, {"page": PAGE, "before": before}, PAGE)


def verify(connection: Connection, _entries: int, _chance: random.Random) -> None:
    """Verify the first part of the leg, as a step of the scheduled pass does."""
    connection.execute(VERIFY)


QUESTIONS: dict[str, tuple[str, Question]] = {
    "late fill": ("pms_worker", late_fill),
    "apply": ("pms_worker", newest_fill),
    "position as of": ("pms_operator", as_of),
    "position as known": ("pms_operator", as_known),
    "explain, a page": ("pms_operator", explain),
    "verification step": ("pms_owner", verify),
}


def milliseconds(
    context: Context, databases: Databases, scale: float, entries: int, log: Callable[[str], None]
) -> dict[str, float]:
    """The median milliseconds of each query, run in turns on a short and a long history."""
    short_size, long_size = (max(int(size * scale), SHORTEST) for size in (SHORT, entries))
    sizes = {"short": short_size, "long": long_size}
    taken: dict[str, list[float]] = {}
    with databases.fresh() as short, databases.fresh() as long:
        names = {"short": short, "long": long}
        for history, name in names.items():
            log(f"  one leg with {sizes[history]:,} entries")
            fill(context.dsn("pms_worker", name), context.dsn(dbname=name), sizes[history])
        log("  fills, as-of, explanation, verification")
        for question, (role, ask) in QUESTIONS.items():
            connections = {
                history: psycopg.connect(context.dsn(role, name), autocommit=True)
                for history, name in names.items()
            }
            try:
                # The same for both: a checkpoint is saved with each batch, and a query folds from
                # there.
                chances = {history: random.Random(question) for history in names}
                for _ in range(SAMPLES):
                    for history, connection in connections.items():
                        call = partial(ask, connection, sizes[history], chances[history])
                        taken.setdefault(f"{question}, {history} history", []).append(
                            milliseconds_of(call)
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


def _past(entries: int, chance: random.Random) -> datetime:
    """A moment in the newer nine tenths: a batch by chance, and a place in it by chance."""
    batch = int((0.1 + 0.9 * chance.random()) * (entries // BATCH))
    return BEGIN + (batch * BATCH + chance.randrange(BATCH)) * STEP


def _ask(connection: Connection, query: str, parameters: dict[str, object], rows: int) -> None:
    found = connection.execute(query, parameters).fetchall()
    if len(found) != rows:
        raise MeasureError(f"the query returned {len(found)} rows instead of {rows}")
