"""Equity with cash, and the time-weighted return on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from operator import itemgetter
from typing import Any

import psycopg
import pytest

from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, fill, funding, ticker


def record(
    ledger: Ledger, cash_id: str, amount: str, at: str, kind: str = "deposit", **more: str
) -> None:
    answer = ledger.call(
        "record_cash",
        **{"cash_id": cash_id, "kind": kind, "currency": "USDT", "amount": amount,
           "effective_at": f"{at}Z", **more},
    )  # fmt: skip
    assert answer["outcome"] == "applied", answer


def mark(ledger: Ledger, price: str, at: str, asset: str = "BTCUSDT") -> None:
    assert ledger.price(ticker(price, f"{at}Z", asset)) == ["applied"]


def portfolio(ledger: Ledger, **asked: object) -> dict[str, Any]:
    found = ledger.call("get_portfolio", **{"account": "main", **asked})
    return {
        name: found[name]
        for name in ("equity_usdt", "return", "cash_usdt", "missing_rates", "complete")
    }


def days(analyst: Analyst, **asked: object) -> dict[date, Row]:
    rows = analyst._call("pnl_by_period", **{"account": "main", "time_zone": "UTC", **asked})
    return {row["period_start"]: row for row in rows}


@pytest.fixture(autouse=True)
def far_prices(owner: psycopg.Connection[Any]) -> None:
    """A price may double."""
    owner.execute("UPDATE pms.settings SET price_jump_limit = 1")


@pytest.fixture
def doubled(ledger: Ledger) -> Ledger:
    """1000 doubles to 2000; then 2000 come in, and the position gains 1000 more."""
    mark(ledger, "100", "2026-01-01T00:00:00")
    record(ledger, "first", "1000", "2026-01-01T00:00:00")
    ledger.apply(fill("buy", "buy", "10", "100", at="2026-01-01T01:00:00Z"))
    mark(ledger, "200", "2026-01-02T00:00:00")
    record(ledger, "second", "2000", "2026-01-02T12:00:00")
    mark(ledger, "300", "2026-01-03T00:00:00")
    return ledger


def test_a_deposit_changes_the_equity_and_not_the_return(doubled: Ledger) -> None:
    # 2000 / 1000 * 5000 / 4000 - 1
    assert portfolio(doubled) == {
        "equity_usdt": "5000", "return": "1.5", "cash_usdt": "3000", "missing_rates": [],
        "complete": True,
    }  # fmt: skip


def test_equity_and_return_as_of_a_moment_and_as_known_at_one(
    doubled: Ledger, analyst: Analyst
) -> None:
    known = {row["identity"]: row["recorded_at"] for row in analyst.view("cash_entries")}
    assert portfolio(doubled, as_of="2026-01-02T06:00:00Z")["return"] == "1"
    # Just after it came: what it earns has yet to come.
    assert portfolio(doubled, as_of="2026-01-02T12:00:00Z")["return"] == "1"
    assert portfolio(doubled, as_of="2026-01-02T12:00:00Z")["equity_usdt"] == "4000"

    late = known["cash:second"].isoformat()
    doubled.call("bust_cash", id="second")
    assert portfolio(doubled)["return"] == "2"
    then = portfolio(doubled, as_of="2026-01-03T00:00:00Z", known_at=late)
    assert (then["equity_usdt"], then["return"]) == ("4000", "1")


def test_a_withdrawal_changes_the_equity_and_not_the_return(doubled: Ledger) -> None:
    record(doubled, "out", "4000", "2026-01-03T01:00:00", kind="withdrawal")
    assert portfolio(doubled)["equity_usdt"] == "1000"
    assert portfolio(doubled)["return"] == "1.5"


def test_interest_is_income(doubled: Ledger) -> None:
    record(doubled, "interest", "500", "2026-01-03T01:00:00", kind="interest")
    # 2 * 5500 / 4000 - 1
    assert portfolio(doubled)["return"] == "1.75"


def test_a_transfer_is_a_flow_of_each_account_and_none_of_both(doubled: Ledger) -> None:
    answer = doubled.call(
        "transfer_cash", transfer_id="t", currency="USDT", amount="1000",
        from_account="main", to_account="other", effective_at="2026-01-02T18:00:00Z",
    )  # fmt: skip
    assert answer["outcome"] == "applied"
    # 2 * 1 * 4000 / 3000 - 1
    assert portfolio(doubled)["return"] == "1.666666666667"
    assert portfolio(doubled, account="other")["return"] == "0"
    assert portfolio(doubled, account=None)["return"] == "1.5"


def test_what_positions_settle_is_part_of_the_equity(doubled: Ledger) -> None:
    doubled.apply(
        fill("sell", "sell", "10", "300", "40", at="2026-01-03T01:00:00Z"),
        funding("f", "-10", at="2026-01-03T02:00:00Z"),
    )
    assert portfolio(doubled)["equity_usdt"] == "4950"
    assert portfolio(doubled)["cash_usdt"] == "3000"


@pytest.mark.usefixtures("doubled")
def test_days_have_their_own_time_weighted_return(analyst: Analyst) -> None:
    found = days(analyst)
    assert {
        day.day: (row["opening_equity_usdt"], row["closing_equity_usdt"], row["return_ratio"],
                  row["flows_usdt"])
        for day, row in list(found.items())[:3]
    } == {
        1: (0, 1000, 0, 1000),
        2: (1000, 4000, 1, 2000),
        3: (4000, 5000, D("0.25"), 0),
    }  # fmt: skip


def test_a_flow_within_minutes_of_fills_divides_them(ledger: Ledger) -> None:
    mark(ledger, "100", "2026-01-01T12:00:00")
    record(ledger, "first", "1000", "2026-01-01T12:00:00")
    ledger.apply(
        fill("buy", "buy", "10", "100", at="2026-01-01T12:01:00Z"),
        fill("more", "buy", "10", "300", at="2026-01-01T12:06:00Z"),
    )
    mark(ledger, "200", "2026-01-01T12:02:00")
    record(ledger, "second", "2000", "2026-01-01T12:03:00")
    mark(ledger, "300", "2026-01-01T12:05:00")
    assert portfolio(ledger)["return"] == "1.5"
    assert portfolio(ledger, account=None)["return"] == "1.5"


def test_days_before_the_first_fill_have_their_cash(ledger: Ledger, analyst: Analyst) -> None:
    record(ledger, "d", "100", "2026-01-01T12:00:00")
    record(ledger, "i", "1", "2026-01-02T12:00:00", kind="interest")
    found = list(days(analyst).values())
    assert [
        (row["closing_equity_usdt"], row["interest_usdt"], row["return_ratio"]) for row in found[:3]
    ] == [(100, 0, 0), (101, 1, D("0.01")), (101, 0, 0)]
    assert [row["account"] for row in analyst.view("pnl_by_month")][:1] == ["main"]


def test_cash_in_another_currency_counts_at_the_rate_of_the_moment(
    ledger: Ledger, analyst: Analyst
) -> None:
    mark(ledger, "1.0", "2026-01-01T00:00:00", "EURUSDT")
    record(ledger, "e", "1000", "2026-01-01T12:00:00", currency="EUR")
    mark(ledger, "1.1", "2026-01-02T00:00:00", "EURUSDT")
    assert portfolio(ledger)["equity_usdt"] == "1100"
    assert portfolio(ledger)["return"] == "0.1"
    assert portfolio(ledger, as_of="2026-01-01T13:00:00Z")["equity_usdt"] == "1000"
    second = days(analyst)[date(2026, 1, 2)]
    assert (second["cash_conversion_usdt"], second["return_ratio"]) == (100, D("0.1"))


def test_currencies_without_a_rate_are_named_and_left_out(ledger: Ledger) -> None:
    record(ledger, "u", "10", "2026-01-01T00:00:00")
    record(ledger, "e", "1000", "2026-01-01T12:00:00", currency="EUR")
    assert portfolio(ledger) == {
        "equity_usdt": "10", "return": None, "cash_usdt": "10", "missing_rates": ["EUR"],
        "complete": False,
    }  # fmt: skip
    mark(ledger, "1.1", "2026-01-02T00:00:00", "EURUSDT")
    found = ledger.call("get_portfolio", account="main")
    assert (found["stale_rates"], found["complete"]) == (["EUR"], True)
    # The value of the deposit is unknown.
    assert (found["equity_usdt"], found["return"]) == ("1110", None)


def test_from_the_first_entry_on_cash_takes_the_place_of_capital(
    ledger: Ledger, analyst: Analyst
) -> None:
    mark(ledger, "100", "2026-01-01T00:00:00")
    ledger.apply(fill("buy", "buy", "10", "100", at="2026-01-01T01:00:00Z"))
    with ledger.operator.transaction():
        ledger.operator.execute("SELECT api.set_capital(500)")
    mark(ledger, "150", "2026-01-02T00:00:00")
    assert portfolio(ledger)["return"] == "1"
    record(ledger, "d", "2000", "2026-01-02T12:00:00")
    mark(ledger, "200", "2026-01-03T00:00:00")

    assert portfolio(ledger, as_of="2026-01-02T06:00:00Z") == {
        "equity_usdt": "1000", "return": "1", "cash_usdt": None, "missing_rates": [],
        "complete": True,
    }  # fmt: skip
    # 1000 / 500 * 3000 / 2500 - 1
    assert portfolio(ledger)["return"] == "1.4"
    assert portfolio(ledger)["equity_usdt"] == "3000"
    assert days(analyst)[date(2026, 1, 2)]["flows_usdt"] == 1500


def test_without_capital_or_cash_there_is_no_return(ledger: Ledger, analyst: Analyst) -> None:
    """The equity before the second day is what the first has earned."""
    mark(ledger, "100", "2026-01-01T00:00:00")
    ledger.apply(fill("buy", "buy", "10", "100", at="2026-01-01T01:00:00Z"))
    mark(ledger, "150", "2026-01-01T12:00:00")
    mark(ledger, "90", "2026-01-02T12:00:00")

    second = days(analyst)[date(2026, 1, 2)]
    assert (second["opening_equity_usdt"], second["net_pnl_usdt"]) == (500, -600)
    assert {row["return_ratio"] for row in days(analyst).values()} == {None}
    assert {row["return_ratio"] for row in days(analyst, asset="BTCUSDT").values()} == {None}
    assert {row["return_ratio"] for row in analyst.view("pnl_by_day_total")} == {None}
    for part in (None, "asset", "account"):
        [row] = analyst._call("day_statistics", part=part)
        assert (row["days"], row["total_return"], row["calmar"]) == (0, None, None)

    record(ledger, "d", "1000", "2026-01-01T00:30:00")
    for asset in (None, "BTCUSDT"):
        assert days(analyst, asset=asset)[date(2026, 1, 2)]["return_ratio"] == D("-0.4")


def test_accounts_with_and_without_cash_have_one_equity(ledger: Ledger) -> None:
    with ledger.operator.transaction():
        ledger.operator.execute(
            "SELECT api.set_capital(100, 'simple', effective_at => '2026-01-01T00:00:00Z')"
        )
    record(ledger, "d", "900", "2026-01-01T00:00:00")
    found = portfolio(ledger, account=None)
    assert (found["equity_usdt"], found["cash_usdt"], found["return"]) == ("1000", "900", "0")


def test_an_account_that_was_emptied_goes_on_with_the_next_deposit(ledger: Ledger) -> None:
    record(ledger, "a", "100", "2026-01-01T00:00:00")
    record(ledger, "b", "10", "2026-01-02T00:00:00", kind="interest")
    record(ledger, "c", "110", "2026-01-03T00:00:00", kind="withdrawal")
    assert portfolio(ledger)["return"] == "0.1"
    record(ledger, "d", "50", "2026-01-04T00:00:00")
    record(ledger, "e", "5", "2026-01-05T00:00:00", kind="interest")
    assert portfolio(ledger)["return"] == "0.21"


def test_a_span_that_begins_below_zero_has_no_return(ledger: Ledger) -> None:
    record(ledger, "a", "100", "2026-01-01T00:00:00")
    record(ledger, "b", "-150", "2026-01-02T00:00:00", kind="interest")
    assert portfolio(ledger)["return"] == "-1.5"
    record(ledger, "c", "100", "2026-01-03T00:00:00")
    assert portfolio(ledger)["return"] is None


def test_of_one_asset_there_is_no_equity(doubled: Ledger) -> None:
    found = portfolio(doubled, asset="BTCUSDT")
    assert {found[name] for name in ("equity_usdt", "return", "cash_usdt")} == {None}


def test_the_history_has_the_equity_with_cash(
    doubled: Ledger, owner: psycopg.Connection[Any], analyst: Analyst
) -> None:
    owner.execute("SELECT pms.record_portfolio_history(NULL)")
    [row] = analyst.view("portfolio_history")
    assert (row["equity_usdt"], row["capital_usdt"], row["complete"]) == (5000, 3000, True)
    record(doubled, "e", "1", "2026-01-03T00:00:00", currency="EUR")
    owner.execute("SELECT pms.record_portfolio_history(NULL)")
    [row] = analyst.view("portfolio_history")
    assert (row["equity_usdt"], row["complete"]) == (5000, False)


def test_the_history_has_accounts_with_nothing_but_cash(
    doubled: Ledger, owner: psycopg.Connection[Any], analyst: Analyst
) -> None:
    record(doubled, "s", "700", "2026-01-02T00:00:00", account="savings")
    record(doubled, "f", "1", "2026-01-02T00:00:00", account="foreign", currency="EUR")
    owner.execute("SELECT pms.record_portfolio_history(NULL)")

    shown = {
        row["account"]: (row["equity_usdt"], row["net_pnl_usdt"], row["complete"])
        for row in analyst.view("portfolio_history")
    }
    assert shown == {
        "main": (5000, 2000, True), "savings": (700, 0, True), "foreign": (0, 0, False),
    }  # fmt: skip
    [overall] = analyst.view("portfolio_history_total")
    assert (overall["equity_usdt"], overall["complete"]) == (5700, False)
    # A position makes its row that of any account; main has not changed.
    record(doubled, "t", "5", "2026-01-03T00:00:00", account="savings")
    bought = fill("x", "Buy", "1", "300", at="2026-01-03T00:00:00Z")
    doubled.apply({**bought, "account": "foreign"})
    recorded = owner.execute("SELECT (pms.record_portfolio_history(NULL)).done").fetchone()
    assert recorded == ("3 rows written",)
    written = sorted(analyst.view("portfolio_history"), key=itemgetter("recorded_at"))
    newest = {row["account"]: row for row in written}
    assert (newest["savings"]["equity_usdt"], newest["foreign"]["open_positions_count"]) == (705, 1)
