"""The cost of a ledger of two years in twelve partitions, beside that of a new one."""

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
from bench.messages import Leg, asset, executions_of
from bench.timing import milliseconds_of
from position_manager.stack.context import Context
from position_manager.worker.apply import APPLY

BEGIN, END = datetime(2024, 11, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
# With what lies before the first and after the last: twelve partitions.
BOUNDARIES = [
    datetime(2024 + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(12, 34, 2)
]
ASSETS, ENTRIES_OF_A_LEG = 50, 100
SHORT, SHORTEST = 10_000, 2_000
FILLED_AT_ONCE, BATCH, PAGE = 5_000, 100, 100
SAMPLES = 40

Connection = psycopg.Connection[tuple[Any, ...]]
Ask = Callable[[int], None]
AS_OF = "SELECT p.size FROM api.positions_as_of(%s, account => %s) p"
EXPLAIN = "SELECT e.id FROM api.position_entries(%s, account => %s, page_limit => %s) e"


def milliseconds(
    context: Context, databases: Databases, scale: float, entries: int, log: Callable[[str], None]
) -> dict[str, float]:
    """The median milliseconds of each question, in turns."""
    sizes = {
        "a new ledger": max(int(SHORT * scale), SHORTEST),
        "a ledger of two years": max(int(entries * scale), SHORTEST),
    }
    taken: dict[str, list[float]] = {}
    with databases.fresh() as short, databases.fresh() as long:
        names = dict(zip(sizes, (short, long), strict=True))
        for ledger, dbname in names.items():
            log(f"  {ledger}: {sizes[ledger]:,} entries")
            fill(context, dbname, sizes[ledger], is_divided=dbname == long)
        for question, (role, prepare) in QUESTIONS.items():
            connections = {
                ledger: psycopg.connect(context.dsn(role, dbname), autocommit=True)
                for ledger, dbname in names.items()
            }
            asks = {
                ledger: prepare(connection, sizes[ledger])
                for ledger, connection in connections.items()
            }
            for number in range(SAMPLES):
                for ledger, ask in asks.items():
                    taken.setdefault(f"{question}, {ledger}", []).append(
                        milliseconds_of(partial(ask, number))
                    )
            for connection in connections.values():
                connection.close()
    return {name: statistics.median(values) for name, values in taken.items()}


def leg(number: int, entries: int) -> Leg:
    """One of the legs, in turns: a leg has as many entries in a large ledger as in a small one."""
    place = number % max(entries // ENTRIES_OF_A_LEG, ASSETS)
    return f"desk-{place // ASSETS}", asset(place % ASSETS)


def fill(context: Context, dbname: str, entries: int, *, is_divided: bool) -> None:
    """Fill a ledger evenly over its two years, then vacuum, so that no vacuum runs later."""
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:
        for boundary in BOUNDARIES if is_divided else []:
            connection.execute("SELECT pms.begin_partition(%s)", [boundary])
        step = (END - BEGIN) / entries
        with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as worker:
            for start in range(0, entries, FILLED_AT_ONCE):
                numbers = range(start, min(start + FILLED_AT_ONCE, entries))
                some = [leg(number, entries) for number in numbers]
                apply(worker, executions_of(some, start, BEGIN, step))
        connection.execute("VACUUM (ANALYZE)")


def newest(connection: Connection, entries: int) -> Ask:
    """Commit a batch of fills that belongs after all others."""
    return lambda number: apply(connection, batch(entries, number))


def late(connection: Connection, entries: int) -> Ask:
    """Commit a fill of the oldest month, each of another leg."""

    def ask(number: int) -> None:
        at = BEGIN + timedelta(days=7)
        apply(connection, executions_of([leg(number, entries)], number, at))

    return ask


def repeated(connection: Connection, entries: int) -> Ask:
    """Hand over a batch that was applied before."""
    texts = batch(entries, SAMPLES)
    apply(connection, texts)

    def ask(_number: int) -> None:
        with connection.transaction():
            rows = connection.execute(APPLY["order_events"], {"messages": texts}).fetchall()
        if {row[1] for row in rows} != {"duplicate"}:
            raise MeasureError("a repeated fill is no duplicate")

    return ask


def as_of(connection: Connection, entries: int) -> Ask:
    """Query the positions of an account at a moment of the two years."""

    def ask(number: int) -> None:
        at = BEGIN + (END - BEGIN) * random.Random(number).uniform(0.1, 0.9)
        account, _ = leg(number, entries)
        found = connection.execute(AS_OF, [at, account]).fetchall()
        if len(found) != ASSETS:
            raise MeasureError(f"the account had {len(found)} positions")

    return ask


def explain(connection: Connection, entries: int) -> Ask:
    """Query the newest entries of a position with the state after each."""

    def ask(number: int) -> None:
        account, symbol = leg(number, entries)
        found = connection.execute(EXPLAIN, [symbol, account, PAGE]).fetchall()
        if len(found) != PAGE:
            raise MeasureError(f"{len(found)} entries were explained")

    return ask


def batch(entries: int, number: int) -> list[str]:
    """A batch of fills after the two years."""
    first = entries + number * BATCH
    return executions_of([leg(n, entries) for n in range(first, first + BATCH)], number, END)


QUESTIONS: dict[str, tuple[str, Callable[[Connection, int], Ask]]] = {
    f"apply a batch of {BATCH}": ("pms_worker", newest),
    "late fill of the oldest month": ("pms_worker", late),
    "repeated batch": ("pms_worker", repeated),
    "positions as of": ("pms_operator", as_of),
    "explain a page": ("pms_operator", explain),
}
