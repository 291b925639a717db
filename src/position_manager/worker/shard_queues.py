"""The exchange in front of the shards, their queues, and the bindings between them.

A message has the key FEED.BUCKET; of an account that is pinned, or that a shard has sent on,
FEED.pinned.SHARD; and FEED.all if it concerns every shard. Moving a bucket is rebinding. A broker
does not list its bindings, so a queue beside them keeps the maps by which they were made.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from position_manager.config.service import ServiceSettings
from position_manager.config.shard_map import BUCKETS, ShardMap, bucket_of
from position_manager.worker.broker import (
    GATEWAY_QUEUE,
    PERSISTENT,
    Queue,
    declare_exchange,
    declare_queue,
    states,
)
from position_manager.worker.logging import get_logger

logger = get_logger(__name__)

EXCHANGE = "position-manager.shards"
# Exists while a process changes the bindings.
LOCK = "position-manager.shards.lock"
# Has the maps of the bindings: one, or two of which the change was interrupted.
BOUND = "position-manager.shards.bound"

# The arguments of a feed's queues, beside those of all queues of shards.
FEEDS: dict[str, dict[str, Any]] = {
    "order_events": {},
    "venue_positions": GATEWAY_QUEUE,
    "prices": GATEWAY_QUEUE,
}
_QUEUE = re.compile(rf"position-manager\.shard\.(\d+)\.({'|'.join(FEEDS)})")

# A queue and a key.
Binding = tuple[str, str]


def queue_name(shard: int, feed: str) -> str:
    """The name of the queue from which a shard consumes a feed."""
    return f"position-manager.shard.{shard}.{feed}"


def is_shard_queue(name: str) -> bool:
    """Whether a queue is one from which a shard consumes."""
    return _QUEUE.fullmatch(name) is not None


def shard_queue(name: str, settings: ServiceSettings) -> Queue | None:
    """The queue of this name, with its arguments; None if it is no shard's."""
    found = _QUEUE.fullmatch(name)
    if found is None:
        return None
    # The order of messages needs one consumer; a second process stands by.
    own = {"x-single-active-consumer": True, "x-queue-type": settings.shard_queue_type}
    return Queue(name, FEEDS[found[2]] | own)


def routing_key(feed: str, account: str | None, shard_map: ShardMap) -> str:
    """The key of a message for the shard of an account; None: for all shards."""
    if account is None:
        return f"{feed}.all"
    # Prices have no account, but for those that nobody can read.
    if account in shard_map.pinned or feed == "prices":
        return pinned_key(feed, shard_map.shard_of(account))
    return bucket_key(feed, account)


def bucket_key(feed: str, account: str) -> str:
    """The key of a message for the shard that has the bucket of an account."""
    return f"{feed}.{bucket_of(account)}"


def pinned_key(feed: str, shard: int) -> str:
    """The key of a message for a shard, whatever its bucket."""
    return f"{feed}.pinned.{shard}"


def bindings(shard_map: ShardMap) -> set[Binding]:
    """All bindings of a map."""
    found: set[Binding] = set()
    for feed in FEEDS:
        for shard in shard_map.shards:
            name = queue_name(shard, feed)
            found |= {(name, f"{feed}.all"), (name, pinned_key(feed, shard))}
        if feed != "prices":
            found |= {
                (queue_name(shard_map.buckets[bucket], feed), f"{feed}.{bucket}")
                for bucket in range(BUCKETS)
            }
    return found


def declare_shards(
    connection: pika.BlockingConnection,
    shard_map: ShardMap,
    settings: ServiceSettings,
    repair: bool = False,
) -> bool:
    """Make queues and bindings those of the map; return False when those of a newer one are made.

    A key is bound to its new queue before it is unbound from its former one, so that no message is
    without a queue: meanwhile a message goes to both. `repair`: also make those that should be
    there. Raises ChannelClosedByBroker with 405 while another process does the same.
    """
    declare_exchange(connection, EXCHANGE, "direct")
    declare_queue(connection, Queue(BOUND, {"x-queue-type": settings.shard_queue_type}))
    with connection.channel() as channel:
        channel.queue_declare(LOCK, exclusive=True)
        channel.confirm_delivery()
        former, last_tag = _former(channel)
        if any(each.version > shard_map.version for each in former):
            channel.basic_nack(last_tag, multiple=True, requeue=True)
            channel.queue_delete(LOCK)
            return False
        wanted = bindings(shard_map)
        names = sorted({name for name, _ in wanted})
        # A queue that was deleted has lost its bindings, and a change may have been interrupted.
        is_sound = len(former) == 1 and not repair and set(states(connection, names)) == set(names)
        for name in names:
            queue = shard_queue(name, settings)
            assert queue is not None
            declare_queue(connection, queue)
        _publish(channel, shard_map)
        bound = {binding for each in former for binding in bindings(each)}
        _rebind(channel, wanted - bound if is_sound else wanted, bound - wanted)
        if former:
            channel.basic_ack(last_tag, multiple=True)
        channel.queue_delete(LOCK)
    return True


def _former(channel: BlockingChannel) -> tuple[list[ShardMap], int]:
    """The maps of the present bindings, and the tag of the last one."""
    former: list[ShardMap] = []
    last_tag = 0
    while True:
        method, _, body = channel.basic_get(BOUND)
        if method is None:
            return former, last_tag
        former.append(ShardMap.parse(json.loads(body)))
        last_tag = method.delivery_tag


def _publish(channel: BlockingChannel, shard_map: ShardMap) -> None:
    body = json.dumps(shard_map.document()).encode()
    properties = pika.BasicProperties(content_type="application/json", delivery_mode=PERSISTENT)
    channel.basic_publish("", BOUND, body, properties, mandatory=True)


def _rebind(channel: BlockingChannel, added: set[Binding], removed: set[Binding]) -> None:
    for queue, key in sorted(added):
        channel.queue_bind(queue, EXCHANGE, key)
    for queue, key in sorted(removed):
        channel.queue_unbind(queue, EXCHANGE, key)
    logger.info("bound", added=len(added), removed=len(removed))
