"""Periods of instruments whose rule is assumed, or has changed."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, action, fill, ticker

JULY, AUGUST = "2026-07-10T00:00:00Z", "2026-08-10T00:00:00Z"
MONTHS = {"unit": "month", "time_zone": "UTC"}


def by_month(rows: list[Row]) -> dict[str, Row]:
    return {f"{row['period_start']:%Y-%m}": row for row in rows}


def is_complete(ledger: Ledger, analyst: Analyst) -> set[bool]:
    """What every reading of the periods says."""
    answer = ledger.call("get_pnl_by_period", **MONTHS, include_positions="true")
    return {
        *(row["complete"] for row in analyst._call("pnl_by_period", **MONTHS)),
        *(row["complete"] for row in analyst._call("position_pnl_by_period", **MONTHS)),
        *(row["complete"] for row in analyst.view("pnl_by_month")),
        *(period["complete"] for period in answer["periods"]),
        *(each["complete"] for period in answer["periods"] for each in period["positions"]),
    }


@pytest.mark.parametrize("is_open", [True, False])
def test_a_period_of_an_assumed_instrument_is_not_complete(
    ledger: Ledger, analyst: Analyst, is_open: bool
) -> None:
    ledger.price(ticker("100", JULY, "BTCUSD"))
    ledger.apply(fill("a", "Buy", "2", "100", asset="BTCUSD", at=JULY))
    if not is_open:
        ledger.apply(fill("b", "Sell", "2", "110", asset="BTCUSD", at=AUGUST))
    [portfolio] = analyst.view("portfolio", account="main")
    assert (portfolio["complete"], portfolio["assumed_instruments"]) == (False, ["BTCUSD"])

    assert is_complete(ledger, analyst) == {False}

    ledger.define("BTCUSD")
    assert is_complete(ledger, analyst) == {True}


@pytest.mark.parametrize("account", ["main", None])
def test_the_end_of_a_period_is_valued_by_the_contract_of_then(
    ledger: Ledger, analyst: Analyst, account: str | None
) -> None:
    ledger.define("ESZ6")
    ledger.price(ticker("110", JULY, "ESZ6"))
    ledger.apply(
        fill("a", "Buy", "10", "100", asset="ESZ6", at=JULY),
        action("ten", "contract", multiplier="10", asset="ESZ6", at=AUGUST),
    )
    ledger.price(ticker("12", "2026-08-11T00:00:00Z", "ESZ6"))

    found = by_month(analyst._call("position_pnl_by_period", **MONTHS, account=account))

    # 10 @ 110 under the multiplier 1, then 10 @ 12 under 10, at a cost of 1000.
    assert found["2026-07"]["unrealized_pnl"] == 100
    assert found["2026-08"]["unrealized_pnl"] == 100
    assert sum((row["net_pnl"] for row in found.values()), D(0)) == 200
    assert ledger.position("ESZ6")["net_pnl"] == 200


def test_legs_that_cancel_out_over_all_accounts_are_valued_one_by_one(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.define("TINY", multiplier="0.000000000000000001")
    ledger.apply(
        fill("a", "Buy", "3", "1", asset="TINY", at=JULY),
        fill("b", "Sell", "1", "1", asset="TINY", at=JULY, account="b"),
        fill("c", "Sell", "2", "1", asset="TINY", at=JULY, account="c"),
    )
    assert analyst._call("pnl_by_period", **MONTHS)[-1]["complete"] is False

    ledger.price(ticker("0.2", AUGUST, "TINY"))

    legs = [ledger.position("TINY", account=each) for each in ("main", "b", "c")]
    worth = sum((leg["net_pnl"] for leg in legs), D(0))
    assert worth == D("1E-18")
    rows = analyst._call("pnl_by_period", **MONTHS)
    assert all(row["complete"] for row in rows)
    assert sum((row["net_pnl_usdt"] for row in rows), D(0)) == worth


def test_a_late_total_costs_what_its_contract_says(ledger: Ledger) -> None:
    """A step with a value of its own: that of a total whose average is rounded."""
    ledger.define("ESZ6")
    ledger.apply(
        total("1000000", "0.00000812"),
        action("ten", "contract", multiplier="10", asset="ESZ6", at=AUGUST),
    )

    assert ledger.apply(total("1000001", "0.00000811")) == ["applied"]

    assert ledger.position("ESZ6")["cost_basis"] == D("8.11000811")


def total(filled: str, average: str) -> dict[str, object]:
    return {
        "event_type": "partially_filled",
        "event_id": f"total-{filled}",
        "order": {
            "order_id": "total", "asset": "ESZ6", "side": "Buy", "status": "partially_filled",
            "filled_quantity": filled, "average_price": average, "fees": "0",
            "updated_at": JULY,
        },
    }  # fmt: skip


@pytest.mark.parametrize("account", ["main", None])
def test_periods_are_the_same_with_and_without_their_positions(
    ledger: Ledger, analyst: Analyst, account: str | None
) -> None:
    ledger.define("INVERSEUSD", kind="inverse", multiplier="100", settlement_currency="BTC",
                  quote_currency="USD")  # fmt: skip
    ledger.price(ticker("50000", "2026-06-10T00:00:00Z", "BTCUSDT"))
    ledger.price(ticker("49000", AUGUST, "INVERSEUSD"))
    for asset, each in (
        ("BTCUSDT", "main"), ("INVERSEUSD", "main"), ("INVERSEUSD", "other"), ("OTHER", "main")
    ):  # fmt: skip
        trades = (("late", "Buy", "3", JULY), ("first", "Buy", "7", "2026-07-01T00:00:00Z"))
        ledger.apply(
            *(
                fill(f"{name}-{asset}-{each}", side, quantity, "51000", "0.1", asset, at,
                     account=each)
                for name, side, quantity, at in reversed(trades)
            )
        )  # fmt: skip
        ledger.apply(
            fill(f"sold-{asset}-{each}", "Sell", "2", "52000", "0.1", asset, AUGUST, account=each)
        )
    for asset in ("OTHER", "BTCUSDT", "INVERSEUSD"):
        ledger.apply(fill(f"restating-{asset}", "Sell", "1", "53000", "0", asset, JULY))

    bare = ledger.call("get_pnl_by_period", **MONTHS, account=account)
    full = ledger.call("get_pnl_by_period", **MONTHS, account=account, include_positions="true")

    counts = [len(each.pop("positions")) for each in full["periods"]]
    assert full == bare
    assert counts == [3] * len(counts)
    ids = [row["id"] for row in analyst.view("restatements", account="main")]
    [restated] = [each["restatements"] for each in bare["periods"] if each["is_restated"]]
    assert restated == sorted(restated)
    assert set(restated) <= set(ids)
    assert len(restated) > 1
