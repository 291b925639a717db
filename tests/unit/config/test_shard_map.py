"""A map names the shard of an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from position_manager.config.environment import load
from position_manager.config.settings import ConfigError
from position_manager.config.shard_map import BUCKETS, ShardMap, bucket_of
from position_manager.worker.feeds import account_in, consumed_queues
from position_manager.worker.shard_queues import bindings, routing_key

NAMES = [f"account-{number}" for number in range(400)]
HALVES = {"version": 7, "buckets": [[0, 499, 0], [500, 999, 1]], "pinned": {"whale": 2}}


def test_a_book_is_in_the_bucket_of_its_account() -> None:
    assert bucket_of("hedge|grid") == bucket_of("hedge")
    assert ShardMap.parse(HALVES).shard_of("whale|grid") == 2


def test_a_pinned_account_is_not_where_its_bucket_is() -> None:
    found = ShardMap.parse(HALVES)

    assert found.shards == [0, 1, 2]
    assert found.shard_of("whale") == 2
    assert {found.shard_of(name) for name in NAMES} == {0, 1}
    assert all(found.shard_of(name) == bucket_of(name) // 500 for name in NAMES)


def test_a_map_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "map.json"
    ranges = [[500, 999, 1], [0, 0, 3], [1, 499, 0]]
    file.write_text(json.dumps(HALVES | {"shard": 1, "buckets": ranges}))

    found = ShardMap.read(file)

    assert found.document() == {
        "version": 7,
        "shard": 1,
        "buckets": [[0, 0, 3], [1, 499, 0], [500, 999, 1]],
        "pinned": {"whale": 2},
    }
    assert ShardMap.parse(found.document()) == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "must be one JSON object"),
        ("{", "Expecting property name"),
        ('{"version": 1, "version": 2}', "version comes twice"),
        ({"version": None}, "version must be a whole number from 1"),
        ({"version": True}, "version must be a whole number from 1"),
        ({"versions": 1}, "versions is not a field"),
        ({"shard": -1}, "shard must be a whole number from 0 to 999"),
        ({"buckets": {}}, "buckets must be a list"),
        ({"buckets": [[0, 999]]}, r"buckets\[0\] must be \[from, to, shard\]"),
        ({"buckets": [[0, 1000, 0]]}, r"buckets\[0\]\[1\] must be a whole number from 0 to 999"),
        ({"buckets": [[5, 4, 0]]}, r"buckets\[0\]\[1\] must be a whole number from 5 to 999"),
        ({"buckets": [[0, 999, "0"]]}, r"buckets\[0\]\[2\] must be a whole number"),
        ({"buckets": [[0, 9, 0], [9, 999, 1]]}, r"buckets\[1\] has the bucket 9"),
        ({"buckets": [[0, 9, 0], [11, 999, 1]]}, "buckets must cover 0 to 999, and lack 10"),
        ({"pinned": []}, "pinned must be an object"),
        ({"pinned": {"a|b": 1}}, r"pinned has 'a\|b', which is no name"),
        ({"pinned": {"a": 1.0}}, r"pinned\['a'\] must be a whole number"),
    ],
)
def test_a_fault_of_a_map_is_named(tmp_path: Path, text: Any, fault: str) -> None:
    file = tmp_path / "map.json"
    file.write_text(text if isinstance(text, str) else json.dumps(HALVES | text))

    with pytest.raises(ConfigError, match=f"^{file}: {fault}"):
        ShardMap.read(file)


def test_a_missing_map_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.json: No such file"):
        ShardMap.read(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("feed", "message", "key"),
    [
        ("order_events", {"order": {"account": "hedge"}, "account": "x"}, "order_events.HEDGE"),
        ("order_events", {"order": {"id": "1"}, "account": "hedge"}, "order_events.HEDGE"),
        ("order_events", {"event_type": "order_executed"}, "order_events.MAIN"),
        ("order_events", {"account": "whale"}, "order_events.pinned.2"),
        ("order_events", {"event_type": "corporate_action"}, "order_events.all"),
        (
            "order_events",
            {"event_type": "trade_busted", "identity": "action:a-1"},
            "order_events.all",
        ),
        ("venue_positions", {"payload": {"account": "hedge"}}, "venue_positions.HEDGE"),
        ("venue_positions", {"data": {"symbol": "BTCUSDT"}}, "venue_positions.MAIN"),
        ("prices", {"account": "hedge"}, "prices.all"),
        ("order_events", b"{", "order_events.MAIN"),
        ("order_events", b'{"account":"hedge","account":"main"}', "order_events.MAIN"),
        ("order_events", b'{"account":"hedge","x":"' + bytes(2000) + b'"}', "order_events.MAIN"),
        ("venue_positions", b"\xff", "venue_positions.MAIN"),
        # Of the default account's shard, by its number: prices have no buckets.
        ("prices", b"NaN", "prices.pinned.1"),
    ],
)
def test_a_message_goes_to_the_shard_of_its_account(feed: str, message: Any, key: str) -> None:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    shard_map = ShardMap.parse(HALVES)

    found = routing_key(feed, account_in(feed, body, 1000), shard_map)

    for account in ("main", "hedge"):
        key = key.replace(account.upper(), str(bucket_of(account)))
    assert found == key


def test_every_key_is_bound_to_the_queue_of_its_shard() -> None:
    bound = bindings(ShardMap.parse(HALVES))
    by_key: dict[str, set[str]] = {}
    for queue, key in bound:
        by_key.setdefault(key, set()).add(queue)

    for bucket in range(BUCKETS):
        for feed in ("order_events", "venue_positions"):
            own = f"position-manager.shard.{bucket // 500}.{feed}"
            assert by_key[f"{feed}.{bucket}"] == {own}
    for feed in ("order_events", "venue_positions", "prices"):
        queues = [f"position-manager.shard.{shard}.{feed}" for shard in range(3)]
        assert by_key[f"{feed}.all"] == set(queues)
        assert [by_key[f"{feed}.pinned.{shard}"] for shard in range(3)] == [
            {queue} for queue in queues
        ]


def queues(**settings: str) -> dict[str, list[str]]:
    variables = {f"POSITION_MANAGER_{name}": value for name, value in settings.items()}
    found = consumed_queues(load(variables))
    return {feed: [queue.name for queue in each] for feed, each in found.items()}


def test_ingest_of_a_shard_consumes_the_queues_of_the_shard() -> None:
    upstream = queues()

    assert upstream["order_events"][0] == "order-manager.order_events"
    assert queues(SHARD="3", PRICE_QUEUES="ours") == {
        "order_events": ["position-manager.shard.3.order_events"],
        "venue_positions": ["position-manager.shard.3.venue_positions"],
        "prices": ["ours"],
    }


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_a_queue_of_a_shard_has_one_active_consumer(kind: str) -> None:
    config = load(
        {
            "POSITION_MANAGER_ORDER_QUEUES": "position-manager.shard.3.order_events,other",
            "POSITION_MANAGER_SHARD_QUEUE_TYPE": kind,
        }
    )

    own, other = consumed_queues(config)["order_events"]

    assert own.arguments == {"x-single-active-consumer": True, "x-queue-type": kind}
    assert other.arguments == {}
