"""GET /api/v1/statistics: what the closed cycles came to, with figures by hand."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from tests.helpers.service import Service, assert_refused

# Of 1 unit bought at 100: asset, price of the exit, day of the entry, day of the exit.
CYCLES = (("A", "110", 5, 6), ("A", "95", 7, 8), ("A", "130", 12, 13), ("B", "90", 12, 14))
DAY = 24 * 60


@pytest.fixture
def traded(service: Service, account: str, asset: str) -> str:
    """An account with four cycles: +10, -5 and +30 in one asset, -10 in another."""
    for name, price, opened, closed in CYCLES:
        for quantity, at, day in (("1", "100", opened), ("-1", price, closed)):
            when = f"2026-01-{day:02}T00:00:00Z"
            service.fill(account, f"{name}{asset}", quantity, at, executed_at=when)
    return account


def statistics(service: Service, account: str, **asked: str) -> dict[str, Any]:
    answer = service.get("/api/v1/statistics", params={"account": account, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_statistics_are_of_all_cycles_and_exact(service: Service, traded: str) -> None:
    assert statistics(service, traded) == {
        "by": None,
        "time_zone": "UTC",
        "days_per_year": 365,
        "risk_free": "0",
        "days": ANY,
        "statistics": [
            {
                "part": None, "settlement_currency": "USDT", "trades": 4, "won": 2, "lost": 2,
                "win_rate": "0.5", "profit_factor": "2.666666666667", "net_pnl": "25",
                "expectancy": "6.25", "best": "30", "worst": "-10",
                "average_minutes": 5 * DAY // 4, "turnover": "825",
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        ("asset", {"A{asset}": ("0.666666666667", "8"), "B{asset}": ("0", "0")}),
        ("ACCOUNT", {"{account}": ("0.5", "2.666666666667")}),
        ("week", {"2026-01-05": ("0.5", "2"), "2026-01-12": ("0.5", "3")}),
        ("month", {"2026-01-01": ("0.5", "2.666666666667")}),
        ("Year", {"2026-01-01": ("0.5", "2.666666666667")}),
    ],
)
def test_statistics_are_by_asset_account_or_period(
    service: Service, traded: str, asset: str, by: str, parts: dict[str, tuple[str, str]]
) -> None:
    found = statistics(service, traded, by=by)

    assert found["by"] == by.lower()
    assert {
        each["part"]: (each["win_rate"], each["profit_factor"]) for each in found["statistics"]
    } == {name.format(asset=asset, account=traded): figures for name, figures in parts.items()}


def test_statistics_are_of_a_time_and_of_an_asset(
    service: Service, traded: str, asset: str
) -> None:
    until = statistics(service, traded, to="2026-01-06T00:00:00Z")["statistics"]
    (of_one,) = statistics(service, traded, asset=f"a{asset}", **{"from": "2026-01-08T00:00:00Z"})[
        "statistics"
    ]
    later = statistics(service, traded, **{"from": "2026-02-01T00:00:00Z"})

    # Nothing was lost.
    assert [(each["net_pnl"], each["profit_factor"]) for each in until] == [("10", None)]
    assert (of_one["trades"], of_one["net_pnl"]) == (2, "25")
    assert later["statistics"] == []


def test_periods_begin_in_the_time_zone_of_the_question(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset, "1", "100", executed_at="2026-01-31T12:00:00Z")
    service.fill(account, asset, "-1", "110", executed_at="2026-02-01T01:00:00Z")

    def months(time_zone: str) -> tuple[list[str], list[str]]:
        asked = {"by": "month", "time_zone": time_zone, "to": "2026-02-01T12:00:00Z"}
        found = statistics(service, account, **asked)
        assert found["time_zone"] == time_zone
        return [it["part"] for it in found["statistics"]], [it["part"] for it in found["days"]]

    assert months("UTC") == (["2026-02-01"], ["2026-01-01", "2026-02-01"])
    assert months("America/New_York")[0] == ["2026-01-01"]
    # There it is February already.
    assert months("Pacific/Kiritimati") == (["2026-02-01"], ["2026-02-01"])


RETURNS = {
    "part": None, "days": 10, "winning_days": 2, "losing_days": 2,
    # 10 / 1000, -5 / 1010, 30 / 1005, -10 / 1035.
    "best_return": "0.029850746269", "worst_return": "-0.009661835749",
    "mean_return": "0.002523841547", "standard_deviation": "0.010776660803",
    "total_return": "0.025", "annual_return": "1.462754304386",
    "sharpe": "4.474291799229", "sortino": "14.045206078487",
    "max_drawdown": "0.009661835749", "max_drawdown_from": "2026-01-14",
    "max_drawdown_to": "2026-01-14", "max_drawdown_days": 1, "calmar": "151.395070503917",
    # There are no prices.
    "complete": False,
}  # fmt: skip


def test_days_have_returns_on_the_capital(service: Service, traded: str, asset: str) -> None:
    # Without capital there is no equity before the first gain.
    assert statistics(service, traded, to="2026-01-05T12:00:00Z")["days"] == [
        {**dict.fromkeys(RETURNS), "part": None, "days": 0, "winning_days": 0, "losing_days": 0,
         "complete": False},
    ]  # fmt: skip
    service.query("SELECT api.set_capital(1000, %s, '2026-01-01')", traded)

    [days] = statistics(service, traded, to="2026-01-14T12:00:00Z")["days"]
    assert days == RETURNS
    parts = {by: days_by(service, traded, by) for by in ("account", "asset", "week")}

    assert parts["account"] == {traded: (10, "0.025", "0.009661835749")}
    # As if the account had traded nothing else.
    assert parts["asset"] == {
        f"A{asset}": (10, "0.035", "0.00495049505"), f"B{asset}": (3, "-0.01", "0.01"),
    }  # fmt: skip
    assert parts["week"] == {
        "2026-01-05": (7, "0.005", "0.00495049505"),
        "2026-01-12": (3, "0.019900497512", "0.009661835749"),
    }


def days_by(service: Service, account: str, by: str) -> dict[str, tuple[int, str, str]]:
    found = statistics(service, account, by=by, to="2026-01-14T12:00:00Z")["days"]
    return {row["part"]: (row["days"], row["total_return"], row["max_drawdown"]) for row in found}


def test_a_loss_of_more_than_everything_leaves_nothing(
    service: Service, account: str, asset: str
) -> None:
    service.query("SELECT api.set_capital(100, %s, '2026-01-01')", account)
    # After two days without any equity.
    service.query("SELECT api.set_capital(1050, %s, '2026-01-08')", account)
    for day, gain in ((5, -150), (8, 100)):
        for quantity, price in (("1", 1000), ("-1", 1000 + gain)):
            when = f"2026-01-{day:02}T12:00:00Z"
            service.fill(account, asset, quantity, str(price), executed_at=when)

    [days] = statistics(service, account, to="2026-01-08T12:00:00Z")["days"]

    names = ("days", "best_return", "worst_return", "total_return", "annual_return", "calmar")
    assert [days[name] for name in names] == [2, "0.111111111111", "-1.5", "-1", "-1", "-1"]
    assert (days["max_drawdown"], days["max_drawdown_days"]) == ("1", 4)


def test_a_bound_key_has_the_statistics_of_its_accounts(
    service: Service, traded: str, asset: str
) -> None:
    service.fill(f"{traded}-foreign", f"A{asset}", "1", "100")
    service.fill(f"{traded}-foreign", f"A{asset}", "-1", "900")
    key = service.new_key("reader", accounts=[traded])

    found = service.get("/api/v1/statistics", key=key, params={"by": "account"}).json()

    assert [(each["part"], each["net_pnl"]) for each in found["statistics"]] == [(traded, "25")]
    foreign = {"account": f"{traded}-foreign"}
    assert_refused(service.get("/api/v1/statistics", key=key, params=foreign), 403)


def test_arguments_out_of_range_are_refused_by_name(service: Service) -> None:
    asked = {
        "by": "day", "from": "yesterday", "account": "no,name", "time_zone": "Mars/Olympus",
        "days_per_year": "367", "risk_free": "4 %",
    }  # fmt: skip
    refused = assert_refused(service.get("/api/v1/statistics", params=asked), 400, *asked)

    assert refused["details"]["by"] == "must be asset, account, book, week, month or year"
    assert refused["details"]["days_per_year"] == "must be a whole number from 1 to 366"
