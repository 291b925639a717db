"""The marker: stored positions and their events follow the prices, apart from fills and prices."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest

from tests.helpers.harness import ORDER_EVENTS, PRICES, World, eventually, execution
from tests.helpers.queued_fills import FILLS

pytestmark = pytest.mark.xdist_group("worker")

INTERVAL = 0.5
STORED = "SELECT p.current_price::text FROM pms.positions p WHERE p.asset = 'BTCUSDT'"
READ = "SELECT p.current_price::text FROM api.positions p WHERE p.asset = 'BTCUSDT'"
EVENTS = """
    SELECT o.payload ->> 'current_price', (o.payload ->> 'version')::int
    FROM pms.outbox o
    WHERE o.type = 'position_updated' AND o.payload ->> 'update_source' = 'websocket'
    ORDER BY o.sequence
"""


def ticker(price: str, asset: str = "BTCUSDT") -> dict[str, Any]:
    """A current price."""
    return {"event_type": "ticker", "payload": {"symbol": asset, "mark_price": price}}


def holding(world: World, *assets: str, **settings: object) -> None:
    """Start ingest, and hold one unit of each asset."""
    ingest = world.start("ingest", **settings)
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, [execution(n, asset) for n, asset in enumerate(assets)])
    eventually(lambda: world.value(FILLS) == len(assets))


def test_the_prices_of_an_interval_leave_one_event_with_the_newest(world: World) -> None:
    holding(world, "BTCUSDT", price_event_interval_ms=round(INTERVAL * 1000))
    began = time.monotonic()
    for price in range(101, 141):
        world.publish(PRICES, [ticker(str(price))])
        time.sleep(0.02)

    eventually(lambda: world.value(STORED) == "140")

    events = world.query(EVENTS)
    assert events[-1][0] == "140"
    assert 1 < len(events) <= (time.monotonic() - began) / INTERVAL + 1
    assert [version for _, version in events] == list(range(2, len(events) + 2))


def test_a_price_that_came_past_the_worker_is_noticed(world: World) -> None:
    holding(world, "BTCUSDT")

    world.query(
        "SELECT pms.apply_prices(ARRAY[%s]::jsonb[], 'api')", psycopg.types.json.Jsonb(ticker("70"))
    )

    eventually(lambda: world.value(STORED) == "70")


def test_a_locked_position_holds_up_neither_prices_nor_fills(world: World) -> None:
    holding(world, "BTCUSDT")
    with psycopg.connect(world.dsn) as other:
        other.execute("SELECT 1 FROM pms.positions p FOR UPDATE")
        world.publish(PRICES, [ticker("70")])
        eventually(lambda: world.value(READ) == "70")
        world.publish(ORDER_EVENTS, [execution(7, "ETHUSDT")])
        eventually(lambda: world.value(FILLS) == 2, patience=5)

        world.publish(PRICES, [ticker("80")])
        eventually(lambda: world.value(READ) == "80", patience=5)
        assert world.value(STORED) is None

    eventually(lambda: world.value(STORED) == "80")
