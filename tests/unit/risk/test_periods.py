"""PnL by period: an entry counts when it happened, in the time zone of the question."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal as D

import psycopg
import pytest

from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, bust, fill, ticker

KATHMANDU, NEW_YORK = "Asia/Kathmandu", "America/New_York"
# Event time in UTC, side, quantity, price, fee: buys at 100, sells for a profit that names it.
FIVE_MONTHS = [
    ("2026-06-30T18:14:59.999999Z", "Buy", "100", "100", "0"),
    # The 1st of July in Kathmandu, the 30th of June in UTC and New York.
    ("2026-06-30T18:15:00Z", "Sell", "1", "101", "0.5"),
    # The 1st of August in UTC and Kathmandu, the 31st of July in New York.
    ("2026-08-01T03:59:59Z", "Sell", "1", "110", "0"),
    ("2026-08-01T04:00:00Z", "Sell", "1", "200", "0"),
    # The 1st of November in Kathmandu, the 31st of October elsewhere.
    ("2026-10-31T20:00:00Z", "Sell", "1", "1100", "1"),
]
MONTHS = {
    "UTC": {"2026-06": D("0.5"), "2026-07": D(0), "2026-08": D(110), "2026-10": D(999)},
    KATHMANDU: {"2026-06": D(0), "2026-07": D("0.5"), "2026-08": D(110), "2026-11": D(999)},
    NEW_YORK: {"2026-06": D("0.5"), "2026-07": D(10), "2026-08": D(100), "2026-10": D(999)},
}


@pytest.fixture(params=[False, True], ids=["unread", "summed"])
def summed(request: pytest.FixtureRequest) -> bool:
    """Whether the job has summed the entries, or the reads have to."""
    return bool(request.param)


def record(ledger: Ledger, entries: list[tuple[str, str, str, str, str]]) -> None:
    outcomes = ledger.apply(
        *(
            fill(f"fill-{number}", side, quantity, price, fee, at=at)
            for number, (at, side, quantity, price, fee) in enumerate(entries)
        )
    )
    assert set(outcomes) == {"applied"}


def sum_up(owner: psycopg.Connection[object]) -> None:
    """Run the job to its end."""
    owner.execute("CALL pms.run_job('sum_pnl')")


def periods(analyst: Analyst, **asked: object) -> list[Row]:
    return analyst._call("position_pnl_by_period", **asked)


def by_month(analyst: Analyst, zone: str, **asked: object) -> dict[str, D]:
    rows = periods(analyst, unit="month", time_zone=zone, **asked)
    return {f"{row['period_start']:%Y-%m}": row["realized_pnl"] for row in rows}


@pytest.mark.parametrize("account", ["main", None])
@pytest.mark.parametrize("zone", MONTHS)
def test_fills_of_five_months_recorded_in_one_go_land_in_their_months(
    zone: str,
    account: str | None,
    summed: bool,
    ledger: Ledger,
    analyst: Analyst,
    owner: psycopg.Connection[object],
) -> None:
    record(ledger, FIVE_MONTHS)
    if summed:
        sum_up(owner)
    found = by_month(analyst, zone, account=account)
    assert {month: found[month] for month in MONTHS[zone]} == MONTHS[zone]
    assert sum(found.values()) == D("1109.5")
    assert ledger.position()["realized_pnl"] == D("1109.5")
    assert not any(row["is_restated"] for row in periods(analyst, unit="month", time_zone=zone))


def test_an_hour_that_the_clock_skips_or_repeats_belongs_to_its_day(
    ledger: Ledger, analyst: Analyst, summed: bool, owner: psycopg.Connection[object]
) -> None:
    record(ledger, [
        ("2026-03-01T00:00:00Z", "Buy", "100", "100", "0"),
        # New York skips 2:00 to 3:00 on March 8, a day of 23 hours.
        ("2026-03-08T04:59:59Z", "Sell", "1", "101", "0"),
        ("2026-03-08T05:00:00Z", "Sell", "1", "102", "0"),
        ("2026-03-08T06:59:59Z", "Sell", "1", "104", "0"),
        ("2026-03-08T07:00:00Z", "Sell", "1", "108", "0"),
        ("2026-03-09T03:59:59Z", "Sell", "1", "116", "0"),
        ("2026-03-09T04:00:00Z", "Sell", "1", "132", "0"),
        # It repeats 1:00 to 2:00 on November 1, a day of 25 hours.
        ("2026-11-01T03:59:59Z", "Sell", "1", "101", "0"),
        ("2026-11-01T05:30:00Z", "Sell", "1", "102", "0"),
        ("2026-11-01T06:30:00Z", "Sell", "1", "104", "0"),
        ("2026-11-02T04:59:59Z", "Sell", "1", "108", "0"),
        ("2026-11-02T05:00:00Z", "Sell", "1", "116", "0"),
    ])  # fmt: skip
    if summed:
        sum_up(owner)
    rows = periods(analyst, unit="day", time_zone=NEW_YORK, account="main")
    found = {row["period_start"]: row for row in rows if row["realized_pnl"] != 0}
    assert {day: row["realized_pnl"] for day, row in found.items()} == {
        date(2026, 3, 7): 1, date(2026, 3, 8): 2 + 4 + 8 + 16, date(2026, 3, 9): 32,
        date(2026, 10, 31): 1, date(2026, 11, 1): 2 + 4 + 8, date(2026, 11, 2): 16,
    }  # fmt: skip
    lengths = {day: row["ends_at"] - row["starts_at"] for day, row in found.items()}
    assert lengths[date(2026, 3, 8)].total_seconds() == 23 * 3600
    assert lengths[date(2026, 11, 1)].total_seconds() == 25 * 3600
    assert found[date(2026, 3, 8)]["starts_at"] == datetime(2026, 3, 8, 5, tzinfo=UTC)


def test_a_late_fill_restates_a_closed_month(
    ledger: Ledger, analyst: Analyst, summed: bool, owner: psycopg.Connection[object]
) -> None:
    record(ledger, FIVE_MONTHS)
    if summed:
        sum_up(owner)

    assert ledger.apply(fill("late", "Sell", "1", "150", "2", at="2026-07-10T00:00:00Z")) == [
        "applied"
    ]

    rows = periods(analyst, unit="month", time_zone="UTC", account="main")
    restated = {f"{row['period_start']:%Y-%m}": row for row in rows if row["is_restated"]}
    assert list(restated) == ["2026-07"]
    july = restated["2026-07"]
    assert july["realized_pnl"] == july["restated_realized_pnl"] == 48
    [listed] = analyst.view("restatements")
    assert july["restatements"] == [listed["id"]]
    assert july["restated_at"] == listed["recorded_at"]
    [total] = [
        row
        for row in analyst._call("pnl_by_period", unit="month", time_zone="UTC")
        if row["is_restated"]
    ]
    assert total["period_start"] == date(2026, 7, 1)
    assert total["restated_realized_pnl_usdt"] == 48
    sum_up(owner)
    assert periods(analyst, unit="month", time_zone="UTC", account="main") == rows


def test_a_bust_restates_the_months_that_it_changes(
    ledger: Ledger, analyst: Analyst, summed: bool, owner: psycopg.Connection[object]
) -> None:
    record(ledger, [
        ("2026-06-01T00:00:00Z", "Buy", "1", "100", "1"),
        ("2026-07-01T00:00:00Z", "Buy", "1", "300", "1"),
        ("2026-08-01T00:00:00Z", "Sell", "1", "250", "1"),
        ("2026-09-01T00:00:00Z", "Sell", "1", "250", "1"),
    ])  # fmt: skip
    if summed:
        sum_up(owner)

    ledger.apply(bust("fill-1"))

    rows = periods(analyst, unit="month", time_zone="UTC", account="main")
    restated = {
        f"{row['period_start']:%m}": (row["realized_pnl"], row["restated_realized_pnl"])
        for row in rows
        if row["is_restated"]
    }
    # The average was 200: now 100 closes at 250, and the last fill opens a short.
    assert restated == {"07": (D(0), D(0)), "08": (D(149), D(100)), "09": (D(0), D(-49))}
    [listed] = analyst.view("restatements")
    assert sum(change for _, change in restated.values()) == listed["realized_pnl_change"]


def test_the_periods_add_up_to_the_totals(
    ledger: Ledger, analyst: Analyst, summed: bool, owner: psycopg.Connection[object]
) -> None:
    ledger.define("INVERSEUSD", kind="inverse", multiplier="100", settlement_currency="BTC",
                  quote_currency="USD")  # fmt: skip
    ledger.price(ticker("50000", "2026-06-01T00:00:00Z", "BTCUSDT"))
    trades = (
        ("Buy", "50000", "2026-06-02T00:00:00Z"),
        ("Sell", "52000", "2026-07-02T00:00:00Z"),
        ("Sell", "51000", "2026-08-02T00:00:00Z"),
    )
    ledger.apply(
        *(
            fill(f"inverse-{at}", side, "3", price, "0.00001", at=at, asset="INVERSEUSD")
            for side, price, at in trades
        )
    )
    record(ledger, FIVE_MONTHS)
    ledger.price(ticker("60000", "2026-07-20T00:00:00Z", "BTCUSDT"))
    ledger.price(ticker("55000", "2026-11-20T00:00:00Z", "BTCUSDT"))
    ledger.price(ticker("53000", "2026-11-20T00:00:00Z", "INVERSEUSD"))
    if summed:
        sum_up(owner)
    [total] = analyst.view("portfolio", account="main")
    for unit in ("day", "week", "month"):
        for zone in MONTHS:
            for account in ("main", None):
                rows = analyst._call("pnl_by_period", unit=unit, time_zone=zone, account=account)
                assert sum(row["net_pnl_usdt"] for row in rows) == total["net_pnl_usdt"]
                for row in rows:
                    assert row["net_pnl_usdt"] == (
                        row["realized_usdt"] + row["unrealized_pnl_usdt"] - row["fees_paid_usdt"]
                        + row["funding_usdt"] + row["conversion_usdt"]
                    )  # fmt: skip
            for asset in ("BTCUSDT", "INVERSEUSD"):
                position = ledger.position(asset)
                own = periods(analyst, unit=unit, time_zone=zone, account="main", asset=asset)
                for name in ("realized_pnl", "fees_paid", "funding", "net_pnl", "unrealized_pnl"):
                    assert sum(row[name] for row in own) == position[name], (unit, zone, name)


def test_an_unknown_time_zone_is_refused(analyst: Analyst) -> None:
    for zone in ("Etc/GMT-14", "EST5EDT", "America/Port-au-Prince", "America/Indiana/Knox"):
        assert periods(analyst, time_zone=zone) == []
    for zone in ("Asia/Katmandoo", "Asia/Kathmandu+3", "FOO+3", "PST", "", "posix/Asia/Tokyo"):
        with pytest.raises(psycopg.Error, match="unknown time zone") as refused:
            periods(analyst, time_zone=zone)
        assert refused.value.sqlstate == "PT400"
    with pytest.raises(psycopg.Error, match="unknown unit"):
        periods(analyst, unit="year")


def test_each_fill_has_its_realized_pnl(ledger: Ledger, analyst: Analyst) -> None:
    record(ledger, [
        ("2026-06-01T00:00:00Z", "Buy", "2", "100", "1"),
        ("2026-06-02T00:00:00Z", "Sell", "1", "110", "2"),
        # A flip: a third of its fee closes.
        ("2026-06-03T00:00:00Z", "Sell", "3", "120", "3"),
        ("2026-06-03T00:00:00Z", "Buy", "1", "90", "0"),
    ])  # fmt: skip
    rows = sorted(analyst.view("fills"), key=lambda row: row["id"])
    assert [row["realized_pnl"] for row in rows] == [0, 8, 19, 30]
    explained = analyst.explain(account="main")
    assert [row["realized_pnl_change"] for row in reversed(explained)] == [0, 8, 19, 30]

    ledger.apply(bust("fill-1"))

    rows = sorted(analyst.view("fills"), key=lambda row: row["id"])
    assert [row["realized_pnl"] for row in rows] == [0, 0, 38, 30]
    assert sum(row["realized_pnl"] for row in rows) == ledger.position()["realized_pnl"]


def test_equity_and_returns_are_valued_at_the_ends_of_the_days(
    ledger: Ledger, analyst: Analyst, summed: bool, owner: psycopg.Connection[object]
) -> None:
    for amount, since in (("1000", "2025-01-01Z"), ("3000", "2026-01-31 12:00Z")):
        with ledger.operator.transaction():
            ledger.operator.execute("SELECT api.set_capital(%s, 'main', %s)", [amount, since])
    ledger.define("ONE")
    for price, at in (
        ("101", "2026-01-30T23:58:00Z"), ("111", "2026-01-30T23:59:59Z"),
        ("90", "2026-01-31T00:00:00Z"), ("100", "2026-02-02T08:00:00Z"),
    ):  # fmt: skip
        ledger.price(ticker(price, at, "ONE"))
    ledger.apply(
        fill("a", "Buy", "10", "100", "5", at="2026-01-30T12:00:00Z", asset="ONE"),
        fill("b", "Sell", "4", "90", "2", at="2026-01-31T00:00:00Z", asset="ONE"),
    )
    if summed:
        sum_up(owner)

    rows = analyst.view("pnl_by_day", account="main")[:4]

    assert [
        (
            row["period_start"].day, row["net_pnl_usdt"], row["realized_usdt"],
            row["unrealized_pnl_usdt"], row["opening_equity_usdt"], row["closing_equity_usdt"],
            row["return_ratio"],
        )
        for row in rows
    ] == [
        (30, 105, 0, 110, 1000, 1105, D("0.105")),
        # New capital is not a gain.
        (31, -212, -40, -170, 1105, 2893, D("-0.19185520362")),
        (1, 0, 0, 0, 2893, 2893, 0),
        (2, 60, 0, 60, 2893, 2953, D("0.020739716557")),
    ]  # fmt: skip
    assert all(row["complete"] for row in rows)
    [returns] = analyst.view("return_statistics", account="main")
    assert (returns["winning_days"], returns["losing_days"]) == (2, 1)
    assert (returns["best_return"], returns["worst_return"]) == (D("0.105"), D("-0.19185520362"))
    for total in ("", "_total"):
        weeks, months = analyst.view(f"pnl_by_week{total}"), analyst.view(f"pnl_by_month{total}")
        assert [
            (row["period_start"], row["net_pnl_usdt"]) for row in weeks if row["net_pnl_usdt"]
        ] == [(date(2026, 1, 26), -107), (date(2026, 2, 2), 60)]
        assert [row["net_pnl_usdt"] for row in months if row["net_pnl_usdt"]] == [-107, 60]


def test_a_period_without_a_price_at_its_end_is_incomplete(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.price(ticker("110", "2026-09-10T00:00:00Z"))
    ledger.apply(fill("open", "Buy", "1", "100", at="2026-06-10T00:00:00Z"))

    rows = periods(analyst, unit="month", time_zone="UTC", account="main")

    assert [(row["complete"], row["unrealized_pnl"]) for row in rows] == [
        (False, 0), (False, 0), (False, 0), (False, 10), (True, 0), (True, 0),
    ]  # fmt: skip


def test_the_setting_names_the_time_zone_of_the_views(
    ledger: Ledger, analyst: Analyst, owner: psycopg.Connection[object]
) -> None:
    record(ledger, FIVE_MONTHS)
    owner.execute('SELECT pms.load_settings(\'{"time_zone": "Asia/Kathmandu"}\')')
    assert owner.execute("SELECT s.time_zone FROM pms.settings s").fetchall() == [(KATHMANDU,)]

    rows = analyst.view("pnl_by_month", account="main")

    shown = {row["period_start"]: row["realized_usdt"] for row in rows}
    assert (shown[date(2026, 7, 1)], shown[date(2026, 11, 1)]) == (1, 1000)
    with pytest.raises(psycopg.Error, match="unknown time zone"):
        owner.execute('SELECT pms.load_settings(\'{"time_zone": "Mars/Olympus"}\')')


def test_an_entry_in_order_restates_nothing_beside_a_late_one(
    ledger: Ledger, analyst: Analyst
) -> None:
    record(ledger, FIVE_MONTHS[:2])

    ledger.apply(
        fill("late", "Sell", "1", "105", at="2026-06-20T00:00:00Z"),
        fill("early", "Buy", "1", "100", at="2026-06-01T00:00:00Z"),
        fill("in-order", "Sell", "1", "120", at="2026-07-20T00:00:00Z"),
    )

    rows = periods(analyst, unit="month", time_zone="UTC", account="main")
    assert [
        (row["realized_pnl"], row["restated_realized_pnl"]) for row in rows if row["realized_pnl"]
    ] == [(D("5.5"), 5), (20, None)]
