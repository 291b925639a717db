"""The cost of one message and one query by the number of open positions of the account."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from decimal import Decimal

import psycopg

from bench.batches import apply
from bench.history import Connection
from bench.messages import Leg, executions_of, ticker
from bench.timing import milliseconds_of, scaled
from position_manager.stack.context import Context

SIZES = (10, 100, 1000, 5000)
SAMPLES, LEAST = 20, 3
# Of each account, on one connection: PostgreSQL keeps its plans from then on.
WARM_UP = 2
BATCH = 1000
MARK = "SELECT pms.mark_positions(%s)"
GET_POSITION = "SELECT api.get_position(asset => %(asset)s, account => %(account)s)"
GET_PORTFOLIO = "SELECT api.get_portfolio(account => %(account)s)"


def legs(name: str, count: int) -> list[Leg]:
    """The legs of an account; no other account has its assets."""
    return [(name, f"{name.upper()}N{number}") for number in range(count)]


def open_legs(worker: Connection, all_legs: list[Leg]) -> None:
    """Open legs, with one fill each, after their prices: a fill marks its leg."""
    symbols = sorted({symbol for _, symbol in all_legs})
    for start in range(0, len(symbols), BATCH):
        texts = [ticker(symbol, Decimal(100)) for symbol in symbols[start : start + BATCH]]
        apply(worker, texts, "prices")
    for start in range(0, len(all_legs), BATCH):
        apply(worker, executions_of(all_legs[start : start + BATCH], start))
    mark(worker)


def mark(worker: Connection) -> None:
    """Mark the positions whose price has changed, as ingest does."""
    while worker.execute(MARK, [BATCH]).fetchone() != (0,):
        pass


def milliseconds(context: Context, dbname: str, scale: float) -> dict[str, float]:
    """The median milliseconds of each operation; accounts take turns in one database."""
    taken: dict[str, list[float]] = {}
    with (
        psycopg.connect(
            context.dsn("pms_worker", dbname), autocommit=True, prepare_threshold=None
        ) as worker,
        psycopg.connect(context.dsn("pms_operator", dbname), autocommit=True) as reader,
    ):
        worker.execute("SET jit = off")
        accounts = {size: legs(f"of{size}", scaled(size, scale, 2)) for size in SIZES}
        open_legs(worker, [leg for each in accounts.values() for leg in each])
        with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as superuser:
            superuser.execute("VACUUM (ANALYZE)")
        chance = random.Random(1)
        for sample in range(WARM_UP + max(int(SAMPLES * scale), LEAST)):
            for size, held in accounts.items():
                leg = chance.choice(held)
                for name, operation in _operations(worker, reader, leg, sample).items():
                    found = taken.setdefault(f"{name}, {size:,} positions", [])
                    value = milliseconds_of(operation)
                    if sample >= WARM_UP:
                        found.append(value)
    return {name: statistics.median(values) for name, values in taken.items()}


def _operations(
    worker: Connection, reader: Connection, leg: Leg, sample: int
) -> dict[str, Callable[[], object]]:
    account, symbol = leg
    fills = executions_of([leg], BATCH * BATCH + sample)
    # A price that jumps by half would be held.
    prices = [ticker(symbol, 101 + Decimal(sample) / 100)]

    def one_price() -> None:
        apply(worker, prices, "prices")
        worker.execute(MARK, [BATCH])

    return {
        "one fill": lambda: apply(worker, fills),
        "one price": one_price,
        "get_position": lambda: reader.execute(
            GET_POSITION, {"asset": symbol, "account": account}
        ).fetchone(),
        "get_portfolio": lambda: reader.execute(GET_PORTFOLIO, {"account": account}).fetchone(),
    }
