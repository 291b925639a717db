"""The ledger in tests: the worker writes, an analyst reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

Message = Mapping[str, Any]
Case = TypeVar("Case")

POSITION = """
    SELECT p.*
    FROM api.positions p
    WHERE p.asset = %(asset)s AND p.mode = %(mode)s AND p.account = %(account)s
"""


@dataclass(frozen=True)
class Ledger:
    """A separate database, with the roles that write and read it."""

    worker: psycopg.Connection[Any]
    operator: psycopg.Connection[Any]

    def apply(self, *messages: Message) -> list[str]:
        """Hand one batch of order events over; return the outcomes."""
        return [outcome for outcome, _, _ in self.judge("apply_order_events", messages)]

    def price(self, *messages: Message) -> list[str]:
        """Hand one batch of tickers over, then mark the positions; return the outcomes."""
        outcomes = [outcome for outcome, _, _ in self.judge("apply_prices", messages)]
        self.mark()
        return outcomes

    def mark(self) -> int:
        """Mark stored positions with their newest prices; return the number of legs."""
        with self.worker.transaction():
            row = self.worker.execute("SELECT pms.mark_positions(1000)").fetchone()
        assert row is not None
        return int(row[0])

    def judge(self, function: str, messages: Sequence[Message]) -> list[tuple[str, str, str]]:
        """Hand one batch over; return (outcome, reason, detail) of each message."""
        texts = [json.dumps(message) for message in messages]
        with self.worker.transaction():
            rows = self.worker.execute(
                f"SELECT o.outcome, o.reason, o.detail FROM pms.{function}(%b::text[]::jsonb[]) o",
                [texts],
            )
            return rows.fetchall()

    def position(
        self, asset: str = "BTCUSDT", mode: str = "one-way", account: str = "main"
    ) -> dict[str, Any]:
        """The published position."""
        with self.operator.transaction(), self.operator.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                POSITION, {"asset": asset, "mode": mode, "account": account}
            ).fetchone()
        assert row is not None, f"no position of {account} in {asset}, {mode}"
        return row

    def call(self, function: str, **arguments: object) -> dict[str, Any]:
        """The result of a function of ``api`` for the operator."""
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        with self.operator.transaction():
            row = self.operator.execute(f"SELECT api.{function}({named})", arguments).fetchone()
        assert row is not None
        answer: dict[str, Any] = row[0]
        return answer

    def define(self, asset: str, **instrument: object) -> None:
        """Define an instrument."""
        arguments = {"asset": asset, **instrument}
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        with self.operator.transaction():
            self.operator.execute(f"SELECT api.define_instrument({named})", arguments)


def fill(
    execution_id: str,
    side: str,
    quantity: str | Decimal,
    price: str | Decimal,
    fee: str | Decimal = "0",
    asset: str = "BTCUSDT",
    at: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An execution as order-manager sends it."""
    return {
        "event_type": "order_executed",
        "order_id": f"order-{execution_id}",
        "execution_id": execution_id,
        "asset": asset,
        "side": side,
        "execution_quantity": str(quantity),
        "execution_price": str(price),
        "execution_fees": str(fee),
        "executed_at": at or "2026-01-01T00:00:00Z",
        "trace_id": f"trace-{execution_id}",
        **more,
    }


def status(
    order_id: str,
    status: str,
    filled: str | None,
    average: str | None,
    fees: str | None = "0",
    side: str = "Buy",
    **more: Any,
) -> dict[str, Any]:
    """A status event as order-manager sends it: its amounts are totals of the order."""
    return {
        "event_id": f"event-{order_id}-{status}-{filled}",
        "event_type": status,
        "timestamp": "2026-01-01T00:00:00.002113",
        "trace_id": "trace",
        "order": {
            "id": "f9ab", "order_id": order_id, "asset": "BTCUSDT", "side": side,
            "order_type": "Limit", "quantity": "1.00000000", "price": "50010.00000000",
            "status": status, "filled_quantity": filled, "average_price": average, "fees": fees,
            "created_at": "2025-12-01T19:44:58", "updated_at": "2025-12-01T19:45:01",
            "executed_at": None, "is_dry_run": False, **more,
        },
    }  # fmt: skip


def funding(
    funding_id: str,
    amount: str,
    at: str = "2026-01-01T08:00:00Z",
    asset: str = "BTCUSDT",
    **more: Any,
) -> dict[str, Any]:
    """A funding payment: + received, - paid."""
    return {
        "event_type": "funding",
        "funding_id": funding_id,
        "asset": asset,
        "amount": amount,
        "executed_at": at,
        "trace_id": f"trace-{funding_id}",
        **more,
    }


def bust(execution_id: str | None, **more: Any) -> dict[str, Any]:
    """The venue busts a fill."""
    return {
        "event_type": "trade_busted",
        "execution_id": execution_id,
        "timestamp": "2026-01-02T00:00:00Z",
        "trace_id": f"bust-{execution_id}",
        **more,
    }


def correction(
    execution_id: str | None,
    correction_id: str = "c",
    at: str = "2026-01-02T00:00:00Z",
    **more: Any,
) -> dict[str, Any]:
    """The venue corrects a fill; `more` has the changed fields."""
    return {
        "event_type": "trade_corrected",
        "execution_id": execution_id,
        "correction_id": correction_id,
        "timestamp": at,
        "trace_id": f"correct-{execution_id}",
        **more,
    }


def elsewhere(message: Message, account: str) -> dict[str, Any]:
    """The same message in another account."""
    return {**message, "account": account}


def numbered(cases: Iterable[Case]) -> Iterator[tuple[str, Case]]:
    """Cases with separate accounts: cheaper than separate databases."""
    return ((f"case-{place}", case) for place, case in enumerate(cases))


def ticker(price: str, at: str, asset: str = "BTCUSDT") -> dict[str, Any]:
    """A ticker as ws-gateway sends it."""
    return {
        "event_type": "ticker",
        "payload": {"symbol": asset, "mark_price": price, "timestamp": at},
        "trace_id": "tick",
    }


def action(
    action_id: str,
    kind: str,
    at: str = "2026-01-01T12:00:00Z",
    asset: str = "BTCUSDT",
    **terms: str,
) -> dict[str, Any]:
    """A corporate action; `terms` has its ratio, price and so on."""
    return {
        "event_type": "corporate_action",
        "action_id": action_id,
        "action": kind,
        "asset": asset,
        "effective_at": at,
        "trace_id": f"trace-{action_id}",
        **terms,
    }
