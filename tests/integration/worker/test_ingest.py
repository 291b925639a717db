"""Ingest without faults."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from position_manager.stack import rabbitmq
from tests.helpers.harness import (
    AGE,
    ORDER_EVENTS,
    ORDER_EXECUTED,
    PRICES,
    VENUE_POSITIONS,
    World,
    eventually,
    execution,
    session,
    sizes,
)
from tests.helpers.queued_fills import FILLS, SIZES

pytestmark = pytest.mark.xdist_group("worker")

GATEWAY = {"x-message-ttl": 86_400_000, "x-max-length": 100_000, "x-overflow": "drop-head"}


def ticker(asset: str, price: str, second: int = 1) -> dict[str, Any]:
    return {
        "event_type": "ticker",
        "trace_id": f"tick-{second}",
        "payload": {
            "symbol": asset,
            "mark_price": price,
            "timestamp": f"2025-12-01T19:45:{second:02d}.000000",
        },
    }


def test_fills_of_both_queues_become_positions(world: World) -> None:
    fills = session(40)
    world.declare(ORDER_EVENTS)
    world.declare(ORDER_EXECUTED)
    world.publish(ORDER_EVENTS, fills[:20])
    world.publish(ORDER_EXECUTED, fills[20:])
    ingest = world.start("ingest")

    eventually(lambda: world.value(FILLS) == 40)

    assert dict(world.query(SIZES)) == sizes(fills)
    assert ingest.terminate() == 0
    assert world.depth(ORDER_EVENTS) == 0


def test_prices_mark_the_positions(world: World) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, [execution()])
    eventually(lambda: world.value(FILLS) == 1)

    world.publish(PRICES, [ticker("BTCUSDT", "101", 2), ticker("BTCUSDT", "99", 1)])

    eventually(lambda: world.query("SELECT current_price::text FROM api.positions") == [("101",)])


def test_a_venue_only_position_is_adopted_when_ingest_is_idle(world: World) -> None:
    world.query("UPDATE pms.settings SET venue_adoption_delay = '1 second'")
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    report = {
        "event_type": "position", "trace_id": "report",
        "payload": {"symbol": "BTCUSDT", "size": "2", "side": "Sell", "avg_price": "100", "mode": 0,
                    "timestamp": "2025-12-01T19:45:00.123000"},
    }  # fmt: skip
    world.publish(VENUE_POSITIONS, [report])

    eventually(lambda: world.value("SELECT count(*) FROM api.positions WHERE size = -2") == 1)

    assert world.query("SELECT kind, cause, trace_id FROM api.fills") == [
        ("opening", "adoption", "report")
    ]
    eventually(lambda: ingest.lines("adopted") != [])


def test_a_second_delivery_is_a_duplicate(world: World) -> None:
    fills = session(10)
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, fills)
    eventually(lambda: world.value(FILLS) == 10)

    world.publish(ORDER_EVENTS, fills)

    eventually(lambda: sum(line.get("duplicate", 0) for line in ingest.lines("batch")) == 10)
    assert world.value(FILLS) == 10
    assert dict(world.query(SIZES)) == sizes(fills)


def test_busts_corrections_and_funding_are_consumed_from_the_queue(world: World) -> None:
    first, second, third = (execution(number) for number in range(3))
    world.declare(ORDER_EVENTS)
    # The bust precedes its fill.
    world.publish(
        ORDER_EVENTS,
        [
            {"event_type": "trade_busted", "execution_id": third["execution_id"]},
            first, second, third,
            {
                "event_type": "trade_corrected", "execution_id": second["execution_id"],
                "correction_id": "c-1", "timestamp": "2025-12-01T20:00:00Z",
                "execution_price": "90",
            },
            {
                "event_type": "funding", "asset": "BTCUSDT", "funding_id": "f-1",
                "amount": "-0.25", "executed_at": "2025-12-01T20:00:00Z",
            },
        ],
    )  # fmt: skip
    ingest = world.start("ingest")

    eventually(lambda: world.value("SELECT count(*) FROM api.positions WHERE funding <> 0") == 1)

    state = "SELECT size::text, average_entry_price::text, funding::text FROM api.positions"
    assert world.query(state) == [("2", "95.25", "-0.25")]
    assert ingest.lines("rejected") == []


def test_a_bad_message_does_not_affect_the_rest_of_its_batch(world: World) -> None:
    good = session(4)
    unreadable = b'{"trace_id": "bad-1", "a": 1, "a": 2}'
    nonsense = execution() | {"side": "HOLD", "trace_id": "bad-2"}
    world.declare(ORDER_EVENTS)
    world.publish(ORDER_EVENTS, [*good[:2], unreadable, nonsense, *good[2:]])
    ingest = world.start("ingest")

    eventually(lambda: world.value(FILLS) == 4)
    eventually(lambda: world.letters() == 2)

    assert dict(world.query(SIZES)) == sizes(good)
    rejected = "SELECT feed, body, reason, trace_id FROM pms.rejected_messages ORDER BY id"
    assert sorted(world.query(rejected)) == sorted(
        [
            ("order_events", unreadable, "duplicate_key", "bad-1"),
            ("order_events", json.dumps(nonsense).encode(), "invalid_side", "bad-2"),
        ]
    )
    warnings = [(line["reason"], line["trace_id"]) for line in ingest.lines("rejected")]
    assert warnings == [("duplicate_key", "bad-1"), ("invalid_side", "bad-2")]
    assert [line["level"] for line in ingest.lines("rejected")] == ["warning"] * 2


@pytest.mark.parametrize(
    ("queue", "arguments"),
    [(ORDER_EVENTS, None), (ORDER_EXECUTED, None), (VENUE_POSITIONS, GATEWAY), (PRICES, GATEWAY)],
)
def test_a_missing_queue_is_declared_as_the_upstream_service_does(
    world: World, queue: str, arguments: dict[str, Any] | None
) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    world.declare(queue, arguments)
    with pytest.raises(ChannelClosedByBroker, match="inequivalent"):
        world.declare(queue, {"x-max-length": 7})


def test_an_existing_queue_is_used_unchanged(world: World) -> None:
    world.declare(ORDER_EVENTS, {"x-max-length": 500})
    world.declare(PRICES, {"x-expires": 600_000})
    with world.channel() as channel:
        channel.exchange_declare("position-manager.dead-letters", "fanout", durable=True)
    ingest = world.start("ingest")

    eventually(lambda: world.consuming(ingest))

    assert ingest.lines("broker failed, will reconnect") == []


def test_a_deleted_queue_is_declared_again(world: World) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    with world.channel() as channel:
        channel.queue_delete(ORDER_EVENTS)

    eventually(lambda: len(ingest.lines("consuming")) == 4)
    world.publish(ORDER_EVENTS, [execution()])

    eventually(lambda: world.value(FILLS) == 1)


def test_the_worker_reports_its_state(world: World) -> None:
    world.declare(ORDER_EVENTS)
    world.publish(ORDER_EVENTS, [execution(1), execution(2), b"?"])
    world.start("ingest", report_interval_ms=200)
    report = "SELECT status FROM pms.worker_reports WHERE part = 'ingest'"
    # The first reports may precede the first batch and the declaration of all queues.
    eventually(
        lambda: (
            world.query(report)
            and world.value(report)["batches"] >= 1
            and len(world.value(report)["queue_depths"]) >= 4
        )
    )

    status = world.value(report)
    assert status["queue_connected"] is True
    assert status["messages"] == {"order_events": {"applied": 2, "rejected": 1}}
    assert status["last_batch_size"] == 3
    assert status["last_batch_seconds"] > 0
    assert set(status["queue_depths"]) == {ORDER_EVENTS, ORDER_EXECUTED, VENUE_POSITIONS, PRICES}
    eventually(lambda: world.value(AGE) < 2)


def test_the_log_has_trace_ids_but_no_messages_and_no_passwords(world: World) -> None:
    ingest = world.start("ingest", log_level="DEBUG")
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, [execution(1), b'{"trace_id": "bad", "secret": wJalrXUt'])
    eventually(lambda: world.value(FILLS) == 1 and len(ingest.lines("rejected")) == 1)
    assert ingest.terminate() == 0

    # The second message may come in a batch of its own.
    batches = ingest.lines("batch")
    counts: Counter[str] = Counter()
    for batch in batches:
        counts.update({name: batch.get(name, 0) for name in ("size", "applied", "rejected")})
        assert batch.keys() - {"applied", "rejected"} == {
            "feed", "size", "ms", "trace_ids", "event", "level", "timestamp", "service", "part",
        }  # fmt: skip
    assert counts == {"size": 2, "applied": 1, "rejected": 1}
    assert [each for batch in batches for each in batch["trace_ids"]] == ["trace-1", "bad"]
    secrets = world.stack.context.secrets
    for word in (secrets.pms_worker, secrets.rabbitmq_worker, "wJalrXUt", "execution_price"):
        assert word not in ingest.text


def test_a_producer_writes_to_its_accounts_only(world: World) -> None:
    world.declare(ORDER_EVENTS)
    fills = {account: execution(1) | {"account": account} for account in ("alpha", "beta")}
    user = rabbitmq.USER
    for fill in fills.values():
        world.publish(ORDER_EVENTS, [fill], user_id=user)
    world.publish(ORDER_EVENTS, [execution(2) | {"account": "alpha"}])
    with pytest.raises(ChannelClosedByBroker, match="user_id"):
        world.publish(ORDER_EVENTS, [execution(3)], user_id="another")

    ingest = world.start("ingest", producer_accounts=f"{user}:alpha")

    eventually(lambda: len(ingest.lines("rejected")) == 2)
    assert {line["reason"] for line in ingest.lines("rejected")} == {"forbidden_producer"}
    assert world.query("SELECT f.account FROM api.fills f") == [("alpha",)]
    ingest.terminate()


def test_the_worker_may_use_its_own_queues_only(world: World) -> None:
    world.declare("of-a-neighbor")
    context = world.stack.context
    text = (context.data / "rabbitmq" / "definitions.json").read_text()
    assert [user["tags"] for user in json.loads(text)["users"]] == ["", ""]
    url = rabbitmq.url(context)
    own = url.replace(
        f"{rabbitmq.USER}:{context.secrets.rabbitmq}",
        f"{rabbitmq.WORKER}:{context.secrets.rabbitmq_worker}",
    )
    assert own != url
    attempts: list[Callable[[BlockingChannel], object]] = [
        lambda channel: channel.queue_declare("another"),
        lambda channel: channel.queue_purge("of-a-neighbor"),
        lambda channel: channel.basic_get("of-a-neighbor"),
        lambda channel: channel.exchange_declare("another"),
    ]
    with pika.BlockingConnection(pika.URLParameters(own)) as connection:
        for attempt in attempts:
            with pytest.raises(ChannelClosedByBroker, match=r"access to .* refused for user"):
                attempt(connection.channel())
        connection.channel().queue_declare(ORDER_EVENTS, durable=True)
    with world.channel() as channel:
        channel.queue_delete("of-a-neighbor")
