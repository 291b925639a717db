"""Fills of five months, recorded in one go, by month in three time zones, in CLI and REST."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.service import Service

PATH = "/api/v1/portfolio/pnl/periods"
# Sales of 1 bought at 100, by their time: the first of a month begins in New York at 4:00 UTC in
# summer and at 5:00 in winter, in Kathmandu at 18:15 of the day before.
SALES = {
    "2025-11-01T04:30:00Z": "101",
    "2025-11-30T18:30:00Z": "102",
    "2025-12-01T04:30:00Z": "104",
    "2026-01-15T12:00:00Z": "108",
    "2026-02-28T18:14:59Z": "116",
    "2026-03-01T04:30:00Z": "132",
    "2026-03-31T18:15:00Z": "164",
}
# The realized PnL of November to April, by hand.
MONTHS = {
    "UTC": ["3", "4", "8", "16", "96", "0"],
    "Asia/Kathmandu": ["1", "6", "8", "16", "32", "64"],
    "America/New_York": ["7", "0", "8", "48", "64", "0"],
}
FIRSTS = ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]
LATE = ("2026-01-20T00:00:00Z", "190")
zones = pytest.mark.parametrize("zone", MONTHS)


def sale(account: str, asset: str, at: str, price: str) -> dict[str, str]:
    return {
        "execution_id": at, "asset": asset, "account": account, "side": "sell",
        "execution_quantity": "1", "execution_price": price, "executed_at": at,
    }  # fmt: skip


@pytest.fixture(scope="module")
def service(stack: Stack) -> Service:
    return Service(stack)


@pytest.fixture(scope="module")
def traded(service: Service) -> Mapping[str, str]:
    """An account whose fills of five months came in one request."""
    account, asset = f"months-{uuid.uuid4().hex[:8]}", f"M{uuid.uuid4().hex[:8].upper()}USDT"
    bought = sale(account, asset, "2025-11-01T04:00:00Z", "100") | {
        "side": "buy", "execution_quantity": "8", "execution_fees": "0.5",
    }  # fmt: skip
    fills = [bought, *(sale(account, asset, at, price) for at, price in SALES.items())]
    answer = service.post("/rest/rpc/record_fills", json={"fills": fills})
    assert answer.status_code == 200, answer.text
    assert [each["outcome"] for each in answer.json()["outcomes"]] == ["applied"] * 8
    return {"account": account, "asset": asset}


def months(service: Service, account: str, zone: str, **asked: str) -> list[dict[str, Any]]:
    """The periods over REST, the oldest first."""
    wanted = {"by": "month", "time_zone": zone, "account": account, **asked}
    answer = service.get(PATH, params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["periods"]
    return found[::-1]


@zones
def test_fills_land_in_their_months(
    service: Service, cli: Cli, traded: Mapping[str, str], zone: str
) -> None:
    account = traded["account"]
    over_rest = months(service, account, zone)
    by_command = json.loads(
        cli("pnl", "--by", "month", "--time-zone", zone, "-a", account, "--json").stdout
    )["periods"]

    found = {each["period_start"]: each for each in over_rest}
    assert [found[first]["realized_usdt"] for first in FIRSTS] == MONTHS[zone]
    assert by_command[::-1] == over_rest
    shown = cli("pnl", "--by", "month", "--time-zone", zone, "-a", account, width=80).stdout
    # The rest has no price.
    assert (
        shown.count("incomplete") == len([each for each in over_rest if not each["complete"]]) > 0
    )
    rows = dict(line.split()[0:3:2] for line in shown.splitlines() if line.startswith("20"))
    assert [Decimal(rows[first]) for first in FIRSTS] == [Decimal(each) for each in MONTHS[zone]]


@zones
def test_the_sums_over_all_periods_are_the_totals(
    service: Service, traded: Mapping[str, str], zone: str
) -> None:
    position = service.get(
        f"/api/v1/positions/{traded['asset']}", params={"account": traded["account"]}
    ).json()
    for by in ("month", "week", "day"):
        periods = months(service, traded["account"], zone, by=by, limit="1000")
        for total, summed in (
            ("net_pnl", "net_pnl_usdt"), ("fees_paid", "fees_paid_usdt"),
            ("unrealized_pnl", "unrealized_pnl_usdt"),
        ):  # fmt: skip
            sums = sum(Decimal(each[summed]) for each in periods)
            assert sums == Decimal(position[total]), (by, total)
        realized = sum(Decimal(each["realized_usdt"]) for each in periods)
        assert realized == sum(Decimal(each) for each in MONTHS[zone])


def test_days_are_as_long_as_their_clocks_make_them(
    service: Service, traded: Mapping[str, str]
) -> None:
    account = traded["account"]
    hours = {}
    for first, end in (("2025-11-02", "2025-11-03"), ("2026-03-08", "2026-03-09")):
        days = months(
            service, account, "America/New_York", by="day", to=f"{end}T12:00:00Z", limit="2"
        )
        (day,) = (each for each in days if each["period_start"] == first)
        hours[first] = (day["starts_at"][11:16], day["ends_at"][11:16])

    assert hours == {"2025-11-02": ("04:00", "05:00"), "2026-03-08": ("05:00", "04:00")}


# The last of the file: it changes the account.
def test_a_late_fill_restates_a_closed_month_and_says_so(
    service: Service, cli: Cli, traded: Mapping[str, str]
) -> None:
    account, asset = traded["account"], traded["asset"]
    before = {zone: months(service, account, zone) for zone in MONTHS}

    done = cli(
        "fills", "record", asset, "sell", "1", LATE[1], "--id", "late", "--executed-at", LATE[0],
        "--account", account,
    )  # fmt: skip

    assert done.stdout == "applied\n"
    (stated,) = json.loads(cli("restatements", "-a", account, "--json").stdout)["restatements"]
    assert (stated["cause"], stated["asset"]) == ("late", asset)
    for zone, former in before.items():
        found = months(service, account, zone)
        changed = [each for each in found if each["is_restated"]]
        assert [each["period_start"] for each in changed] == ["2026-01-01"]
        assert changed[0]["restated_realized_pnl_usdt"] == "90"
        assert changed[0]["restatements"] == [stated["id"]]
        assert changed[0]["realized_usdt"] == "98"
        assert [each["realized_usdt"] for each in found if each not in changed] == [
            each["realized_usdt"] for each in former if each["period_start"] != "2026-01-01"
        ]
        shown = cli("pnl", "--by", "month", "--time-zone", zone, "-a", account, width=80).stdout
        (january,) = (line for line in shown.splitlines() if line.startswith("2026-01-01"))
        assert january.split()[-3:] == [stated["recorded_at"][:10], "+90.00", "incomplete"]
        assert "…" not in shown
