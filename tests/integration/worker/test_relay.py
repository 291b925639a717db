"""The relay without faults."""

from __future__ import annotations

import json
import signal
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.helpers.harness import (
    ORDER_EVENTS,
    PORTFOLIO_UPDATED,
    POSITION_UPDATED,
    QUEUES,
    World,
    eventually,
    execution,
    session,
)
from tests.helpers.outbox import WAITING, WRITE, first_seen, relaying, write

pytestmark = pytest.mark.xdist_group("worker")

IS_WAITING = "SELECT coalesce(bool_or(r.is_waiting), FALSE) FROM pms.outbox_reader r"


def test_an_event_is_sent_under_its_id_and_type(world: World) -> None:
    relaying(world)
    (event_id,) = write(world, 1)
    eventually(lambda: world.value(WAITING) == 0)

    (message,) = world.drain(POSITION_UPDATED)
    logged = "SELECT e.cursor FROM pms.logged_events(0, 10) e WHERE e.type = 'position_updated'"
    ((cursor,),) = world.query(logged)
    assert message.json == {"number": 1, "cursor": cursor}
    assert message.routing_key == "position_updated"
    properties = message.properties
    assert properties.message_id == event_id
    assert properties.delivery_mode == 2
    assert properties.content_type == "application/json"
    assert properties.type == "position_updated"
    assert properties.headers == {"x-trace-id": "trace-1"}
    assert properties.timestamp > 1_700_000_000


@pytest.mark.parametrize(
    "event_type",
    ["position_updated", "portfolio_updated", "position_snapshot_created", "position_closed"],
)
def test_every_type_has_its_queue(world: World, event_type: str) -> None:
    queue = f"position-manager.{event_type}"
    assert queue in QUEUES
    relaying(world, portfolio_event_interval_ms=3_600_000)
    world.drain(queue)

    (event_id,) = write(world, 1, event_type)
    eventually(lambda: world.value(WAITING) == 0)

    assert event_id in first_seen(world.drain(queue))


def test_an_event_without_a_legacy_queue_reaches_any_subscriber(world: World) -> None:
    relaying(world)
    write(world, 1, "something_new")
    eventually(lambda: world.value(WAITING) == 0)


def test_the_relay_wakes_on_a_notification(world: World) -> None:
    relay = relaying(world)
    delays = []
    for _ in range(10):
        # After an event the relay polls for a while.
        eventually(lambda: world.value(IS_WAITING))
        began = time.monotonic()
        write(world, 1)
        eventually(lambda: world.value(WAITING) == 0)
        delays.append(time.monotonic() - began)
        eventually(lambda: not world.value(IS_WAITING))
    # Without a notification, an event would wait for the poll, a second later.
    assert min(delays) < 0.7
    assert len(relay.lines("published")) >= 10


def test_events_keep_their_order(world: World) -> None:
    relaying(world, batch_size=70)
    ids = write(world, 1000)
    eventually(lambda: world.value(WAITING) == 0)

    assert [message.properties.message_id for message in world.drain(POSITION_UPDATED)] == ids


def test_the_log_goes_on_while_the_broker_hangs(world: World) -> None:
    relaying(world)
    logged = "SELECT count(*) FROM pms.event_log WHERE type <> 'portfolio_updated'"
    with psycopg.connect(world.dsn) as late:
        late.execute(WRITE, {"ids": [uuid.uuid4()], "positions": ["x"], "type": "position_closed"})
        world.stack.kill("rabbitmq", signal.SIGSTOP)
        try:
            write(world, 3)
            eventually(lambda: world.value(logged) == 3)
            # A lower sequence, committed later, is not lost either.
            late.commit()
            eventually(lambda: world.value(logged) == 4)
            write(world, 3)
            eventually(lambda: world.value(logged) == 7)
            assert world.value(WAITING) >= 7
        finally:
            world.stack.kill("rabbitmq", signal.SIGCONT)
    eventually(lambda: world.value(WAITING) == 0)

    assert len(world.drain("position-manager.position_closed")) == 1
    assert len(world.drain(POSITION_UPDATED)) == 6


def test_legacy_queues_are_bounded(world: World) -> None:
    relaying(world)
    limits = {"x-message-ttl": 86_400_000, "x-max-length": 100_000, "x-overflow": "drop-head"}
    with world.channel() as channel:
        for queue in QUEUES[-4:]:
            channel.queue_declare(queue, durable=True, arguments=limits)


def test_existing_legacy_queues_are_used_unchanged(world: World) -> None:
    with world.channel() as channel:
        channel.queue_declare(POSITION_UPDATED, durable=True)
        channel.exchange_declare("position-manager.events", "topic", durable=True, internal=False)
    relaying(world)

    ids = write(world, 3)
    eventually(lambda: world.value(WAITING) == 0)

    assert first_seen(world.drain(POSITION_UPDATED)) == ids


def test_the_relay_reports_its_state(world: World) -> None:
    relaying(world, report_interval_ms=200)
    write(world, 7)
    report = "SELECT status FROM pms.worker_reports WHERE part = 'relay'"
    eventually(lambda: world.query(report) and world.value(report)["published"] >= 7)

    eventually(lambda: world.value(report)["queue_depths"].get(POSITION_UPDATED) == 7)
    assert world.value(report)["queue_connected"] is True


def test_a_change_of_a_position_reaches_the_subscribers(world: World) -> None:
    relaying(world)
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    world.publish(ORDER_EVENTS, session(6))

    eventually(lambda: world.depth(POSITION_UPDATED) >= 3)
    last = {event.json["asset"]: event.json for event in world.drain(POSITION_UPDATED)}
    held = world.query("SELECT asset, version::int FROM api.positions")
    assert {asset: event["version"] for asset, event in last.items()} == dict(held)


def test_portfolio_events_are_throttled_and_end_with_the_final_state(world: World) -> None:
    relaying(world, portfolio_event_interval_ms=500)
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    world.drain(PORTFOLIO_UPDATED)

    for number in range(60):
        world.publish(ORDER_EVENTS, [execution(number, asset=f"A{number}USDT")])
        time.sleep(0.03)

    events: list[dict[str, Any]] = []

    def announced() -> bool:
        events.extend(message.json for message in world.drain(PORTFOLIO_UPDATED))
        return bool(events) and events[-1]["open_positions_count"] == 60

    eventually(announced)
    times = [datetime.fromisoformat(event["occurred_at"]) for event in events]
    assert len(times) >= 3
    # Each is late by less than the next is due, so only the first and the last can be closer.
    assert times[-1] - times[0] >= timedelta(seconds=0.5) * (len(times) - 2)


def test_the_relay_watches_the_service(world: World) -> None:
    world.query(
        "INSERT INTO pms.service_failures (reason, subject, detail, began_at, announced_at)"
        " VALUES ('backup_old', '', '40 hours', now(), now())"
    )
    relay = relaying(world)
    eventually(lambda: relay.lines("service_recovered"))

    (line,) = relay.lines("service_recovered")
    assert (line["reason"], line["subject"], line["detail"]) == ("backup_old", None, "40 hours")


def test_a_breach_of_a_limit_is_published_and_logged(world: World) -> None:
    relay = relaying(world, portfolio_event_interval_ms=20)
    world.query("INSERT INTO pms.limits (metric, breach_level) VALUES ('gross_exposure', 20)")
    mark = '{"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "30"}}'
    world.query("SELECT pms.apply_prices(ARRAY[%s]::jsonb[])", mark)
    world.query("SELECT pms.apply_order_events(ARRAY[%s]::jsonb[])", json.dumps(execution()))
    eventually(lambda: relay.lines("limit_breached"))

    (line,) = relay.lines("limit_breached")
    assert (line["level"], line["limit_id"]) == ("warning", "portfolio/gross_exposure")
    assert (line["limit"], line["value"]) == ("20", line["peak_value"])
