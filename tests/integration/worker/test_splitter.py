"""The splitter: every message arrives in the queue of its shard, in the order of its account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from position_manager.worker.shard_queues import queue_name
from tests.helpers.harness import (
    ORDER_EVENTS,
    ORDER_EXECUTED,
    PRICES,
    VENUE_POSITIONS,
    Process,
    World,
    eventually,
)
from tests.helpers.queued_fills import FILLS
from tests.helpers.shards import (
    ACCOUNTS,
    BUCKETS,
    PINNED,
    SHARDS,
    account_of,
    arrived,
    assert_in_order,
    fills,
    forget_shards,
    take,
    waiting,
    write_map,
)

pytestmark = pytest.mark.xdist_group("worker")

MAIN = 2
ACTION = {"event_type": "corporate_action", "action_id": "a-1", "account": "account-1"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_map(tmp_path)


def splitting(world: World, file: Path, **settings: object) -> Process:
    """A splitter that consumes all queues."""
    splitter = world.start("split", shard_map=file, **settings)
    eventually(lambda: world.consuming(splitter))
    return splitter


@pytest.fixture
def without_shards(world: World) -> Iterator[None]:
    """A broker without their queues, also afterwards."""
    forget_shards(world)
    yield
    world.end()
    forget_shards(world)


@pytest.mark.usefixtures("without_shards")
@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_each_message_arrives_once_in_the_queue_of_its_shard(
    world: World, file: Path, kind: str
) -> None:
    sent = fills(2000)
    world.declare(ORDER_EVENTS)
    world.publish(ORDER_EVENTS, sent)

    splitter = splitting(world, file, shard_queue_type=kind)

    eventually(lambda: waiting(world, "order_events") == len(sent))
    found = arrived(world, "order_events")
    assert_in_order(found, sent, file)
    assert sum(map(len, found.values())) == len(sent)
    bodies = [each.body for messages in found.values() for each in messages]
    assert sorted(bodies) == sorted(json.dumps(each).encode() for each in sent)
    assert splitter.terminate() == 0
    assert world.depth(ORDER_EVENTS) == 0


def test_both_queues_of_a_feed_are_split(world: World, file: Path) -> None:
    splitting(world, file)

    world.publish(ORDER_EVENTS, fills(20))
    world.publish(ORDER_EXECUTED, fills(20, first=20))

    eventually(lambda: waiting(world, "order_events") == 40)


def test_properties_are_kept_but_those_on_which_the_broker_would_act(
    world: World, file: Path
) -> None:
    splitting(world, file)
    properties = {
        "message_id": "m-1", "content_type": "application/json", "correlation_id": "c-1",
        "timestamp": 1_700_000_000, "type": "order", "app_id": "order-manager",
    }  # fmt: skip
    headers = {"x-trace-id": "t-1", "CC": [queue_name(0, "prices")], "x-hops": 9, "x-producer": "a"}

    world.publish(
        ORDER_EVENTS,
        fills(1),
        **properties,
        delivery_mode=1,
        expiration="60000",
        user_id="position_manager",
        headers=headers,
    )

    eventually(lambda: waiting(world, "order_events") == 1)
    (message,) = arrived(world, "order_events")[MAIN]
    found = message.properties
    assert {name: getattr(found, name) for name in properties} == properties
    assert (found.delivery_mode, found.expiration) == (2, None)
    # The worker's own user, which the broker checks, and the producer beside it.
    assert found.user_id == "position_manager_worker"
    assert found.headers == {"x-trace-id": "t-1", "x-producer": "position_manager"}


def test_a_message_without_producer_names_none(world: World, file: Path) -> None:
    splitting(world, file)

    world.publish(ORDER_EVENTS, fills(1), headers={"x-producer": "order-manager"})

    eventually(lambda: waiting(world, "order_events") == 1)
    (message,) = arrived(world, "order_events")[MAIN]
    assert message.properties.user_id is None
    assert not message.properties.headers


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a":1,"a":2}', b'{"a":"' + bytes(9000) + b'"}'])
@pytest.mark.parametrize(
    ("queue", "feed"),
    [(ORDER_EVENTS, "order_events"), (VENUE_POSITIONS, "venue_positions"), (PRICES, "prices")],
)
def test_an_unreadable_message_goes_to_the_default_account(
    world: World, file: Path, queue: str, feed: str, body: bytes
) -> None:
    splitting(world, file, message_max_bytes=8192)

    world.publish(queue, [body])

    eventually(lambda: waiting(world, feed) == 1)
    found = arrived(world, feed)
    assert [each.body for each in found[MAIN]] == [body]


def test_every_price_reaches_every_shard_without_an_interval(world: World, file: Path) -> None:
    splitting(world, file, price_keeper_interval_ms=0)
    prices = [{"event_type": "ticker", "payload": {"symbol": f"A{n}"}} for n in range(50)]

    world.publish(PRICES, prices)

    eventually(lambda: waiting(world, "prices") == SHARDS * 50)
    for messages in arrived(world, "prices").values():
        assert [each.json for each in messages] == prices


def test_a_corporate_action_reaches_every_shard(world: World, file: Path) -> None:
    splitting(world, file)

    world.publish(ORDER_EVENTS, [ACTION])

    eventually(lambda: waiting(world, "order_events") == SHARDS)
    for messages in arrived(world, "order_events").values():
        assert [each.json for each in messages] == [ACTION]


def test_reports_go_to_the_shard_of_their_account(world: World, file: Path) -> None:
    splitting(world, file)
    reports: list[dict[str, Any]] = [
        {"event_type": "position", "payload": {"symbol": "A", "account": account}}
        for account in ACCOUNTS[1:]
    ]

    world.publish(VENUE_POSITIONS, reports)

    eventually(lambda: waiting(world, "venue_positions") == len(reports))
    assert len(take(world, queue_name(1, "venue_positions"))) > 1


def test_ingest_of_a_shard_books_what_the_splitter_sends(world: World, file: Path) -> None:
    sent = fills(130)
    ingest = world.start("ingest", shard=MAIN)
    eventually(lambda: world.consuming(ingest))
    splitting(world, file)

    world.publish(ORDER_EVENTS, sent)

    own = [each for each in sent if account_of(each) == "main"]
    main = "SELECT count(*) FROM api.fills WHERE account = 'main'"
    eventually(lambda: world.value(main) == len(own))
    elsewhere = waiting(world, "order_events")
    eventually(lambda: world.value(FILLS) == len(sent) - elsewhere)
    assert world.depth(queue_name(MAIN, "order_events")) == 0


def test_a_producer_is_known_behind_the_splitter(world: World, file: Path) -> None:
    producers = "position_manager:main"
    ingest = world.start("ingest", shard=MAIN, producer_accounts=producers)
    eventually(lambda: world.consuming(ingest))
    splitting(world, write_map(file.parent, None, [[0, 999, MAIN]], {}))

    world.publish(ORDER_EVENTS, fills(3), user_id="position_manager")
    world.publish(ORDER_EVENTS, fills(1), headers={"x-producer": "position_manager"})

    refused = "SELECT detail FROM pms.rejected_messages ORDER BY detail"
    eventually(lambda: world.value(FILLS) == 1 and len(world.query(refused)) == 3)
    details = [detail for (detail,) in world.query(refused)]
    assert [detail.split(" may not")[0] for detail in details[:2]] == ["'position_manager'"] * 2
    assert details[2].startswith("the message has no user_id")


def test_nothing_is_split_without_a_map(world: World, tmp_path: Path) -> None:
    unset = world.start("split")
    missing = world.start("split", shard_map=tmp_path / "none.json")

    assert (unset.wait(), missing.wait()) == (2, 2)
    assert unset.text == "POSITION_MANAGER_SHARD_MAP is required by split\n"
    assert missing.text == f"{tmp_path}/none.json: No such file or directory\n"


@pytest.mark.usefixtures("without_shards")
def test_one_shard_declares_nothing_of_several(world: World) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    with world.channel() as channel, pytest.raises(Exception, match="NOT_FOUND"):
        channel.exchange_declare("position-manager.shards", passive=True)


def test_buckets_and_pins_are_of_the_shards_that_the_tests_assume() -> None:
    assert {shard for _, _, shard in BUCKETS} | set(PINNED.values()) == set(range(SHARDS))


@pytest.mark.usefixtures("without_shards")
def test_the_splitter_reports_what_it_has_sent(world: World, file: Path) -> None:
    world.declare(ORDER_EVENTS)
    world.publish(ORDER_EVENTS, fills(20))
    splitting(world, file)

    def report() -> dict[str, Any]:
        found = world.query("SELECT r.status FROM pms.worker_reports r WHERE r.part = 'split'")
        return found[0][0] if found else {"messages": {}}

    eventually(lambda: report()["messages"].get("split_order_events", {}).get("sent") == 20)
    eventually(lambda: report()["queue_depths"][ORDER_EVENTS] == 0)
    assert report()["queue_connected"] is True
