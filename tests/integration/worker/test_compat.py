"""The table for other services follows fills and prices while it is on, and costs nothing else."""

from __future__ import annotations

import time

import psycopg
import pytest

from tests.helpers.harness import ORDER_EVENTS, PRICES, World, eventually, execution

pytestmark = pytest.mark.xdist_group("worker")

COUNTED = "SELECT p.size::text, p.current_price::text FROM api.positions p"
KEPT = "SELECT p.size::text, p.current_price::text FROM compat.positions p"
SWITCH = "UPDATE pms.settings SET compat = %s"
FEEDS = "SELECT count(*)::int FROM pg_stat_activity a WHERE a.application_name ~ ' compat$'"


def follows(world: World, size: str, price: str | None) -> None:
    """Wait until a position is counted, then at most a second until its row is there."""
    for relation, patience in ((COUNTED, 30), (KEPT, 1)):
        began = time.monotonic()
        while world.query(relation) != [(size, price)]:
            assert time.monotonic() - began < patience, f"not in time: {relation}"
            time.sleep(0.01)


def ticker(price: str) -> dict[str, object]:
    return {"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": price}}


def test_a_fill_and_a_price_are_there_within_a_second(world: World) -> None:
    world.query(SWITCH, True)
    ingest = world.start("ingest")
    world.start("relay", compat="on")
    eventually(lambda: world.consuming(ingest))
    eventually(lambda: world.value(FEEDS) == 1)

    for number in range(1, 4):
        world.publish(ORDER_EVENTS, [execution(number)])
        follows(world, str(number), None)
    for price in ("110", "120"):
        world.publish(PRICES, [ticker(price)])
        follows(world, "3", price)


def test_the_feed_goes_on_after_its_session_has_ended(world: World) -> None:
    world.query(SWITCH, True)
    ingest = world.start("ingest")
    world.start("relay", compat="on")
    eventually(lambda: world.consuming(ingest))
    eventually(lambda: world.value(FEEDS) == 1)

    world.query(
        "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a"
        " WHERE a.application_name ~ ' compat$'"
    )
    world.publish(ORDER_EVENTS, [execution()])

    eventually(lambda: world.query(KEPT) == [("1", None)], patience=10)


def test_off_nothing_runs(world: World) -> None:
    ingest = world.start("ingest")
    world.start("relay")
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, [execution()])
    eventually(lambda: world.query(COUNTED) == [("1", None)])
    eventually(lambda: world.value("SELECT max(l.number) FROM pms.event_log l") is not None)

    assert world.value(FEEDS) == 0
    assert world.query(KEPT) == []
    calls = (
        "SELECT s.seq_scan + s.idx_scan, s.n_tup_ins FROM pg_stat_all_tables s"
        " WHERE s.relid = 'compat.positions'::regclass"
    )
    with psycopg.connect(world.dsn) as conn:
        before = conn.execute(calls).fetchone()
    time.sleep(1)
    with psycopg.connect(world.dsn) as conn:
        assert conn.execute(calls).fetchone() == before
