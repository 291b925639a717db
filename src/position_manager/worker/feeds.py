"""The feeds: their queues, and the account that a message of one is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from position_manager.config.environment import Config
from position_manager.worker.broker import GATEWAY_QUEUE, Queue
from position_manager.worker.messages import Refused, read
from position_manager.worker.producers import DEFAULT_ACCOUNT, account_of
from position_manager.worker.shard_queues import queue_name, shard_queue

# The settings that name the queues of each feed.
SETTINGS = {
    "order_events": "order_queues",
    "venue_positions": "position_queues",
    "prices": "price_queues",
}


def upstream_queues(config: Config) -> dict[str, list[Queue]]:
    """The queues by feed, with the arguments for their creation."""
    service = config.service
    return {
        "order_events": [Queue(name) for name in service.order_queues],
        "venue_positions": [Queue(name, GATEWAY_QUEUE) for name in service.position_queues],
        "prices": [Queue(name, GATEWAY_QUEUE) for name in service.price_queues],
    }


def consumed_queues(config: Config) -> dict[str, list[Queue]]:
    """The queues that ingest consumes: those that are set, else those of its shard if it is one."""
    service = config.service
    found = upstream_queues(config)
    if service.shard is not None:
        for feed, setting in SETTINGS.items():
            if setting not in service.model_fields_set:
                found[feed] = [Queue(queue_name(service.shard, feed))]
    # Those of a shard are declared as the splitter declares them.
    return {
        feed: [shard_queue(queue.name, service) or queue for queue in queues]
        for feed, queues in found.items()
    }


def account_in(feed: str, body: bytes, max_bytes: int) -> str | None:
    """The account of a message; None for all. One that cannot be read is of the default account."""
    if len(body) > max_bytes:
        return DEFAULT_ACCOUNT
    try:
        _, document = read(body)
    except Refused:
        return DEFAULT_ACCOUNT
    if feed == "prices" or (feed == "order_events" and _is_corporate_action(document)):
        return None
    return account_of(feed, document)


def _is_corporate_action(document: Mapping[str, Any]) -> bool:
    """Whether it is a corporate action, which concerns all accounts, or amends one."""
    if "order" in document:
        return False
    if document.get("event_type") == "corporate_action":
        return True
    identity = document.get("identity")
    return isinstance(identity, str) and identity.startswith("action:")
