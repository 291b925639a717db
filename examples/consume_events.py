"""Subscribe to position events, then send a fill as the order manager does.

Reads RABBITMQ_URL; `make up` writes it to `.stack/env`.
"""

from __future__ import annotations

import json
import os

import pika
from pika.adapters.blocking_connection import BlockingChannel

EXCHANGE = "position-manager.events"
FILLS = "order-manager.order_events"
ACCOUNT = "example-events"
EVENT_TYPES = ("position_updated", "position_closed")
PATIENCE_SECONDS = 30


def fill(execution_id: str, side: str, price: str, executed_at: str) -> bytes:
    """An execution in the order manager's format."""
    return json.dumps(
        {
            "event_type": "order_executed",
            "order_id": f"order-{execution_id}",
            "execution_id": execution_id,
            "account": ACCOUNT,
            "asset": "BTCUSDT",
            "side": side,
            "execution_quantity": "1",
            "execution_price": price,
            "execution_fees": "0",
            "executed_at": executed_at,
            "trace_id": f"trace-{execution_id}",
        }
    ).encode()


def show_until(channel: BlockingChannel, queue: str, event_type: str) -> None:
    """Print the events of our account up to the first one of a type."""
    for method, properties, body in channel.consume(queue, inactivity_timeout=PATIENCE_SECONDS):
        if method is None:
            raise SystemExit(f"no event within {PATIENCE_SECONDS} s")
        event = json.loads(body)
        channel.basic_ack(method.delivery_tag)
        if event["account"] != ACCOUNT:
            continue
        # Delivery is at least once: a consumer that must not act twice remembers message_id.
        assert properties.message_id == event["event_id"]
        print(event["event_type"], event["size"], event["realized_pnl"], event["trace_id"])
        if event["event_type"] == event_type:
            break
    channel.cancel()


def main() -> None:
    with pika.BlockingConnection(pika.URLParameters(os.environ["RABBITMQ_URL"])) as connection:
        channel = connection.channel()
        # A queue of our own, deleted when we leave. The routing key is the event type.
        queue = channel.queue_declare("", exclusive=True).method.queue
        for event_type in EVENT_TYPES:
            channel.queue_bind(queue, EXCHANGE, event_type)

        channel.basic_publish("", FILLS, fill("events-1", "BUY", "100", "2026-01-05T10:00:00Z"))
        show_until(channel, queue, "position_updated")

        channel.basic_publish("", FILLS, fill("events-2", "SELL", "130", "2026-01-05T11:00:00Z"))
        show_until(channel, queue, "position_closed")


if __name__ == "__main__":
    main()
