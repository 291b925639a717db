"""Events of the log, as messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pika

from position_manager.worker.broker import EVENT_QUEUES, PERSISTENT
from position_manager.worker.publisher import Outgoing


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the log has it."""

    number: int
    id: UUID
    type: str
    payload: str
    trace_id: str | None
    created_at: datetime


def published(event: Event, exchange: str) -> Outgoing:
    """The event for all subscribers; it is mandatory when its type has a queue of its own."""
    return _message(event, exchange, event.type, mandatory=event.type in EVENT_QUEUES)


def delivered(event: Event) -> Outgoing:
    """The event for the queue of its type alone."""
    return _message(event, "", EVENT_QUEUES[event.type], mandatory=True)


def _message(event: Event, exchange: str, routing_key: str, mandatory: bool) -> Outgoing:
    properties = pika.BasicProperties(
        content_type="application/json",
        delivery_mode=PERSISTENT,
        message_id=str(event.id),
        type=event.type,
        timestamp=int(event.created_at.timestamp()),
        headers={"x-trace-id": event.trace_id or ""},
    )
    return Outgoing(exchange, routing_key, event.payload.encode(), properties, mandatory)
