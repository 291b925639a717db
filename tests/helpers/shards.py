"""Maps of shards, their queues, and what is in them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from position_manager.config.shard_map import ShardMap
from position_manager.worker.shard_queues import BOUND, EXCHANGE, queue_name
from tests.helpers.harness import SHARD_QUEUES, Message, World, execution

SHARDS = 3
ACCOUNTS = ("main", *(f"account-{number}" for number in range(12)))
# Two ranges of one shard, as after a move.
BUCKETS = [[0, 299, 0], [300, 599, 1], [600, 899, 2], [900, 999, 0]]
PINNED = {"account-3": 1}


def write_map(
    folder: Path,
    version: int | None = None,
    buckets: Sequence[Sequence[int]] = BUCKETS,
    pinned: Mapping[str, int] = PINNED,
) -> Path:
    """Write a map as operators do: a new file takes the place of the former one."""
    # An older one than that of another test would be refused.
    version = time.time_ns() // 1_000_000 if version is None else version
    document = {"version": version, "buckets": buckets, "pinned": pinned}
    file, new = folder / "map.json", folder / "map.json.new"
    new.write_text(json.dumps(document))
    new.replace(file)
    return file


def fills(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Executions of all accounts in turn, numbered; that of the default account is not named."""
    found = []
    for number in range(first, first + count):
        account = ACCOUNTS[number % len(ACCOUNTS)]
        named = {} if account == "main" else {"account": account}
        found.append(execution(number) | named | {"number": number})
    return found


def account_of(message: Mapping[str, Any]) -> str:
    """The account of one of those."""
    return str(message.get("account", "main"))


def forget_shards(world: World) -> None:
    """Delete the queues and bindings of all shards."""
    with world.channel() as channel:
        for queue in (*SHARD_QUEUES, BOUND):
            channel.queue_delete(queue)
        channel.exchange_delete(EXCHANGE)


def arrived(world: World, feed: str, shards: int = SHARDS) -> dict[int, list[Message]]:
    """The messages in the queue of each shard, in order; they are taken out of it."""
    return {shard: take(world, queue_name(shard, feed)) for shard in range(shards)}


def take(world: World, queue: str) -> list[Message]:
    """Consume everything from a queue, as its single active consumer."""
    found: list[Message] = []
    with world.channel() as channel:
        for method, properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=1):
            if method is None:
                break
            found.append(Message(method.routing_key, properties, body))
        channel.cancel()
    return found


def waiting(world: World, feed: str, shards: int = SHARDS) -> int:
    """The number of messages in the queues of all shards."""
    return sum(world.depth(queue_name(shard, feed)) for shard in range(shards))


def numbers(messages: Iterable[Message], account: str) -> list[int]:
    """The numbers of an account's fills, each where it came first."""
    found = [each.json["number"] for each in messages if account_of(each.json) == account]
    return list(dict.fromkeys(found))


def assert_in_order(
    by_shard: Mapping[int, Sequence[Message]], sent: Sequence[Mapping[str, Any]], file: Path
) -> None:
    """Every fill is in the queue of its shard and in no other, in the order of its account."""
    shard_map = ShardMap.read(file)
    for account in ACCOUNTS:
        wanted = [each["number"] for each in sent if account_of(each) == account]
        for shard, messages in by_shard.items():
            own = shard == shard_map.shard_of(account)
            assert numbers(messages, account) == (wanted if own else []), (account, shard)
