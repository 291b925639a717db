"""Messages of the reference implementation in the format of the upstream services."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from position_manager.reference.messages import Bust, Correction, Fill, Message, Place, Posting


def body(fact: Message, account: str) -> dict[str, Any]:
    """A message of the order feed."""
    match fact:
        case Fill():
            message = _fill(fact)
        case Posting():
            message = _funding(fact)
        case Bust(identity):
            message = {
                "event_type": "trade_busted",
                "timestamp": "2026-02-01T00:00:00Z",
                **_named(identity),
            }
        case Correction():
            message = _correction(fact)
    return message | {"account": account, "trace_id": f"trace-{fact.identity}"}


def text(amount: Decimal) -> str:
    """Plain decimal notation."""
    return f"{amount:f}"


def side(quantity: Decimal | int) -> str:
    return "Buy" if quantity > 0 else "Sell"


def _fill(fact: Fill) -> dict[str, Any]:
    message = {
        "event_type": "order_executed",
        "order_id": f"order-{fact.identity}",
        "execution_id": fact.identity,
        "side": side(fact.quantity),
        "execution_quantity": text(fact.quantity.copy_abs()),
        "execution_price": text(fact.price),
        "execution_fees": text(fact.fee),
        "executed_at": fact.executed_at.isoformat(),
        **_position(fact.place),
    }
    if fact.fee_is_in_base:
        message["fee_currency"] = fact.place.asset.removesuffix("USDT")
    return message


def _funding(fact: Posting) -> dict[str, Any]:
    entry = fact.entry
    assert entry.kind == "funding"
    assert entry.amount is not None
    return {
        "event_type": "funding",
        "funding_id": fact.identity,
        "amount": text(entry.amount),
        "executed_at": _time(entry.executed_at),
        **_position(fact.place),
    }


def _correction(fact: Correction) -> dict[str, Any]:
    message: dict[str, Any] = {
        "event_type": "trade_corrected",
        "correction_id": fact.correction_id,
        "timestamp": fact.corrected_at.isoformat(),
        **_named(fact.identity),
    }
    if fact.side is not None:
        message["side"] = side(fact.side)
    if fact.quantity is not None:
        message["execution_quantity"] = text(fact.quantity)
    if fact.price is not None:
        message["execution_price"] = text(fact.price)
    if fact.fee is not None:
        message["execution_fees"] = text(fact.fee)
    if fact.executed_at is not None:
        message["executed_at"] = fact.executed_at.isoformat()
    return message


def _named(identity: str) -> dict[str, str]:
    """A trade is named by the venue's id, or by the identity that the list of fills shows."""
    if identity.endswith("5"):
        return {"identity": f"execution:{identity}"}
    return {"execution_id": identity}


def _position(place: Place) -> dict[str, str]:
    if place.leg == "net":
        return {"asset": place.asset, "mode": "one-way"}
    return {"asset": place.asset, "mode": "hedge", "position_side": place.leg}


def _time(at: datetime | None) -> str:
    assert at is not None
    return at.isoformat()
