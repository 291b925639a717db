"""Connections to RabbitMQ, and the queues and exchanges that the service declares.

Upstream services declare their own queues, and a declaration that differs from an existing queue is
an error that closes the channel. So each queue is first declared passively, and used as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError, ChannelClosedByBroker

from position_manager.config.broker import RabbitmqSettings
from position_manager.config.service import ServiceSettings

# pika raises these when the broker is unreachable, disconnects or refuses, and the second when it
# accepts a connection and does not answer.
BROKER_ERRORS = (AMQPError, AMQPConnectorException, OSError)

SOCKET_TIMEOUT = 3
PERSISTENT = 2

NOT_FOUND = 404
PRECONDITION_FAILED = 406

# The arguments with which ws-gateway declares its queues.
GATEWAY_QUEUE = {"x-message-ttl": 86_400_000, "x-max-length": 100_000, "x-overflow": "drop-head"}

DEAD_LETTER_QUEUE = "position-manager.dead_letters"
DEAD_LETTER_TTL_MS = 14 * 86_400_000
DEAD_LETTER_MAX_LENGTH = 100_000
DEAD_LETTER_MAX_BYTES = 256 * 1024 * 1024

# The queues from which other services consume our events, by event type.
EVENT_QUEUES = {
    event_type: f"position-manager.{event_type}"
    for event_type in (
        "position_updated",
        "portfolio_updated",
        "position_snapshot_created",
        "position_closed",
    )
}


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, with the arguments for its creation."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueState:
    """The number of messages ready in a queue, and of its consumers."""

    messages: int
    consumers: int


def parameters(
    settings: RabbitmqSettings, name: str, timeout: float = SOCKET_TIMEOUT
) -> pika.ConnectionParameters:
    """The parameters of a connection; the broker shows it as `name`. `timeout` is in seconds."""
    return pika.ConnectionParameters(
        host=settings.host,
        port=settings.port,
        credentials=pika.PlainCredentials(settings.user, settings.password.get_secret_value()),
        heartbeat=settings.heartbeat,
        socket_timeout=timeout,
        stack_timeout=2 * timeout,
        blocked_connection_timeout=60,
        client_properties={"connection_name": name},
    )


def declare_queue(connection: pika.BlockingConnection, queue: Queue) -> None:
    """Declare the queue unless it exists."""
    _ensure(
        connection,
        lambda channel, passive: channel.queue_declare(
            queue.name, passive=passive, durable=True, arguments=queue.arguments or None
        ),
    )


def declare_exchange(
    connection: pika.BlockingConnection, exchange: str, kind: str = "topic"
) -> None:
    """Declare the exchange unless it exists."""
    _ensure(
        connection,
        lambda channel, passive: channel.exchange_declare(
            exchange, exchange_type=kind, passive=passive, durable=True
        ),
    )


def declare_dead_letters(connection: pika.BlockingConnection, settings: ServiceSettings) -> None:
    """Declare the exchange for rejected messages and the queue that stores them."""
    queue = Queue(
        DEAD_LETTER_QUEUE,
        {
            "x-message-ttl": DEAD_LETTER_TTL_MS,
            "x-max-length": DEAD_LETTER_MAX_LENGTH,
            "x-max-length-bytes": DEAD_LETTER_MAX_BYTES,
            "x-overflow": "drop-head",
        },
    )
    declare_exchange(connection, settings.dead_letter_exchange)
    declare_queue(connection, queue)
    with connection.channel() as channel:
        channel.queue_bind(queue.name, settings.dead_letter_exchange, "#")


def declare_events(connection: pika.BlockingConnection, settings: ServiceSettings) -> None:
    """Declare the exchange for events and the queues from which other services consume them.

    Age and length are limited, so that a queue without consumers cannot fill the disk.
    """
    limits = {
        "x-message-ttl": settings.legacy_queue_ttl_ms,
        "x-max-length": settings.legacy_queue_max_length,
        "x-overflow": "drop-head",
    }
    declare_exchange(connection, settings.events_exchange)
    for name in EVENT_QUEUES.values():
        declare_queue(connection, Queue(name, limits))
    bind_events(connection, settings)


def bind_events(connection: pika.BlockingConnection, settings: ServiceSettings) -> set[str]:
    """Bind those queues to the exchange for events; return the names of the missing ones."""
    missing: set[str] = set()
    channel = connection.channel()
    for event_type, name in EVENT_QUEUES.items():
        try:
            channel.queue_bind(name, settings.events_exchange, event_type)
        except ChannelClosedByBroker as error:
            if error.reply_code != NOT_FOUND:
                raise
            missing.add(name)
            channel = connection.channel()
    channel.close()
    return missing


def depths(connection: pika.BlockingConnection, queues: Sequence[str]) -> dict[str, int]:
    """The number of messages ready in each queue; queues that do not exist are left out."""
    return {queue: state.messages for queue, state in states(connection, queues).items()}


def states(connection: pika.BlockingConnection, queues: Sequence[str]) -> dict[str, QueueState]:
    """The state of each queue; queues that do not exist are left out."""
    found: dict[str, QueueState] = {}
    channel = connection.channel()
    for queue in queues:
        try:
            answer = channel.queue_declare(queue, passive=True).method
            found[queue] = QueueState(answer.message_count, answer.consumer_count)
        except ChannelClosedByBroker as error:
            if error.reply_code != NOT_FOUND:
                raise
            channel = connection.channel()
    channel.close()
    return found


def _ensure(
    connection: pika.BlockingConnection, declare: Callable[[BlockingChannel, bool], object]
) -> None:
    """Declare passively first, and actively only when that finds nothing."""
    for passive, harmless in ((True, NOT_FOUND), (False, PRECONDITION_FAILED)):
        # A refusal closes the channel, so each attempt opens its own. The second refusal means that
        # another service created it meanwhile, with other arguments: it exists.
        channel = connection.channel()
        try:
            declare(channel, passive)
        except ChannelClosedByBroker as error:
            if error.reply_code != harmless:
                raise
        else:
            channel.close()
            return
