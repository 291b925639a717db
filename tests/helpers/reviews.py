"""Refused messages, and why positions need review."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from position_manager.worker.messages import readable
from tests.helpers.ledger import Ledger

REJECT = """
    SELECT pms.record_rejected_messages(
        %s, %b::bytea[], %s, %s, %s, readable => %s::text[]::jsonb[]
    )
"""


def refuse(
    ledger: Ledger, *messages: Mapping[str, Any] | bytes, feed: str = "order_events",
    reason: str = "invalid_price",
) -> None:  # fmt: skip
    """Refuse messages as the worker does, in one batch."""
    bodies = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in messages]
    count = len(bodies)
    texts = [readable(body) for body in bodies]
    with ledger.worker.transaction():
        ledger.worker.execute(
            REJECT,
            [feed, bodies, [reason] * count, ["a: detail"] * count, ["trace-1"] * count, texts],
        )


def flags(ledger: Ledger, asset: str = "BTCUSDT", **position: str) -> list[str]:
    """The reasons of a position."""
    row = ledger.position(asset, **position)
    assert row["needs_review"] == (row["review_reasons"] != [])
    reasons: list[str] = row["review_reasons"]
    return reasons


def reviews(ledger: Ledger) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ledger.call("get_reviews")["reviews"]
    return found


def letters(ledger: Ledger) -> list[int]:
    with ledger.operator.transaction():
        found = ledger.operator.execute("SELECT d.id FROM api.dead_letters d ORDER BY d.id")
        return [row[0] for row in found]


def legs(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Asset, mode and leg of each reason."""
    return [(each["asset"], each["mode"], each["leg"]) for each in reviews(ledger)]
