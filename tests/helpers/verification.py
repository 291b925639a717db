"""Trades and verifications in the tests of the verifier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.helpers.ledger import Ledger, fill

START = datetime(2026, 1, 1, tzinfo=UTC)
CHECKPOINT = 256
HELD = """
    SELECT count(*)
    FROM pg_locks l
    INNER JOIN pg_database d ON l.database = d.oid
    WHERE l.locktype = 'advisory' AND d.datname = current_database()
"""
# An inverse contract at this price has no value.
PRICE_ZERO = """
    UPDATE pms.entries
    SET price = 0
    WHERE leg_id IN (SELECT l.leg_id FROM pms.legs l WHERE l.asset = 'INVUSD')
"""
LOCK = "SELECT pg_advisory_lock(pms.job_lock('verify_ledger'))"
UNLOCK = "SELECT pg_advisory_unlock(pms.job_lock('verify_ledger'))"


def verify(ledger: Ledger) -> dict[str, Any]:
    """Verify as an operator does."""
    with ledger.operator.transaction():
        row = ledger.operator.execute("SELECT api.verify_ledger()").fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def call(connection: psycopg.Connection[Any]) -> str:
    """Verify as the job does; return its message."""
    return str(one(connection, "CALL pms.run_job('verify_ledger')"))


def one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def findings(ledger: Ledger) -> set[tuple[str, str, str, str]]:
    """(asset, field, stored, expected) of every finding."""
    return {
        (each["asset"], each["field"], each["stored"], each["expected"])
        for each in verify(ledger)["findings"]
    }


def trade(ledger: Ledger, count: int, asset: str = "BTCUSDT", first: int = 0) -> None:
    """Fills of one unit, one a second, two bought for one sold."""
    fills = [
        fill(
            f"{asset}-{number}", "Sell" if number % 3 == 2 else "Buy", "1", str(100 + number % 7),
            "0.5", asset=asset, at=(START + timedelta(seconds=number)).isoformat(),
        )
        for number in range(first, first + count)
    ]  # fmt: skip
    assert ledger.apply(*fills) == ["applied"] * count


def bust(execution_id: str) -> dict[str, str]:
    return {"event_type": "trade_busted", "execution_id": execution_id, "trace_id": "bust"}


def correct(execution_id: str, price: str) -> dict[str, str]:
    return {
        "event_type": "trade_corrected", "execution_id": execution_id, "execution_price": price,
        "correction_id": execution_id, "timestamp": START.isoformat(), "trace_id": "correct",
    }  # fmt: skip


def funding(funding_id: str, asset: str) -> dict[str, str]:
    return {
        "event_type": "funding", "asset": asset, "amount": "-0.5", "funding_id": funding_id,
        "executed_at": START.isoformat(), "trace_id": "funding",
    }  # fmt: skip
