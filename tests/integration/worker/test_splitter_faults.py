"""The splitter with faults: no message is lost, and those of an account keep their order."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from position_manager.config.shard_map import ShardMap
from position_manager.worker.shard_queues import EXCHANGE, bucket_key, queue_name
from tests.helpers.harness import (
    ORDER_EVENTS,
    Message,
    Process,
    World,
    eventually,
    execution,
)
from tests.helpers.shards import (
    ACCOUNTS,
    account_of,
    arrived,
    assert_in_order,
    fills,
    numbers,
    waiting,
    write_map,
)

pytestmark = pytest.mark.xdist_group("worker")

MANY = 4000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_map(tmp_path)


def splitting(world: World, file: Path, **settings: object) -> Process:
    splitter = world.start("split", shard_map=file, **settings)
    eventually(lambda: world.consuming(splitter))
    return splitter


def publish_many(world: World) -> list[dict[str, Any]]:
    sent = fills(MANY)
    world.declare(ORDER_EVENTS)
    world.publish(ORDER_EVENTS, sent)
    return sent


def assert_nothing_lost(found: dict[int, list[Message]], sent: list[dict[str, Any]]) -> None:
    """Every fill is there; repeats have the same ids."""
    bodies = {each["number"]: each for each in sent}
    messages = [each.json for messages in found.values() for each in messages]

    assert {each["number"] for each in messages} == bodies.keys()
    assert all(each == bodies[each["number"]] for each in messages)


def begun(world: World) -> bool:
    return 0 < waiting(world, "order_events") < MANY


def test_nothing_is_lost_when_the_splitter_is_killed(world: World, file: Path) -> None:
    splitting(world, file).terminate()
    sent = publish_many(world)
    splitter = world.start("split", shard_map=file, batch_size=100)
    eventually(lambda: begun(world))

    splitter.kill()

    assert waiting(world, "order_events") < MANY
    splitting(world, file)
    eventually(lambda: waiting(world, "order_events") >= MANY and not world.depth(ORDER_EVENTS))
    found = arrived(world, "order_events")
    assert_nothing_lost(found, sent)
    assert_in_order(found, sent, file)


def test_nothing_is_lost_when_the_broker_restarts(world: World, file: Path) -> None:
    splitter = splitting(world, file, batch_size=100)
    sent = publish_many(world)
    eventually(lambda: waiting(world, "order_events") > 0)

    world.stack.kill("rabbitmq")

    eventually(lambda: splitter.lines("broker failed, will reconnect"))
    eventually(world.stack.part("rabbitmq").ready)
    eventually(lambda: waiting(world, "order_events") >= MANY and not world.depth(ORDER_EVENTS))
    found = arrived(world, "order_events")
    assert_nothing_lost(found, sent)
    assert_in_order(found, sent, file)
    assert splitter.terminate() == 0


def test_a_stop_loses_nothing(world: World, file: Path) -> None:
    splitting(world, file).terminate()
    sent = publish_many(world)
    splitter = world.start("split", shard_map=file, batch_size=100)
    eventually(lambda: begun(world))

    assert splitter.terminate() == 0

    left = world.depth(ORDER_EVENTS)
    assert waiting(world, "order_events") + left == MANY
    splitting(world, file)
    eventually(lambda: waiting(world, "order_events") == MANY)
    assert_in_order(arrived(world, "order_events"), sent, file)


def test_nothing_is_lost_while_buckets_move(world: World, file: Path) -> None:
    splitter = splitting(world, file, batch_size=100)
    sent: list[dict[str, Any]] = []
    moved: list[list[int]] = [[0, 299, 1], [300, 599, 2], [600, 999, 0]]

    def send(count: int) -> None:
        more = fills(count, first=len(sent))
        sent.extend(more)
        world.publish(ORDER_EVENTS, more)

    send(500)
    write_map(file.parent, buckets=moved, pinned={"account-5": 0})
    deadline = time.monotonic() + 120
    while len(splitter.lines("bound")) < 2:
        assert time.monotonic() < deadline
        send(100)
    send(500)

    eventually(lambda: not world.depth(ORDER_EVENTS) and splitter.lines("bound")[1]["removed"] > 0)
    eventually(lambda: sum(line["size"] for line in splitter.lines("split")) == len(sent))
    found = arrived(world, "order_events")
    assert_nothing_lost(found, sent)
    shard_map = ShardMap.read(file)
    for account in ACCOUNTS:
        last = [each["number"] for each in sent[-500:] if account_of(each) == account]
        # After the change all are in the queue of the new shard alone, in order.
        assert numbers(found[shard_map.shard_of(account)], account)[-len(last) :] == last
        others = [found[shard] for shard in found if shard != shard_map.shard_of(account)]
        assert all(set(numbers(messages, account)).isdisjoint(last) for messages in others)


def test_a_refused_map_changes_nothing(world: World, file: Path) -> None:
    splitter = splitting(world, file)
    former = file.read_text()
    file.write_text(former[:-1])
    eventually(lambda: splitter.lines("map refused, the former one stays"))

    world.publish(ORDER_EVENTS, fills(26))

    eventually(lambda: waiting(world, "order_events") == 26)


def test_an_older_map_does_not_undo_a_newer_one(world: World, file: Path) -> None:
    splitting(world, file).terminate()
    older = write_map(file.parent, version=1, buckets=[[0, 999, 0]])

    splitter = splitting(world, older)

    assert splitter.lines("a newer map is bound")
    world.publish(ORDER_EVENTS, [execution() | {"account": "main", "number": 1}])
    eventually(lambda: waiting(world, "order_events") == 1)
    assert world.depth(queue_name(2, "order_events")) == 1


def test_a_lost_binding_holds_up_its_own_accounts_alone(world: World, file: Path) -> None:
    splitter = splitting(world, file)
    shard_map = ShardMap.read(file)
    sent = fills(130)
    with world.channel() as channel:
        for account in ACCOUNTS:
            if shard_map.shard_of(account) == 2:
                key = bucket_key("order_events", account)
                channel.queue_unbind(queue_name(2, "order_events"), EXCHANGE, key)

    world.publish(ORDER_EVENTS, sent)

    others = [each for each in sent if shard_map.shard_of(account_of(each)) != 2]
    eventually(lambda: waiting(world, "order_events") >= len(others))
    # The splitter binds the queue again.
    eventually(lambda: waiting(world, "order_events") == len(sent))
    assert all(line["returned"] > 0 for line in splitter.lines("not taken, will try again"))
    assert_in_order(arrived(world, "order_events"), sent, file)
    eventually(lambda: world.depth(ORDER_EVENTS) == 0)
