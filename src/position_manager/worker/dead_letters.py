"""Dead letters: rejected messages, published with the reason in their headers."""

from __future__ import annotations

import struct
from typing import Any
from uuid import uuid4

import pika
from pika.exceptions import AMQPError

from position_manager.worker import messages
from position_manager.worker.broker import PERSISTENT
from position_manager.worker.consumer import Delivery
from position_manager.worker.publisher import Outgoing

MAX_DETAIL = 500

# Properties on which the broker would act: it would let the copy expire, check its sender or (the
# headers) deliver it to other queues as well.
_DROPPED_PROPERTIES = ("expiration", "user_id")
_DROPPED_HEADERS = frozenset({"CC", "BCC"})


def trace_id_of(delivery: Delivery) -> str | None:
    """The trace id of a message that could not be parsed; None when it has none."""
    header = (delivery.properties.headers or {}).get("x-trace-id")
    if isinstance(header, str) and header:
        return header[: messages.MAX_TRACE_ID_LENGTH]
    return messages.trace_id_of(delivery.body)


def letter(
    delivery: Delivery, exchange: str, reason: str | None, detail: str | None, trace_id: str | None
) -> Outgoing:
    """A rejected message, with the name of its queue as the routing key.

    Mandatory: while its queue is missing, it is not lost.
    """
    ours = {
        "x-reason": reason or "rejected",
        "x-detail": (detail or "")[:MAX_DETAIL],
        "x-queue": delivery.queue,
        "x-trace-id": trace_id or "",
    }
    return Outgoing(
        exchange, delivery.queue, delivery.body, _properties(delivery.properties, ours), True
    )


def _properties(original: pika.BasicProperties, ours: dict[str, Any]) -> pika.BasicProperties:
    kept = {
        key: value for key, value in (original.headers or {}).items() if key not in _DROPPED_HEADERS
    }
    properties = _copy(original, kept | ours)
    try:
        properties.encode()
    except (AMQPError, struct.error, ValueError, ArithmeticError):
        # pika can decode headers that it cannot encode; then only the reason is kept.
        properties = _copy(original, ours)
    return properties


def _copy(original: pika.BasicProperties, headers: dict[str, Any]) -> pika.BasicProperties:
    values = {
        name: value for name, value in vars(original).items() if name not in _DROPPED_PROPERTIES
    }
    # The broker returns a message that reaches no queue by its id.
    values["message_id"] = original.message_id or str(uuid4())
    return pika.BasicProperties(**values | {"headers": headers, "delivery_mode": PERSISTENT})
