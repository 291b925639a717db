"""The price keeper: every shard gets the newest price of each asset, one in an interval at most."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from position_manager.worker.price_keeper import KEPT_BATCHES
from position_manager.worker.shard_queues import EXCHANGE, queue_name
from tests.helpers.harness import PRICES, Process, World, eventually
from tests.helpers.messages import at
from tests.helpers.shards import SHARDS, arrived, take, waiting, write_map

pytestmark = pytest.mark.xdist_group("worker")

MAIN = 2
# Long enough for a test to act within one, and for one that waits for none to end.
SHORT, LONG = 4000, 60_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_map(tmp_path)


def keeping(world: World, file: Path, interval_ms: int, **settings: object) -> Process:
    """A splitter whose first price of A was sent."""
    keeper = world.start("split", shard_map=file, price_keeper_interval_ms=interval_ms, **settings)
    eventually(lambda: world.consuming(keeper))
    world.publish(PRICES, [ticker("A", 1)])
    eventually(lambda: waiting(world, "prices") == SHARDS)
    return keeper


def ticker(asset: str, number: int, price: str = "100", **fields: Any) -> dict[str, Any]:
    """A price of the second with this number."""
    payload = {"symbol": asset, "mark_price": price, "timestamp": at(0, number)} | fields
    return {"event_type": "ticker", "payload": payload}


def assert_arrived(world: World, *expected: dict[str, Any]) -> None:
    """Every shard got these messages, in this order."""
    for shard, messages in arrived(world, "prices").items():
        assert [each.json for each in messages] == list(expected), shard


def assert_nothing_left(world: World, keeper: Process) -> None:
    """Every message was acknowledged."""
    assert keeper.terminate() == 0
    assert world.depth(PRICES) == 0


def test_the_newest_price_of_an_interval_is_sent_unchanged(world: World, file: Path) -> None:
    keeper = keeping(world, file, SHORT)
    began = time.monotonic()

    world.publish(PRICES, [ticker("A", number) for number in range(2, 50)])
    world.publish(PRICES, [ticker("A", 50)], headers={"x-trace-id": "t-1"}, message_id="m-1")

    eventually(lambda: waiting(world, "prices") == 2 * SHARDS)
    assert time.monotonic() - began > SHORT / 1000 / 2
    messages = take(world, queue_name(0, "prices"))
    assert [each.json for each in messages] == [ticker("A", 1), ticker("A", 50)]
    properties = messages[-1].properties
    assert (properties.message_id, properties.headers) == ("m-1", {"x-trace-id": "t-1"})
    assert (properties.delivery_mode, messages[-1].routing_key) == (2, "prices.all")
    assert_nothing_left(world, keeper)


def test_the_first_price_of_an_asset_waits_for_no_other(world: World, file: Path) -> None:
    keeping(world, file, LONG)

    world.publish(PRICES, [ticker("A", 2), ticker("B", 1), ticker("a ", 3), ticker("C", 1)])

    eventually(lambda: waiting(world, "prices") == 3 * SHARDS, patience=LONG / 1000 / 2)
    assert_arrived(world, ticker("A", 1), ticker("B", 1), ticker("C", 1))


def test_an_older_price_is_not_sent_after_a_newer_one(world: World, file: Path) -> None:
    keeper = keeping(world, file, SHORT)
    world.publish(PRICES, [ticker("A", 9), ticker("A", 5), ticker("A", 9, "101")])
    eventually(lambda: waiting(world, "prices") == 2 * SHARDS)

    world.publish(PRICES, [ticker("A", 8), ticker("B", 1)])
    eventually(lambda: waiting(world, "prices") == 3 * SHARDS)
    time.sleep(SHORT / 1000)

    # Of equal times, the later delivery counts.
    assert_arrived(world, ticker("A", 1), ticker("A", 9, "101"), ticker("B", 1))
    assert_nothing_left(world, keeper)


def test_a_price_that_may_be_rejected_supersedes_none(world: World, file: Path) -> None:
    keeping(world, file, SHORT)
    sent = [ticker("A", 2), ticker("A", 3, "-5")]

    world.publish(PRICES, sent)

    eventually(lambda: waiting(world, "prices") == 3 * SHARDS)
    assert_arrived(world, ticker("A", 1), sent[1], sent[0])


@pytest.mark.parametrize(
    "fields",
    [{"symbol": " "}, {"symbol": None}, {"timestamp": "soon"}, {"mark_price": "much"}],
)
def test_a_price_that_cannot_be_read_goes_to_the_default_account(
    world: World, file: Path, fields: dict[str, Any]
) -> None:
    keeper = keeping(world, file, LONG)
    unread = ticker("A", 2, **fields)

    world.publish(PRICES, [unread])

    eventually(lambda: waiting(world, "prices") == SHARDS + 1)
    assert [each.json for each in arrived(world, "prices")[MAIN]] == [ticker("A", 1), unread]
    assert_nothing_left(world, keeper)


def test_a_price_of_a_stranger_supersedes_none(world: World, file: Path) -> None:
    keeper = world.start("split", shard_map=file, producer_accounts="position_manager:*")
    eventually(lambda: world.consuming(keeper))

    world.publish(PRICES, [ticker("A", 2)])
    world.publish(PRICES, [ticker("A", 1)], user_id="position_manager")

    eventually(lambda: waiting(world, "prices") == SHARDS + 1)
    assert len(take(world, queue_name(MAIN, "prices"))) == 2
    (message,) = take(world, queue_name(0, "prices"))
    assert message.json == ticker("A", 1)


def test_more_assets_than_are_kept_hold_up_nothing(world: World, file: Path) -> None:
    keeper = keeping(world, file, LONG, batch_size=10)
    kept = 10 * KEPT_BATCHES
    assets = [f"A{number}" for number in range(2 * kept)]

    for number in (1, 2):
        world.publish(PRICES, [ticker(asset, number) for asset in assets])

    eventually(lambda: world.depth(PRICES) == 0)
    eventually(lambda: waiting(world, "prices") > SHARDS * (len(assets) + kept))
    assert keeper.terminate() == 0


def test_a_new_shard_gets_the_price_that_waits(world: World, file: Path) -> None:
    keeper = keeping(world, file, 2 * SHORT)
    world.publish(PRICES, [ticker("A", 2)])

    write_map(file.parent, buckets=[[0, 499, 0], [500, 899, 1], [900, 949, 2], [950, 999, 3]])

    eventually(lambda: len(keeper.lines("bound")) == 2)
    eventually(lambda: waiting(world, "prices") == 2 * SHARDS)
    eventually(lambda: world.depth(queue_name(3, "prices")) == 1)
    assert [each.json for each in take(world, queue_name(3, "prices"))] == [ticker("A", 2)]


def held(world: World, file: Path, interval_ms: int, **properties: object) -> Process:
    """A keeper with a price of A that waits, and has superseded others."""
    keeper = keeping(world, file, interval_ms)
    world.publish(PRICES, [ticker("A", number) for number in range(2, 9)])
    world.publish(PRICES, [ticker("A", 9)], **properties)
    eventually(lambda: sum(line["size"] for line in keeper.lines("split")) == 9)
    return keeper


def test_the_newest_price_is_sent_after_the_keeper_was_killed(world: World, file: Path) -> None:
    keeper = held(world, file, LONG)

    keeper.kill()

    assert waiting(world, "prices") == SHARDS
    # The superseded ones were acknowledged.
    eventually(lambda: world.depth(PRICES) == 1)
    world.start("split", shard_map=file)
    eventually(lambda: waiting(world, "prices") == 2 * SHARDS)
    assert_arrived(world, ticker("A", 1), ticker("A", 9))


def test_a_stop_leaves_the_newest_price_to_the_broker(world: World, file: Path) -> None:
    keeper = held(world, file, LONG)

    assert keeper.terminate() == 0

    (message,) = world.drain(PRICES)
    assert message.json == ticker("A", 9)


def test_the_newest_price_is_sent_after_the_broker_restarted(world: World, file: Path) -> None:
    # The broker loses transient messages.
    keeper = held(world, file, 2 * SHORT, delivery_mode=1)

    world.stack.kill("rabbitmq")

    eventually(lambda: keeper.lines("broker failed, will reconnect"))
    eventually(world.stack.part("rabbitmq").ready)
    eventually(lambda: waiting(world, "prices") >= 2 * SHARDS)
    world.publish(PRICES, [ticker("A", 10)])
    eventually(lambda: waiting(world, "prices") >= 3 * SHARDS)
    for messages in arrived(world, "prices").values():
        found = [each.json for each in messages]
        assert ticker("A", 9) in found
        times = [each["payload"]["timestamp"] for each in found]
        assert times == sorted(times)
        assert found[-1] == ticker("A", 10)
    assert_nothing_left(world, keeper)
    # Deliveries of before are not acknowledged: the broker would close the channel.
    assert [line["feed"] for line in keeper.lines("consuming")].count("prices") == 2


def test_newer_prices_supersede_while_no_queue_takes_them(world: World, file: Path) -> None:
    keeper = keeping(world, file, 1)
    with world.channel() as channel:
        for shard in range(SHARDS):
            channel.queue_unbind(queue_name(shard, "prices"), EXCHANGE, "prices.all")
    world.publish(PRICES, [ticker("A", 2)])
    eventually(lambda: keeper.lines("not taken, will try again"))

    world.publish(PRICES, [ticker("A", number) for number in range(3, 60)])

    # The splitter binds the queues again, that of the first shard first.
    first = queue_name(0, "prices")
    eventually(lambda: world.depth(first) == 3)
    time.sleep(1)
    messages = take(world, first)
    assert [each.json for each in messages] == [ticker("A", n) for n in (1, 2, 59)]
    assert_nothing_left(world, keeper)
