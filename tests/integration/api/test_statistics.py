"""GET /api/v1/statistics: what the closed cycles came to, with figures by hand."""

from __future__ import annotations

from typing import Any

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
        "statistics": [
            {
                "part": None, "settlement_currency": "USDT", "trades": 4, "won": 2, "lost": 2,
                "win_rate": "0.5", "profit_factor": "2.666666666667", "net_pnl": "25",
                "expectancy": "6.25", "best": "30", "worst": "-10",
                "average_minutes": 5 * DAY // 4,
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        ("asset", {"A{asset}": ("0.666666666667", "8"), "B{asset}": ("0", "0")}),
        ("ACCOUNT", {"{account}": ("0.5", "2.666666666667")}),
        ("week", {"2026-01-05": ("0.5", "2"), "2026-01-12": ("0.5", "3")}),
    ],
)
def test_statistics_are_by_asset_account_or_week(
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
    asked = {"by": "month", "from": "yesterday", "account": "no,name"}
    refused = assert_refused(service.get("/api/v1/statistics", params=asked), 400, *asked)

    assert refused["details"]["by"] == "must be asset, account or week"
