"""Statistics of round trips, with figures by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.helpers.commands import Cli

# Of 1 unit: asset, price of entry, price of exit, days until the exit, day of the entry.
TRIPS = (
    ("A", "100", "110", 1, 5), ("A", "100", "95", 1, 7), ("A", "100", "130", 1, 12),
    ("B", "100", "90", 2, 12),
)  # fmt: skip


@pytest.fixture
def traded(cli: Cli, account: str, asset: str) -> str:
    """An account with four round trips: +10, -5 and +30 in one asset, -10 in another."""
    for number, (name, entry, exit_, days, day) in enumerate(TRIPS):
        for side, price, at in (("buy", entry, day), ("sell", exit_, day + days)):
            done = cli(
                "fills", "record", f"{name}{asset}", side, "1", price, "-a", account,
                "--id", f"{number}{side}", "--executed-at", f"2026-01-{at:02}T00:00:00Z",
            )  # fmt: skip
            assert done.exit_code == 0, done.output
    return account


def statistics(cli: Cli, account: str, *options: str) -> list[dict[str, Any]]:
    shown = cli("stats", "-a", account, *options, "--json")
    assert shown.exit_code == 0, shown.output
    found: list[dict[str, Any]] = json.loads(shown.stdout)["statistics"]
    return found


def test_round_trips_are_summed_up(cli: Cli, traded: str) -> None:
    (overall,) = statistics(cli, traded)

    assert overall == {
        "part": None, "settlement_currency": "USDT", "trades": 4, "won": 2, "lost": 2,
        "win_rate": "0.5", "profit_factor": "2.666666666667", "net_pnl": "25",
        "expectancy": "6.25", "best": "30", "worst": "-10", "average_minutes": 1800,
        "turnover": "825",
    }  # fmt: skip
    shown = cli("stats", "-a", traded).stdout.splitlines()[2].split()
    assert shown == [
        "4", "2", "2", "50.0", "%", "2.67", "+25.00", "+6.25", "+30.00", "-10.00", "1d", "6h",
        "825.00",
    ]  # fmt: skip


def test_round_trips_are_summed_up_by_part_in_a_time(cli: Cli, traded: str, asset: str) -> None:
    by_asset = statistics(cli, traded, "--by", "asset")
    by_week = statistics(cli, traded, "--by", "week")

    assert [(each["part"], each["profit_factor"]) for each in by_asset] == [
        (f"A{asset}", "8"), (f"B{asset}", "0"),
    ]  # fmt: skip
    assert [(each["part"], each["net_pnl"]) for each in by_week] == [
        ("2026-01-05", "5"), ("2026-01-12", "20"),
    ]  # fmt: skip
    (early,) = statistics(cli, traded, "--to", "2026-01-10", "--asset", f"A{asset}")
    assert (early["trades"], early["net_pnl"]) == (2, "5")
    assert "no round trip" in cli("stats", "-a", traded, "--from", "2026-02-01").stderr


def test_the_returns_of_days_are_shown_below(cli: Cli, traded: str, asset: str) -> None:
    asked = ("stats", "-a", traded, "--to", "2026-01-14T12:00:00Z")
    # Without capital there is no equity before the first gain.
    nothing = cli(*asked[:-1], "2026-01-05T12:00:00Z", "--days")
    assert (nothing.stdout, nothing.stderr) == ("", "no day with a return in that time\n")
    assert cli("history", "capital", "1000", "-a", traded, "--from", "2026-01-01").exit_code == 0

    trips, title, returns = cli(*asked).stdout.partition("Daily returns")

    assert (trips.splitlines()[-2].split()[:2], title) == (["4", "2"], "Daily returns")
    assert returns.splitlines()[-1].split() == [
        "10", "2", "2", "+2.50", "%", "+146.28", "%", "+0.25", "%", "1.08", "%", "+2.99", "%",
        "-0.97", "%", "4.47", "14.05", "151.40", "0.97", "%", "1d", "2026-01-14", "2026-01-14",
        "incomplete",
    ]  # fmt: skip
    header, *rows = cli(*asked, "--by", "asset", "--days", "--csv").stdout.splitlines()
    found = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    assert [(row["part"], row["total_return"]) for row in found] == [
        (f"A{asset}", "0.035"), (f"B{asset}", "-0.01"),
    ]  # fmt: skip
    shown = json.loads(
        cli(*asked, "--risk-free", "0.04", "--days-per-year", "252", "--json").stdout
    )
    assert (shown["risk_free"], shown["days_per_year"]) == ("0.04", 252)
    [overall] = shown["days"]
    # The mean 0.002523841547 less 0.04 / 252, by the deviation 0.010776660803.
    assert overall["sharpe"].startswith("3.4839158")
    assert cli(*asked, "--days-per-year", "0").stderr.startswith("refused: days_per_year: must be")
