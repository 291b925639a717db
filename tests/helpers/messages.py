"""Messages of the order feed, minute by minute of one day."""

from __future__ import annotations

from typing import Any

from tests.helpers.ledger import fill


def at(minute: int, second: int = 0) -> str:
    """A minute of the day, and a second of it."""
    return f"2026-01-01T{minute // 60:02}:{minute % 60:02}:{second:02}Z"


def buy(name: str, quantity: str, price: str, minute: int, **more: str) -> dict[str, Any]:
    """A purchase."""
    return fill(name, "Buy", quantity, price, **{"at": at(minute), **more})


def sell(name: str, quantity: str, price: str, minute: int, **more: str) -> dict[str, Any]:
    """A sale."""
    return fill(name, "Sell", quantity, price, **{"at": at(minute), **more})


def bust(execution_id: str, **more: str) -> dict[str, Any]:
    """A bust of a fill."""
    return {
        "event_type": "trade_busted",
        "execution_id": execution_id,
        "trace_id": f"bust-{execution_id}",
        **more,
    }


def correction(execution_id: str, correction_id: str = "1", **changed: str) -> dict[str, Any]:
    """A correction of a fill; fields that are not named stay."""
    return {
        "event_type": "trade_corrected",
        "execution_id": execution_id,
        "correction_id": f"{execution_id}-{correction_id}",
        "timestamp": "2026-02-01T00:00:00Z",
        "trace_id": f"correction-{execution_id}",
        **changed,
    }


def funding(
    funding_id: str, amount: str, at: str, asset: str = "BTCUSDT", **more: str
) -> dict[str, Any]:
    """Cash received (+) or paid (-) for holding."""
    return {
        "event_type": "funding",
        "funding_id": funding_id,
        "amount": amount,
        "asset": asset,
        "executed_at": at,
        "trace_id": f"funding-{funding_id}",
        **more,
    }
