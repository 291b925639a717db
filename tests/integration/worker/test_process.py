"""A worker's process ends cleanly on a signal, and reports a failure."""

from __future__ import annotations

import os
import signal

import pytest

from tests.helpers.harness import ORDER_EVENTS, POSITION_UPDATED, World, eventually, session
from tests.helpers.outbox import write
from tests.helpers.queued_fills import FILLS, MANY, begun, publish_many

pytestmark = pytest.mark.xdist_group("worker")

EVENTS = 10_000
BACKEND = """
    SELECT a.pid FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.application_name = %s
"""
UNSENT = """
    SELECT
        (SELECT count(*) FROM pms.outbox o WHERE o.type = 'position_updated')
        + (SELECT count(*) FROM pms.unsent_events(1000000) e WHERE e.type = 'position_updated')
"""


def test_ingest_finishes_its_batch_on_sigterm(world: World) -> None:
    publish_many(world)
    ingest = world.start("ingest", batch_size=100)
    eventually(lambda: begun(world))

    assert ingest.terminate() == 0

    assert begun(world)
    # Committed messages are acknowledged, and the others are back in the queue.
    assert world.value(FILLS) + world.depth(ORDER_EVENTS) == MANY


def test_ingest_stops_on_sigterm_while_the_database_is_down(world: World) -> None:
    world.query("ALTER FUNCTION pms.apply_order_events RENAME TO gone")
    ingest = world.start("ingest", retry_backoff_max_ms=60_000)
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, session(3))
    eventually(lambda: ingest.lines("database failed, will try again"))

    assert ingest.terminate() == 0

    assert world.depth(ORDER_EVENTS) == 3


def test_a_process_that_was_stopped_and_continued_works_on(world: World) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    ingest.pause(0.5)

    world.publish(ORDER_EVENTS, session(3))

    eventually(lambda: world.value(FILLS) == 3)
    assert ingest.lines("stopping") == []
    assert ingest.terminate() == 0


def test_the_process_ends_when_a_part_dies(world: World) -> None:
    world.query(
        "ALTER FUNCTION pms.apply_prices RENAME TO gone;"
        "CREATE FUNCTION pms.apply_prices(messages jsonb[]) RETURNS SETOF pms.outcome "
        "LANGUAGE sql SECURITY DEFINER AS "
        "$$ SELECT (2, 'applied', NULL, NULL, NULL)::pms.outcome $$;"
        "GRANT EXECUTE ON FUNCTION pms.apply_prices TO pms_worker"
    )
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    world.publish("ws-gateway.ticker", [{"event_type": "ticker"}])

    # It must not continue without a feed, or acknowledge messages without an outcome.
    assert ingest.wait() == 1
    assert world.depth("ws-gateway.ticker") == 1


def test_the_process_ends_when_a_part_hangs(world: World) -> None:
    ingest = world.run("tests.helpers.impatient_worker", "ingest", {})
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, session(1))
    eventually(lambda: world.value(FILLS) == 1)
    backend = world.value(BACKEND, "position-manager ingest order_events")
    os.kill(backend, signal.SIGSTOP)
    try:
        world.publish(ORDER_EVENTS, session(1))

        # A supervisor restarts it, and a new process has new connections.
        assert ingest.wait() == 1
        world.start("ingest")
        eventually(lambda: world.value(FILLS) == 2)
    finally:
        os.kill(backend, signal.SIGCONT)

    (line,) = ingest.lines("a part hangs, stopping")
    assert line["hung"] == ["order_events"]
    assert any("apply" in call for call in line["stacks"]["order_events-database_0"])


def test_events_that_are_not_sent_at_sigterm_still_wait(world: World) -> None:
    ids = write(world, EVENTS)
    relay = world.start("relay", batch_size=100)
    eventually(lambda: 0 < world.value(UNSENT) < EVENTS)

    assert relay.terminate() == 0

    sent = [message.properties.message_id for message in world.drain(POSITION_UPDATED)]
    assert sent == ids[: EVENTS - world.value(UNSENT)]


def test_an_invalid_setting_prevents_startup(world: World) -> None:
    ingest = world.start("ingest", batch_size=0)

    assert ingest.wait() == 2
    assert "POSITION_MANAGER_BATCH_SIZE" in ingest.text
