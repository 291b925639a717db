"""The cost of a ledger of two years in six partitions, beside that of a new one."""

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
# As `pms.divide_ledger` makes them of 20,000,000 entries: each ends with the month in which it has
# 512 MiB. With what lies before the first and after the last: six partitions.
BOUNDARIES = [
    datetime(2024 + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(14, 34, 4)
]
ASSETS, ENTRIES_OF_A_LEG = 50, 100
SHORT, SHORTEST = 10_000, 2_000
FILLED_AT_ONCE, ADDED_AT_ONCE, BATCH, PAGE = 5_000, 500_000, 100, 100
# After a checkpoint the first change of a page logs all of it, and an old ledger has more pages:
# what is measured is how it goes on.
WARM_UP, SAMPLES = 100, 40

FIRST_FILLS = """
    CREATE TEMP TABLE first_fills AS
    SELECT row_number() OVER (ORDER BY e.executed_at) - 1 AS place, l.account, e.*
    FROM pms.entries e
    INNER JOIN pms.legs l USING (leg_id);
    ANALYZE first_fills
"""
FURTHER_FILLS = """
    INSERT INTO pms.entries (
        executed_at, recorded_at, version, identity_key, leg_id, order_key, kind, scheme, source,
        quantity, price, fee, identity, order_id, trace_id
    )
    SELECT
        %(begin)s::timestamptz + n * %(step)s::interval, f.recorded_at, 1 + n / %(legs)s,
        pms.identity_key(f.account, 'execution:' || i.id), f.leg_id,
        pms.order_key(f.account, i.order_id), f.kind, f.scheme, f.source,
        -- Three buys for two sells: positions open, grow, shrink and flip.
        CASE WHEN n / %(legs)s * 7 %% 5 < 2 THEN -1 ELSE 1 END * (1 + n / %(legs)s %% 13 * 0.1),
        100 + n %% 997 * 0.01, f.fee, i.id, i.order_id, 'bench-' || n
    FROM generate_series(%(first)s::bigint, %(last)s) n
    INNER JOIN first_fills f ON n %% %(legs)s = f.place
    CROSS JOIN LATERAL (
        SELECT
            md5('execution ' || n)::uuid::text AS id, md5('order ' || n)::uuid::text AS order_id
        OFFSET 0
    ) i
    ORDER BY n
"""
FOLD = """
    UPDATE pms.positions p
    SET size = (f.state).size, cost = (f.state).cost, realized = (f.state).realized,
        fees_open = (f.state).fees_open, fees_close = (f.state).fees_close,
        opened_at = (f.state).opened_at, closed_at = (f.state).closed_at,
        last_executed_at = f.executed_at, entries = f.entries, version = f.entries
    FROM (
        SELECT
            e.leg_id, count(*) AS entries, max(e.executed_at) AS executed_at,
            pms.fold(
                pms.empty_leg(1, 'linear'), 'trade', e.quantity, e.price, e.fee, NULL, NULL,
                e.executed_at, NULL ORDER BY e.executed_at, e.id
            ) AS state
        FROM pms.entries e
        GROUP BY e.leg_id
    ) f
    WHERE p.leg_id = f.leg_id
"""

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
            fill(context, dbname, sizes[ledger], log, is_divided=dbname == long)
        for question, (role, prepare) in QUESTIONS.items():
            connections = {
                ledger: psycopg.connect(context.dsn(role, dbname), autocommit=True)
                for ledger, dbname in names.items()
            }
            asks = {
                ledger: prepare(connection, sizes[ledger])
                for ledger, connection in connections.items()
            }
            for number in range(WARM_UP + SAMPLES):
                for ledger, ask in asks.items():
                    took = milliseconds_of(partial(ask, number))
                    if number >= WARM_UP:
                        taken.setdefault(f"{question}, {ledger}", []).append(took)
            for connection in connections.values():
                connection.close()
    return {name: statistics.median(values) for name, values in taken.items()}


def legs_of(entries: int) -> int:
    """How many legs a ledger has: those of whole accounts."""
    return max(entries // ENTRIES_OF_A_LEG // ASSETS, 1) * ASSETS


def leg(number: int, entries: int) -> Leg:
    """One of the legs, in turns: a leg has as many entries in a large ledger as in a small one."""
    place = number % legs_of(entries)
    return f"desk-{place // ASSETS}", asset(place % ASSETS)


def fill(
    context: Context, dbname: str, entries: int, log: Callable[[str], None], *, is_divided: bool
) -> None:
    """Fill a ledger evenly over its two years, then vacuum, so that no vacuum runs later.

    The service applies the first fill of each leg; the others, which differ from it as further
    messages would, are added set-wise, and the legs folded again.
    """
    step = (END - BEGIN) / entries
    legs = legs_of(entries)
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:
        for boundary in BOUNDARIES if is_divided else []:
            connection.execute("SELECT pms.begin_partition(%s)", [boundary])
        with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as worker:
            for start in range(0, legs, FILLED_AT_ONCE):
                numbers = range(start, min(start + FILLED_AT_ONCE, legs))
                some = [leg(number, entries) for number in numbers]
                apply(worker, executions_of(some, start, BEGIN, step))
        connection.execute(FIRST_FILLS)
        for start in range(legs, entries, ADDED_AT_ONCE):
            last = min(start + ADDED_AT_ONCE, entries) - 1
            connection.execute(
                FURTHER_FILLS,
                {"first": start, "last": last, "legs": legs, "begin": BEGIN, "step": step},
            )
            log(f"    {last + 1:,}")
        connection.execute(FOLD)
        connection.execute("VACUUM (ANALYZE)")


def newest(connection: Connection, entries: int) -> Ask:
    """Commit a batch of fills that belongs after all others."""
    return lambda number: apply(connection, batch(entries, number))


def late(connection: Connection, entries: int) -> Ask:
    """Commit a fill of the oldest month, of the legs in turns."""

    def ask(number: int) -> None:
        at = BEGIN + timedelta(days=7)
        apply(connection, executions_of([leg(number, entries)], number, at))

    return ask


def repeated(connection: Connection, entries: int) -> Ask:
    """Hand over a batch that was applied before."""
    texts = batch(entries, WARM_UP + SAMPLES)
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
    legs = [leg(n, entries) for n in range(first, first + BATCH)]
    return executions_of(legs, number * BATCH, END)


QUESTIONS: dict[str, tuple[str, Callable[[Connection, int], Ask]]] = {
    f"apply a batch of {BATCH}": ("pms_worker", newest),
    "late fill of the oldest month": ("pms_worker", late),
    "repeated batch": ("pms_worker", repeated),
    "positions as of": ("pms_operator", as_of),
    "explain a page": ("pms_operator", explain),
}
