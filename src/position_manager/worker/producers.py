"""The accounts that each producer may write to, by the user of the broker that published.

The broker refuses a `user_id` that is not the user of the connection, so a message cannot name
another producer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from position_manager.config.settings import ALL_ACCOUNTS
from position_manager.names import account_name, is_blank
from position_manager.worker.consumer import Delivery
from position_manager.worker.messages import Refused
from position_manager.worker.shard_queues import is_shard_queue

REASON = "forbidden_producer"
# The header of a message that the worker sent on to a shard: its user_id.
PRODUCER = "x-producer"
DEFAULT_ACCOUNT = "main"


def check_producer(
    producers: Mapping[str, tuple[str, ...]],
    feed: str,
    delivery: Delivery,
    document: Mapping[str, Any],
    worker: str = "",
) -> None:
    """Raise Refused when a producer may not write to the account of its message.

    `worker` is the worker's own user.
    """
    user = producer_of(delivery, worker)
    if user is None:
        raise Refused(REASON, "the message has no user_id, which the map of producers requires")
    if user not in producers:
        raise Refused(REASON, f"the user {user!r} is no producer")
    # A price belongs to no account.
    if feed != "prices" and ALL_ACCOUNTS not in producers[user]:
        account = account_of(feed, document)
        if account not in producers[user]:
            raise Refused(REASON, f"{user!r} may not write to the account {account[:64]!r}")


def producer_of(delivery: Delivery, worker: str) -> str | None:
    """The user that published a message, also if the worker has sent it on to a shard."""
    user: str | None = delivery.properties.user_id
    if user == worker and is_shard_queue(delivery.queue):
        producer = (delivery.properties.headers or {}).get(PRODUCER)
        return producer if isinstance(producer, str) else user
    return user


def account_of(feed: str, document: Mapping[str, Any]) -> str:
    """The account of a message, as the functions of the database read it."""
    for place in _places(feed, document):
        if isinstance(place, dict):
            account = place.get("account")
            if account is not None and not is_blank(account):
                return account_name(str(account))
    return DEFAULT_ACCOUNT


def _places(feed: str, document: Mapping[str, Any]) -> Iterator[Any]:
    if feed == "order_events":
        yield document.get("order")
        yield document
    else:
        payload = document.get("payload")
        yield payload if isinstance(payload, dict) else document.get("data")
