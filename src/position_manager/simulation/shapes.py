"""The upstream services' message formats, as shown in ``contract.md``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

Body = dict[str, Any]


def plain(amount: Decimal | None) -> str | None:
    """An amount in plain notation, with all its digits."""
    return None if amount is None else f"{amount:f}"


def naive(at: datetime | None) -> str | None:
    """A time as order-manager and ws-gateway write it: in UTC, without an offset."""
    return None if at is None else at.replace(tzinfo=None).isoformat(timespec="microseconds")


def zulu(at: datetime) -> str:
    return f"{naive(at)}Z"


def encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def status_event(
    ids: Mapping[str, str],
    order: Mapping[str, Any],
    status: str,
    filled: tuple[Decimal, Decimal | None, Decimal],
    at: datetime,
    executed_at: datetime | None,
) -> Body:
    """The first shape: cumulative per order; `filled` is quantity, average and fees so far."""
    quantity, average, fees = filled
    return {
        "event_id": ids["event_id"],
        "event_type": status,
        "timestamp": naive(at),
        "trace_id": ids["trace_id"],
        "order": {
            "id": order["id"],
            "order_id": order["order_id"],
            "asset": order["asset"],
            "side": order["side"],
            "order_type": order["order_type"],
            "quantity": plain(order["quantity"]),
            "price": plain(order["price"]),
            "status": status,
            "filled_quantity": plain(quantity),
            "average_price": plain(average),
            "fees": plain(fees),
            "created_at": naive(order["created_at"]),
            "updated_at": naive(at),
            "executed_at": naive(executed_at),
            "is_dry_run": order["is_dry_run"],
        },
    }


def execution(
    trace_id: str,
    order_id: str,
    asset: str,
    side: str,
    amounts: tuple[Decimal, Decimal, Decimal],
    at: datetime,
) -> Body:
    """The second shape: one fill; `amounts` are price, quantity and fee."""
    price, quantity, fee = amounts
    return {
        "event_type": "order_executed",
        "order_id": order_id,
        "asset": asset,
        "side": side,
        "execution_price": plain(price),
        "execution_quantity": plain(quantity),
        "execution_fees": plain(fee),
        "executed_at": zulu(at),
        "trace_id": trace_id,
    }


def position_update(
    trace_id: str, order_id: str, asset: str, side: str, price: Decimal, quantity: Decimal
) -> Body:
    """The third shape: one fill, without a time or a fee."""
    return {
        "event_type": "position_updated_from_order",
        "order_id": order_id,
        "asset": asset,
        "side": side,
        "filled_quantity": plain(quantity),
        "execution_price": plain(price),
        "mode": "one-way",
        "trace_id": trace_id,
    }


def funding(trace_id: str, funding_id: str, asset: str, amount: Decimal, at: datetime) -> Body:
    """Cash received or paid for holding."""
    return {
        "event_type": "funding",
        "funding_id": funding_id,
        "asset": asset,
        "amount": plain(amount),
        "executed_at": zulu(at),
        "trace_id": trace_id,
    }


def stock_split(trace_id: str, action_id: str, asset: str, ratio: Decimal, at: datetime) -> Body:
    """A split, for the holders of all accounts."""
    return {
        "event_type": "corporate_action",
        "action_id": action_id,
        "action": "split",
        "asset": asset,
        "ratio": plain(ratio),
        "effective_at": zulu(at),
        "trace_id": trace_id,
    }


def ticker(trace_id: str, asset: str, price: Decimal, at: datetime, variant: int) -> Body:
    """A price: snake_case under payload, or camelCase under data, as a mark or a last price."""
    envelope, name = (
        ("payload", "mark_price"),
        ("data", "markPrice"),
        ("payload", "last_price"),
        ("data", "lastPrice"),
    )[variant % 4]
    time = naive(at) if envelope == "payload" else zulu(at)
    return {
        "event_type": "ticker",
        envelope: {"symbol": asset, name: plain(price), "timestamp": time},
        "trace_id": trace_id,
    }


def venue_position(
    ids: Mapping[str, str],
    asset: str,
    amounts: tuple[Decimal, Decimal | None, Decimal, Decimal],
    at: datetime,
    camel: bool,
) -> Body:
    """A position report; `amounts` are signed size, average, mark price and unrealized PnL."""
    size, average, mark, unrealized = amounts
    side = "Buy" if size > 0 else "Sell" if size < 0 else ""
    worth = plain(abs(size) * mark)
    if camel:
        return {
            "event_type": "position",
            "channel": "position",
            "trace_id": ids["trace_id"],
            "data": {
                "symbol": asset,
                "side": side,
                "size": plain(abs(size)),
                "avgPrice": plain(average or Decimal(0)),
                "markPrice": plain(mark),
                "unrealisedPnl": plain(unrealized),
                "positionValue": worth,
                "mode": "one-way",
                "timestamp": zulu(at),
            },
        }
    return {
        "event_id": ids["event_id"],
        "event_type": "position",
        "topic": "position.position",
        "timestamp": naive(at),
        "trace_id": ids["trace_id"],
        "payload": {
            "symbol": asset,
            "size": plain(abs(size)),
            "side": side,
            "avg_price": None,
            "unrealised_pnl": plain(unrealized),
            "mode": 0,
            "timestamp": naive(at),
            "raw": {
                "positionIdx": 0,
                "entryPrice": plain(average or Decimal(0)),
                "markPrice": plain(mark),
                "positionValue": worth,
                "unrealisedPnl": plain(unrealized),
                "updatedTime": str(int(at.timestamp() * 1000)),
                "seq": int(at.timestamp() * 1_000_000),
                "leverage": "10",
            },
        },
    }
