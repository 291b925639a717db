"""The time until a price is visible, by the number of accounts that hold the asset."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import psycopg

from bench import ingest, positions, serving
from bench.errors import MeasureError
from bench.freshness import path_of, send, until_shown
from bench.history import Connection
from bench.load import Client
from bench.messages import ticker
from bench.timing import scaled
from position_manager.stack.context import Context
from position_manager.stack.processes import wait

COUNTS = {1: "1 holder", 100: "100 holders", 1000: "1,000 holders", 10_000: "10,000 holders"}
SAMPLES, LEAST = 10, 2
# Of each number of holders, on one connection: PostgreSQL keeps its plans from then on.
WARM_UP = 2
PATIENCE = 60.0
MARKED = """
    SELECT NOT EXISTS (
        SELECT FROM pms.positions p WHERE p.asset = %s AND p.current_price <> %s
    )
"""


def milliseconds(
    context: Context, dbname: str, scale: float, log: Callable[[str], None]
) -> dict[str, float]:
    """The median milliseconds until the position of some holder shows a price, by holders."""
    holders = {name: scaled(count, scale, 1) for count, name in COUNTS.items()}
    symbols = {name: f"HELD{place}" for place, name in enumerate(holders)}
    log(f"  an asset with up to {max(holders.values()):,} holders")
    with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as worker:
        positions.open_legs(
            worker,
            [
                (f"holder-{number}", symbols[name])
                for name, count in holders.items()
                for number in range(count)
            ],
        )
    taken: dict[str, list[float]] = {name: [] for name in holders}
    chance = random.Random(1)
    with (
        tempfile.TemporaryDirectory() as folder,
        psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as superuser,
        ingest.running(context, dbname, Path(folder) / "ingest.log") as channel,
        serving.gateway(context, dbname) as port,
        Client(port, serving.KEY) as client,
    ):
        superuser.execute("VACUUM (ANALYZE)")
        for sample in range(WARM_UP + max(int(SAMPLES * scale), LEAST)):
            for name, count in holders.items():
                symbol, price = symbols[name], Decimal(101 + sample)
                path = path_of(symbol, f"holder-{chance.randrange(count)}")
                publish = partial(send, channel, "price", ticker(symbol, price))
                _, shown = until_shown(client, path, "current_price", publish)
                if sample >= WARM_UP:
                    taken[name].append(shown)
                # The next sample must not wait for the marks of this one.
                if not wait(partial(_marked, superuser, symbol, price), PATIENCE):
                    raise MeasureError(f"the positions of {symbol} are not marked")
    return {f"price visible, {name}": statistics.median(each) for name, each in taken.items()}


def _marked(connection: Connection, symbol: str, price: Decimal) -> bool:
    return connection.execute(MARKED, [symbol, price]).fetchone() == (True,)
