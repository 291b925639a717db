"""Properties of a message that is published again."""

from __future__ import annotations

import struct
from typing import Any

import pika
from pika.exceptions import AMQPError

from position_manager.worker.broker import PERSISTENT

# Properties on which the broker would act: it would let the copy expire, check its sender or (the
# headers) deliver it to other queues as well.
_DROPPED_PROPERTIES = ("expiration", "user_id")
_DROPPED_HEADERS = frozenset({"CC", "BCC"})


def copied(
    original: pika.BasicProperties, ours: dict[str, Any], limit: int
) -> pika.BasicProperties:
    """The properties for a persistent copy, with our headers beside those of the original.

    Without the latter when they exceed `limit` bytes: properties have to fit into one frame.
    """
    if not original.headers:
        return _copy(original, ours)
    kept = {key: value for key, value in original.headers.items() if key not in _DROPPED_HEADERS}
    properties = _copy(original, kept | ours)
    try:
        fits = len(b"".join(properties.encode())) <= limit
    except (AMQPError, struct.error, ValueError, ArithmeticError):
        # pika can decode headers that it cannot encode.
        fits = False
    return properties if fits else _copy(original, ours)


def _copy(original: pika.BasicProperties, headers: dict[str, Any]) -> pika.BasicProperties:
    values = {
        name: value for name, value in vars(original).items() if name not in _DROPPED_PROPERTIES
    }
    return pika.BasicProperties(**values | {"headers": headers, "delivery_mode": PERSISTENT})
