"""Malformed messages of upstream services; the service rejects all of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from position_manager.simulation import shapes
from position_manager.simulation.facts import Message, Nothing, Queue

REJECTED = Nothing("rejected")


def _execution(trace_id: str, at: datetime, named: shapes.Body, **wrong: str | None) -> bytes:
    body = (
        named
        | {
            "event_type": "order_executed",
            "order_id": f"bad-{trace_id}",
            "asset": "BTCUSDT",
            "side": "BUY",
            "execution_price": "97000.10",
            "execution_quantity": "0.010",
            "execution_fees": "0.5335",
            "executed_at": shapes.zulu(at),
            "trace_id": trace_id,
        }
        | wrong
    )
    return shapes.encoded(body)


def bad_order_event(number: int, trace_id: str, at: datetime, account: str) -> Message:
    """A malformed order event of an account; `number` selects its kind."""
    named: shapes.Body = {} if account == "main" else {"account": account}
    future = shapes.zulu(at + timedelta(days=400))
    bodies = (
        _execution(trace_id, at, named, side="HOLD"),
        _execution(trace_id, at, named, execution_quantity="0"),
        _execution(trace_id, at, named, execution_price="NaN"),
        _execution(trace_id, at, named, asset=None),
        _execution(trace_id, at, named, executed_at=future),
        _execution(trace_id, at, named, event_type="order_teleported"),
        _execution(trace_id, at, named)[:-20],
        b"[%b]" % _execution(trace_id, at, named),
        # A limit price must not replace the missing average.
        shapes.encoded(
            {
                "event_type": "filled",
                "timestamp": shapes.naive(at),
                "trace_id": trace_id,
                "order": named
                | {
                    "order_id": f"bad-{trace_id}",
                    "asset": "BTCUSDT",
                    "side": "Sell",
                    "order_type": "Limit",
                    "price": "97000.10",
                    "status": "filled",
                    "filled_quantity": "1.00",
                    "average_price": None,
                    "fees": "0",
                    "is_dry_run": False,
                },
            }
        ),
    )
    return Message(Queue.ORDER_EVENTS, bodies[number % len(bodies)], REJECTED)


def bad_ticker(number: int, trace_id: str, at: datetime) -> Message:
    """A ticker without a valid price; `number` selects its kind."""
    payloads = (
        {"symbol": "BTCUSDT", "mark_price": "-1", "timestamp": shapes.naive(at)},
        {"symbol": "BTCUSDT", "mark_price": "", "timestamp": shapes.naive(at)},
        {"mark_price": "97000", "timestamp": shapes.naive(at)},
    )
    body = {"event_type": "ticker", "payload": payloads[number % 3], "trace_id": trace_id}
    return Message(Queue.TICKER, shapes.encoded(body), REJECTED)
