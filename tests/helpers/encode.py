"""Messages of the reference implementation in the format of the upstream services."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from position_manager.reference.messages import (
    Action,
    Bust,
    Correction,
    Fill,
    Place,
    Posting,
    Total,
)

Sent = Fill | Total | Posting | Bust | Correction | Action

UNSET = "1.7976931348623157E308"
MICROSECOND = timedelta(microseconds=1)
SIDES = {
    "Buy": ("Buy", "BUY", " buy ", "b", "BOT"),
    "Sell": ("Sell", "SELL", "sell ", "S", "ask"),
    "long": ("long", "Long ", "L", "hedge_long"),
    "short": ("short", "SHORT", "s", "hedge short"),
}
# Digits that round away.
NOISE = "4999"
# The order id of a fill that does not say which order it is of.
NO_ORDER = "none"


def body(fact: Sent, account: str) -> dict[str, Any]:
    """A message of the order feed, in the spelling of some venue."""
    match fact:
        case Fill():
            message = _fill(fact)
        case Total():
            message = _total(fact)
        case Posting():
            message = _funding(fact)
        case Bust(identity, execution_id):
            message = {
                "event_type": "trade_busted",
                "timestamp": "2026-02-01T00:00:00Z",
                **_named(identity, execution_id),
            }
        case Correction():
            message = _correction(fact)
        case Action():
            message = _corporate_action(fact)
    return _spelled(message | {"account": account, "trace_id": f"trace-{fact.identity}"})


def text(amount: Decimal) -> str:
    """Plain decimal notation."""
    return f"{amount:f}"


def side(quantity: Decimal | int) -> str:
    return "Buy" if quantity > 0 else "Sell"


def _fill(fact: Fill) -> dict[str, Any]:
    message = {
        "event_type": "order_executed",
        "order_id": order_of(fact),
        "execution_id": fact.execution_id or fact.identity,
        "side": side(fact.quantity),
        "execution_quantity": text(fact.quantity.copy_abs()),
        "execution_price": text(fact.price),
        # Without a fee as with none.
        "execution_fees": text(fact.fee) if fact.fee else UNSET,
        "executed_at": fact.executed_at.isoformat(),
        **_position(fact.place),
    }
    if fact.fee_is_in_base:
        message["fee_currency"] = fact.place.asset.removesuffix("USDT")
    if fact.fee_currency:
        message["fee_currency"] = fact.fee_currency
    if fact.is_nameless:
        del message["execution_id"]
    if message["order_id"] == NO_ORDER:
        del message["order_id"]
    return message


def _total(fact: Total) -> dict[str, Any]:
    order = {
        "trace_id": fact.identity,
        "order_id": fact.order_id,
        "side": side(fact.quantity),
        "status": "partially_filled",
        "filled_quantity": text(fact.quantity.copy_abs()),
        # Its digits count.
        "average_price": text(fact.average),
        "fees": None if fact.fee is None else text(fact.fee),
        "fee_currency": fact.fee_currency,
        "created_at": fact.created_at.isoformat(),
        "executed_at": fact.executed_at.isoformat(),
        **_position(fact.place),
    }
    return {"event_type": "partially_filled", "order": _spelled(order)}


def order_of(fact: Fill) -> str:
    """The order of a fill; each has one of its own unless it names another."""
    return fact.order_id or f"order-{fact.identity}"


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
        **_named(fact.identity, fact.execution_id),
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


def _corporate_action(fact: Action) -> dict[str, Any]:
    ratio = {"ratio": f"{text(fact.price)}:{text(fact.amount or Decimal(1))}"}
    terms: dict[str, dict[str, Any]] = {
        "split": ratio,
        "rename": {**ratio, "to_asset": fact.to_asset},
        "contract": {**ratio, "multiplier": text(fact.multiplier or Decimal(1))},
        "settlement": {"price": text(fact.price)},
        "distribution": {"amount": text(fact.price)},
    }
    return {
        "event_type": "corporate_action",
        "action_id": fact.identity.removeprefix("action:"),
        "action": fact.kind,
        "asset": fact.asset,
        "effective_at": fact.effective_at.isoformat(),
        # A history may have the same terms twice.
        "is_another": True,
        **terms[fact.kind],
    }


def _spelled(message: Mapping[str, Any]) -> dict[str, Any]:
    """The same message, each member in one of its spellings."""
    spelled = {
        name: SPELLINGS[name](value, zlib.crc32(f"{name} {message['trace_id']}".encode()))
        if name in SPELLINGS
        else value
        for name, value in message.items()
    }
    # An empty member is absent.
    return {"fee_currency": "", "position_side": " ", "event_id": "", "mode": ""} | spelled


def _spelled_amount(literal: str, number: int) -> object:
    if literal == UNSET:
        return (UNSET, "", None, "0")[number % 4]
    amount = Decimal(literal)
    return (literal, f"{amount:.18f}{NOISE}", f"{amount:E}", f"{amount:f}")[number % 4]


def _spelled_time(literal: str, number: int) -> object:
    at = datetime.fromisoformat(literal)
    epoch = (at - datetime.fromtimestamp(0, at.tzinfo)) // MICROSECOND
    return (
        literal, str(epoch), epoch, f"{epoch}000", literal.lower(), literal.replace(".", ","),
        literal.replace("T", " "),
    )[number % 7]  # fmt: skip


def _spelled_side(literal: str, number: int) -> object:
    spellings = SIDES[literal]
    return spellings[number % len(spellings)]


def _spelled_asset(literal: str, number: int) -> object:
    return (literal, literal.lower(), f" {literal}")[number % 3]


SPELLINGS: Mapping[str, Callable[[str, int], object]] = {
    "asset": _spelled_asset,
    "side": _spelled_side,
    "position_side": _spelled_side,
    "execution_quantity": _spelled_amount,
    "filled_quantity": _spelled_amount,
    "execution_price": _spelled_amount,
    "amount": _spelled_amount,
    "execution_fees": _spelled_amount,
    "created_at": _spelled_time,
    "executed_at": _spelled_time,
    "timestamp": _spelled_time,
}


def _named(identity: str, shared: str | None) -> dict[str, str]:
    """A trade is named by the venue's id, or by the identity that the list of fills shows."""
    if shared is not None:
        return {"execution_id": shared, "order_id": f"order-{identity}"}
    if identity.startswith("action:"):
        return {"identity": identity}
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
