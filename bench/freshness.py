"""The time from publishing a message until the gateway shows it, one message at a time."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

from pika.adapters.blocking_connection import BlockingChannel

from bench import ingest, rest, serving
from bench.batches import WARM_UP_CALLS
from bench.errors import MeasureError
from bench.load import Client
from bench.messages import asset, executions, ticker
from bench.timing import percentile, scaled
from position_manager.stack.context import Context

POSITIONS, SAMPLES, LEAST = 500, 200, 5
# Turns of all assets that the fills come after, so that none is a late one.
FORMER_TURNS = 2000
PATIENCE = 30.0
# Seconds between messages at most, chosen at random: no part may fall into step with them.
PAUSE = 0.02


def path_of(symbol: str, account: str | None = None) -> str:
    """The path of a position."""
    return f"/api/v1/positions/{symbol}{'' if account is None else f'?account={account}'}"


def until_shown(
    client: Client, path: str, field: str, publish: Callable[[], object]
) -> tuple[float, float]:
    """Publish a message that changes a field of a position.

    Returns the milliseconds of a GET of the path before, and those until another one shows it.
    """
    began = time.perf_counter()
    before = json.loads(client.get(path))[field]
    published = time.perf_counter()
    publish()
    while json.loads(client.get(path))[field] == before:
        if time.perf_counter() - published > PATIENCE:
            raise MeasureError(f"{path} does not show a message after {PATIENCE:.0f} s")
    return (published - began) * 1000, (time.perf_counter() - published) * 1000


def send(channel: BlockingChannel, role: str, text: str) -> None:
    """Publish a message to a queue, without waiting for the broker."""
    channel.basic_publish("", ingest.QUEUES[role], text.encode(), ingest.PERSISTENT)


def milliseconds(context: Context, dbname: str, scale: float) -> dict[str, float]:
    """p50 and p99 until a fill and a price are visible, and the median GET of the same path."""
    positions = scaled(POSITIONS, scale, 10)
    rest.trade(context, dbname, positions)
    taken: dict[str, list[float]] = {"fill": [], "price": [], "GET": []}
    chance = random.Random(1)
    with (
        tempfile.TemporaryDirectory() as folder,
        ingest.running(context, dbname, Path(folder) / "ingest.log") as channel,
        serving.gateway(context, dbname) as port,
        Client(port, serving.KEY) as client,
    ):
        for sample in range(WARM_UP_CALLS + max(int(SAMPLES * scale), LEAST)):
            place = sample * 7 % positions
            (fill,) = executions(1, positions, (FORMER_TURNS + sample) * positions + place)
            price = ticker(asset(place), 102 + Decimal(sample) / 100)
            for name, role, text, field in (
                ("fill", "order", fill, "size"),
                ("price", "price", price, "current_price"),
            ):
                time.sleep(chance.uniform(0, PAUSE))
                publish = partial(send, channel, role, text)
                get, shown = until_shown(client, path_of(asset(place)), field, publish)
                if sample >= WARM_UP_CALLS:
                    taken["GET"].append(get)
                    taken[name].append(shown)
    return {"GET one position": percentile(taken["GET"], 50)} | {
        f"{name} visible, p{percent}": percentile(taken[name], percent)
        for name in ("fill", "price")
        for percent in (50, 99)
    }
