"""What the independent computation knows as facts, as the neighbours' messages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from position_manager.reference.messages import Bust, Correction, Fill, Message, Place, Posting


def body(fact: Message, account: str) -> dict[str, Any]:
    """A message of the order feed that says this."""
    match fact:
        case Fill():
            said = _fill(fact)
        case Posting():
            said = _funding(fact)
        case Bust(identity):
            said = {
                "event_type": "trade_busted",
                "timestamp": "2026-02-01T00:00:00Z",
                **_named(identity),
            }
        case Correction():
            said = _correction(fact)
    return said | {"account": account, "trace_id": f"trace-{fact.identity}"}


def text(amount: Decimal) -> str:
    """Plain decimal notation."""
    return f"{amount:f}"


def side(quantity: Decimal | int) -> str:
    return "Buy" if quantity > 0 else "Sell"


def _fill(fact: Fill) -> dict[str, Any]:
    said = {
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
        said["fee_currency"] = fact.place.asset.removesuffix("USDT")
    return said


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
    said: dict[str, Any] = {
        "event_type": "trade_corrected",
        "correction_id": fact.correction_id,
        "timestamp": fact.corrected_at.isoformat(),
        **_named(fact.identity),
    }
    if fact.side is not None:
        said["side"] = side(fact.side)
    if fact.quantity is not None:
        said["execution_quantity"] = text(fact.quantity)
    if fact.price is not None:
        said["execution_price"] = text(fact.price)
    if fact.fee is not None:
        said["execution_fees"] = text(fact.fee)
    if fact.executed_at is not None:
        said["executed_at"] = fact.executed_at.isoformat()
    return said


def _named(identity: str) -> dict[str, str]:
    """A trade is named by the venue's id, or as the list of fills shows it."""
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
