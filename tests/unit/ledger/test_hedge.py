"""Hedge mode: two separate legs of one position."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

LEGS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({}, ("one-way", "net")),
    ({"mode": "one-way"}, ("one-way", "net")),
    ({"mode": "One-Way"}, ("one-way", "net")),
    ({"mode": 0}, ("one-way", "net")),
    ({"mode": "0"}, ("one-way", "net")),
    ({"mode": "hedge", "position_side": "long"}, ("hedge", "long")),
    ({"mode": "HEDGE", "position_side": "Short"}, ("hedge", "short")),
    ({"position_side": "long"}, ("hedge", "long")),
    ({"mode": 1}, ("hedge", "long")),
    ({"mode": "2"}, ("hedge", "short")),
    ({"mode": "2", "position_side": "short"}, ("hedge", "short")),
]
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"mode": "hedge"}, "leg_missing", "position_side"),
    ({"mode": "hedge", "position_side": "both"}, "leg_missing", "position_side"),
    ({"mode": "one-way", "position_side": "short"}, "invalid_position_side", "position_side"),
    ({"mode": 1, "position_side": "short"}, "invalid_position_side", "position_side"),
    ({"mode": 2, "position_side": "long"}, "invalid_position_side", "position_side"),
    ({"mode": 3}, "invalid_mode", "mode"),
    ({"mode": "both"}, "invalid_mode", "mode"),
]


@pytest.mark.parametrize(("named", "leg"), LEGS, ids=[str(named) for named, _ in LEGS])
def test_a_fill_goes_to_the_leg_it_names(
    named: dict[str, Any], leg: tuple[str, str], ledger: Ledger, queries: OwnerQueries
) -> None:
    assert ledger.apply(fill("1", "Buy", "2", "100", **named)) == ["applied"]

    assert queries.state(mode=leg[0], leg=leg[1])["size"] == D(2)


@pytest.mark.parametrize(
    ("named", "reason", "field"), REFUSED, ids=[str(named) for named, _, _ in REFUSED]
)
def test_a_fill_without_a_valid_leg_is_rejected(
    named: dict[str, Any], reason: str, field: str, ledger: Ledger, queries: OwnerQueries
) -> None:
    [(outcome, given, detail)] = ledger.judge(
        "apply_order_events", [fill("1", "Buy", "2", "100", **named)]
    )

    assert (outcome, given) == ("rejected", reason)
    assert detail.startswith(f"{field}: ")
    assert queries.value("SELECT count(*) FROM pms.positions") == 0


def test_one_position_shows_both_legs(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.price(ticker("110", "2026-01-01T00:00:00Z"))
    ledger.apply(
        fill("1", "Buy", "3", "100", "1", position_side="long"),
        fill("2", "Sell", "2", "120", "1", position_side="short"),
        fill("3", "Sell", "1", "130", "1", position_side="long"),
        fill("4", "Buy", "1", "100", "1", position_side="short"),
    )

    held = ledger.position(mode="hedge")
    assert (held["size"], held["long_size"], held["short_size"]) == (D(1), D(2), D(1))
    # Gains of 30 and 20, less a fee of closing each.
    assert (held["realized_pnl"], held["fees_paid"]) == (D(48), D(4))
    # The long gains 20, the short 10.
    assert held["unrealized_pnl"] == D(30)
    assert held["average_entry_price"] is None
    assert held["version"] == 4
    queries.assert_sound()


def test_the_average_of_a_single_open_leg_is_shown(ledger: Ledger) -> None:
    ledger.apply(
        fill("1", "Buy", "3", "100", position_side="long"),
        fill("2", "Sell", "2", "120", position_side="short"),
        fill("3", "Buy", "2", "110", position_side="short"),
    )

    held = ledger.position(mode="hedge")
    assert (held["size"], held["average_entry_price"]) == (D(3), D(100))


def test_two_equal_legs_are_an_open_position_of_size_zero(ledger: Ledger) -> None:
    ledger.apply(
        fill("1", "Buy", "2", "100", position_side="long"),
        fill("2", "Sell", "2", "120", position_side="short"),
    )

    held = ledger.position(mode="hedge")
    assert (held["size"], held["long_size"], held["short_size"]) == (D(0), D(2), D(2))
    assert held["closed_at"] is None


@pytest.mark.parametrize(
    ("leg", "opening", "closing", "crossed"),
    [("long", "Buy", "Sell", "-1"), ("short", "Sell", "Buy", "1")],
    ids=["long", "short"],
)
def test_an_overclosed_leg_keeps_its_size_and_is_flagged(
    leg: str, opening: str, closing: str, crossed: str, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", opening, "2", "100", position_side=leg))

    assert ledger.apply(fill("2", closing, "3", "100", position_side=leg)) == ["applied"]

    assert queries.state(mode="hedge", leg=leg)["size"] == D(crossed)
    found = ledger.call("validate_position", asset="BTCUSDT", mode="hedge")
    assert found["is_valid"] is False
    assert [
        (each["kind"], each["leg"], each["field"], each["ours"], each["theirs"])
        for each in found["discrepancies"]
    ] == [("rule", leg, "size", crossed, "0")]
    # An opposite fill restores the leg.
    ledger.apply(fill("3", opening, "1", "100", position_side=leg))
    assert ledger.call("validate_position", asset="BTCUSDT", mode="hedge")["is_valid"] is True


def test_a_mode_switch_leaves_two_visible_positions(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    ledger.apply(fill("2", "Buy", "1", "110", position_side="long"))

    found = ledger.call("get_positions", asset="BTCUSDT")["positions"]
    assert [(each["mode"], each["size"], each["average_entry_price"]) for each in found] == [
        ("hedge", "1", "110"), ("one-way", "2", "100"),
    ]  # fmt: skip
    assert found[0]["id"] != found[1]["id"]


def test_a_fill_is_late_only_within_its_leg(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(fill("1", "Buy", "2", "100", position_side="long", at="2026-01-01T05:00:00Z"))
    ledger.apply(fill("2", "Sell", "1", "100", position_side="short", at="2026-01-01T01:00:00Z"))

    assert queries.restatements() == []


@pytest.mark.parametrize(
    ("mode", "leg"),
    [(0, "net"), ("0", "net"), ("one-way", "net"), (None, "net"), (1, "long"), (2, "short")],
)
def test_a_venue_report_selects_the_leg_by_its_mode(
    mode: Any, leg: str, ledger: Ledger, queries: OwnerQueries
) -> None:
    report = {
        "event_type": "position",
        "payload": {
            "symbol": "BTCUSDT", "size": "1", "side": "Sell" if mode == 2 else "Buy",
            "avg_price": "100", "mode": mode, "timestamp": "2026-01-01T00:00:00Z",
        },
    }  # fmt: skip

    assert [outcome for outcome, _, _ in ledger.judge("apply_venue_positions", [report])] == [
        "applied"
    ]
    assert queries.value("SELECT v.leg FROM pms.venue_positions v") == leg
