"""Fees in a currency other than that of settlement, as the ledger has them."""

from __future__ import annotations

from typing import Any

from tests.helpers.ledger import Ledger, ticker
from tests.helpers.owner_queries import OwnerQueries

ENTRY = """
    SELECT e.quantity, e.fee, e.fee_currency, e.fee_native, e.fee_rate, e.amount
    FROM pms.ledger_entries e
    WHERE e.identity = %(identity)s
"""
UNCONVERTED = """
    SELECT e.identity
    FROM pms.ledger_entries e
    WHERE e.fee_native IS NOT NULL
        AND e.fee_rate IS NULL
"""


def entry(queries: OwnerQueries, identity: str) -> dict[str, Any]:
    """The amounts of an entry."""
    (row,) = queries.rows(ENTRY, identity=identity)
    return row


def rate(ledger: Ledger, currency: str, price: str, at: str = "2026-01-01T00:00:00Z") -> None:
    """Price a currency in USDT."""
    assert ledger.price(ticker(price, at, f"{currency}USDT")) == ["applied"]
