"""Rejected messages as they are handed on: the original, and why it was rejected."""

from __future__ import annotations

import struct
from typing import Any

import pika
from pika.exceptions import AMQPError

from position_manager.worker import messages
from position_manager.worker.broker import PERSISTENT
from position_manager.worker.consumer import Delivery
from position_manager.worker.publisher import Outgoing

MAX_DETAIL = 500

# Properties that would make the broker do something with the copy: let it expire, check who sent
# it, or (the headers) deliver it elsewhere as well.
_DROPPED_PROPERTIES = ("expiration", "user_id")
_DROPPED_HEADERS = frozenset({"CC", "BCC"})


def trace_id_of(delivery: Delivery) -> str | None:
    """The trace id of a message whose text could not be read."""
    header = (delivery.properties.headers or {}).get("x-trace-id")
    if isinstance(header, str) and header:
        return header[: messages.MAX_TRACE_ID_LENGTH]
    return messages.trace_id_of(delivery.body)


def letter(
    delivery: Delivery, exchange: str, reason: str | None, detail: str | None, trace_id: str | None
) -> Outgoing:
    """The rejected message, to be published under the name of the queue it came from."""
    ours = {
        "x-reason": reason or "rejected",
        "x-detail": (detail or "")[:MAX_DETAIL],
        "x-queue": delivery.queue,
        "x-trace-id": trace_id or "",
    }
    return Outgoing(
        exchange, delivery.queue, delivery.body, _properties(delivery.properties, ours), False
    )


def _properties(original: pika.BasicProperties, ours: dict[str, Any]) -> pika.BasicProperties:
    kept = {
        key: value for key, value in (original.headers or {}).items() if key not in _DROPPED_HEADERS
    }
    properties = _copy(original, kept | ours)
    try:
        properties.encode()
    except (AMQPError, struct.error, ValueError, ArithmeticError):
        # Headers can be read that cannot be written; the reason matters more than they do.
        properties = _copy(original, ours)
    return properties


def _copy(original: pika.BasicProperties, headers: dict[str, Any]) -> pika.BasicProperties:
    values = {
        name: value for name, value in vars(original).items() if name not in _DROPPED_PROPERTIES
    }
    return pika.BasicProperties(**values | {"headers": headers, "delivery_mode": PERSISTENT})
