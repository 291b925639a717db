"""Ids with control characters are refused by name: they would reach terminals and files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill, funding, status

ESCAPE, BELL, C1, BIDI = "\x1b]0;x\x07", "\x07", "\x9b31m", "\u202e"
TICKER = {"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "1"}}
REPORT = {
    "event_type": "position",
    "payload": {"symbol": "BTCUSDT", "size": "1", "side": "Buy", "avg_price": "1"},
}


@pytest.mark.parametrize(
    ("function", "message", "field"),
    [
        ("apply_order_events", fill(f"a{ESCAPE}", "Buy", "1", "1", order_id="a"), "execution_id"),
        ("apply_order_events", fill("a", "Buy", "1", "1", order_id=f"a{BELL}"), "order_id"),
        ("apply_order_events", fill("a", "Buy", "1", "1", event_id=f"a{C1}"), "event_id"),
        ("apply_order_events", fill("a", "Buy", "1", "1", trace_id=f"a{BIDI}"), "trace_id"),
        ("apply_order_events", status("a\n", "filled", "1", "1"), "order_id"),
        ("apply_order_events", funding(f"a{ESCAPE}", "1"), "funding_id"),
        ("apply_order_events", bust(f"a{ESCAPE}"), "identity"),
        ("apply_order_events", correction("a", f"a{ESCAPE}", side="Buy"), "correction_id"),
        ("apply_order_events", bust("a") | {"trace_id": ESCAPE}, "trace_id"),
        ("apply_prices", TICKER | {"trace_id": ESCAPE}, "trace_id"),
        ("apply_venue_positions", REPORT | {"trace_id": ESCAPE}, "trace_id"),
    ],
)
def test_an_id_with_a_control_character_is_refused(
    ledger: Ledger, function: str, message: dict[str, Any], field: str
) -> None:
    assert ledger.judge(function, [message]) == [
        ("rejected", f"invalid_{field}", f"{field}: must not contain control characters")
    ]


def test_other_characters_of_an_id_are_kept(ledger: Ledger) -> None:
    message = fill("=1+ä/\u4e2d \\x1b", "Buy", "1", "1", trace_id="-2")

    assert ledger.apply(message) == ["applied"]
