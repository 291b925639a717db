"""Funding: cash of a position that does not change its size or cost."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, fill, funding
from tests.helpers.owner_queries import OwnerQueries


def test_funding_affects_only_funding(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(fill("1", "Buy", "2", "100", "1"), fill("2", "Sell", "1", "110", "1"))
    before = queries.state()

    assert ledger.apply(funding("f", "-0.75")) == ["applied"]

    assert queries.state() == before | {"funding": D("-0.75")}
    queries.assert_sound()


def test_funding_is_realized_pnl(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"), funding("f", "3.5"), funding("g", "-1"))

    held = ledger.position()
    assert (held["realized_pnl"], held["funding"], held["net_pnl"]) == (
        D("2.5"), D("2.5"), D("2.5"),
    )  # fmt: skip
    assert held["version"] == 3


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_a_repeated_payment_counts_once(batched: bool, ledger: Ledger) -> None:
    paid = funding("f", "-1")
    again = funding("f", "-1.000", trace_id="another", at="2026-01-01T09:00:00+01:00")

    if batched:
        assert ledger.apply(paid, again) == ["applied", "duplicate"]
    else:
        assert [*ledger.apply(paid), *ledger.apply(again)] == ["applied", "duplicate"]
    assert ledger.position()["funding"] == D(-1)


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_another_amount_of_the_same_payment_is_a_conflict(batched: bool, ledger: Ledger) -> None:
    paid, other = funding("f", "-1"), funding("f", "-2")

    if batched:
        outcomes = ledger.judge("apply_order_events", [paid, other])
    else:
        ledger.apply(paid)
        outcomes = ledger.judge("apply_order_events", [other])
    outcome, reason, detail = outcomes[-1]
    assert (outcome, reason) == ("rejected", "identity_conflict")
    assert detail.startswith("funding:BTCUSDT:one-way:net:1767254400.000000:f: ")
    assert ledger.position()["funding"] == D(-1)


@pytest.mark.parametrize(
    "other",
    [
        {"asset": "ETHUSDT"},
        {"at": "2026-01-01T16:00:00Z"},
        {"account": "second"},
        {"mode": "hedge", "position_side": "long"},
        {"funding_id": "g"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_payment_is_identified_by_position_time_and_id(
    other: dict[str, str], ledger: Ledger
) -> None:
    first: dict[str, Any] = {"funding_id": "f", "amount": "-1"}

    assert ledger.apply(funding(**first), funding(**(first | other))) == ["applied", "applied"]


def test_late_funding_is_published_as_a_restatement(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(fill("1", "Buy", "1", "100", at="2026-01-01T00:00:00Z"))
    ledger.apply(fill("2", "Sell", "1", "110", at="2026-01-01T10:00:00Z"))

    assert ledger.apply(funding("f", "-2", at="2026-01-01T08:00:00Z")) == ["applied"]

    assert ledger.position()["realized_pnl"] == D(8)
    assert queries.restatements() == [("late", D(10), D(8))]
    assert queries.moment("2026-01-01T09:00:00Z")["funding"] == D(-2)
    assert queries.moment("2026-01-01T07:00:00Z")["funding"] == D(0)
    queries.assert_sound()


@pytest.mark.parametrize(
    "named",
    [
        {"mode": "hedge", "position_side": "short"},
        {"position_side": "SHORT"},
        {"mode": "2"},
    ],
    ids=str,
)
def test_each_leg_of_a_hedge_has_its_own_funding(
    named: dict[str, str], ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(funding("f", "-1", position_side="long"), funding("f", "4", **named))

    assert queries.state(mode="hedge", leg="long")["funding"] == D(-1)
    assert queries.state(mode="hedge", leg="short")["funding"] == D(4)
    assert ledger.position(mode="hedge")["funding"] == D(3)


def test_funding_may_precede_the_first_fill(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(funding("f", "-1", at="2026-01-01T00:00:00Z"))

    held = ledger.position()
    assert (held["size"], held["realized_pnl"], held["time_held_minutes"]) == (D(0), D(-1), None)
    ledger.apply(fill("1", "Buy", "1", "100", at="2026-01-01T01:00:00Z"))
    assert ledger.position()["average_entry_price"] == D(100)
    queries.assert_sound()


def test_funding_counts_in_the_settlement_currency(ledger: Ledger) -> None:
    ledger.define("BTCUSD", kind="inverse", multiplier=100, quote_currency="USD",
                  settlement_currency="BTC")  # fmt: skip
    ledger.apply(funding("f", "0.00012345", asset="BTCUSD"))

    held = ledger.position("BTCUSD")
    assert (held["funding"], held["settlement_currency"]) == (D("0.00012345"), "BTC")


def test_a_payment_made_in_error_can_be_busted(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(fill("1", "Buy", "1", "100"), funding("f", "-5"))
    identity = "funding:BTCUSDT:one-way:net:1767254400.000000:f"

    assert ledger.apply(bust(None, identity=identity)) == ["applied"]

    assert ledger.position()["funding"] == D(0)
    assert ledger.apply(funding("f", "-5")) == ["duplicate"]
    assert queries.restatements() == [("bust", D(-5), D(0))]


REJECTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no id", {"funding_id": None}, "funding_id_missing", "funding_id"),
    ("empty id", {"funding_id": ""}, "funding_id_missing", "funding_id"),
    ("long id", {"funding_id": "x" * 129}, "invalid_funding_id", "funding_id"),
    ("no amount", {"amount": None}, "invalid_amount", "amount"),
    ("NaN", {"amount": "NaN"}, "invalid_amount", "amount"),
    ("Infinity", {"amount": "-Infinity"}, "invalid_amount", "amount"),
    ("10^20", {"amount": "1" + "0" * 20}, "invalid_amount", "amount"),
    ("empty amount", {"amount": ""}, "invalid_amount", "amount"),
    ("no time", {"executed_at": None}, "invalid_time", "executed_at"),
    ("bad time", {"executed_at": "noon"}, "invalid_time", "executed_at"),
    ("the future", {"executed_at": "2099-01-01T00:00:00Z"}, "time_in_future", "executed_at"),
    ("no asset", {"asset": None}, "invalid_asset", "asset"),
    ("bad asset", {"asset": "BTC;USDT"}, "invalid_asset", "asset"),
    ("bad account", {"account": "a;b"}, "invalid_account", "account"),
    ("bad mode", {"mode": "3"}, "invalid_mode", "mode"),
    ("no leg", {"mode": "hedge"}, "leg_missing", "position_side"),
    ("another leg", {"mode": "1", "position_side": "short"}, "invalid_position_side",
     "position_side"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REJECTED], ids=[c[0] for c in REJECTED]
)
def test_a_bad_field_is_rejected_by_name(
    change: dict[str, Any], reason: str, field: str, ledger: Ledger
) -> None:
    outcomes = ledger.judge("apply_order_events", [funding("f", "-1") | change, funding("g", "-1")])

    assert outcomes[0][:2] == ("rejected", reason)
    assert outcomes[0][2].startswith(f"{field}: ")
    assert outcomes[1][0] == "applied"
