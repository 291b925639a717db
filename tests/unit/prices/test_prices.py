"""Prices and venue reports mark positions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill, ticker

NOON, LATER = "2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z"


def report(size: str = "1.5", side: str = "Buy", **more: Any) -> dict[str, Any]:
    """A position as the venue reports it, in camelCase."""
    data = {
        "symbol": "BTCUSDT", "side": side, "size": size, "avgPrice": "50000.00",
        "markPrice": "50100.00", "unrealisedPnl": "150.00", "realisedPnl": "50.00",
        "mode": "one-way", "timestamp": NOON,
    }  # fmt: skip
    return {"event_type": "position", "channel": "position", "trace_id": "t", "data": data | more}


def test_a_price_marks_an_open_position_and_raises_its_version(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    assert ledger.price(ticker("110", NOON)) == ["applied"]

    held = ledger.position()
    assert (held["current_price"], held["unrealized_pnl"]) == (D(110), D(20))
    assert (held["unrealized_pnl_pct"], held["version"]) == (D(10), 2)


def test_a_price_does_not_change_a_closed_position(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"), fill("2", "Sell", "2", "100"))
    ledger.price(ticker("110", NOON))

    assert (ledger.position()["version"], ledger.position()["unrealized_pnl"]) == (2, D(0))


def test_a_position_is_marked_with_an_earlier_price(ledger: Ledger) -> None:
    ledger.price(ticker("110", NOON))
    ledger.apply(fill("1", "Buy", "2", "100"))

    assert ledger.position()["unrealized_pnl"] == D(20)


def test_an_older_price_never_overwrites_a_newer_one(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    ledger.price(ticker("110", LATER))

    assert ledger.price(ticker("90", NOON)) == ["stale"]
    assert ledger.position()["current_price"] == D(110)


def test_inside_a_batch_only_the_newest_price_of_an_asset_counts(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))

    assert ledger.price(ticker("90", NOON), ticker("110", LATER), ticker("95", NOON)) == [
        "stale", "applied", "stale",
    ]  # fmt: skip
    assert ledger.position()["version"] == 2


def test_a_second_delivery_of_a_price_is_a_duplicate(ledger: Ledger) -> None:
    ledger.price(ticker("110", NOON))

    assert ledger.price(ticker("110.0", NOON)) == ["duplicate"]


def test_a_missing_price_is_not_invented(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))

    held = ledger.position()
    assert (held["price_status"], held["current_price"]) == ("missing", None)
    assert (held["unrealized_pnl"], held["position_size_norm"]) == (D(0), None)


def test_a_hedge_without_a_price_has_no_value_though_one_leg_is_flat(
    ledger: Ledger,
) -> None:
    ledger.apply(
        fill("1", "Buy", "2", "100", position_side="long"),
        fill("2", "Sell", "1", "100", position_side="short"),
        fill("3", "Buy", "1", "100", position_side="short", at="2026-01-01T00:00:01Z"),
    )

    held = ledger.position(mode="hedge")
    assert (held["exposure_usdt"], held["net_exposure_usdt"]) == (None, None)


@pytest.mark.parametrize(
    ("fields", "mark"),
    [
        ({"mark_price": "1"}, D(1)),
        ({"markPrice": "2"}, D(2)),
        ({"last_price": "3"}, D(3)),
        ({"lastPrice": 4.5}, D("4.5")),
        ({"mark_price": "5", "last_price": "6"}, D(5)),
    ],
    ids=lambda value: str(value),
)
@pytest.mark.parametrize("body", ["payload", "data"])
def test_every_ticker_format_is_parsed(
    body: str, fields: dict[str, Any], mark: D, ledger: Ledger
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    message = {"event_type": "ticker", body: {"symbol": "btcusdt", "timestamp": NOON} | fields}

    assert ledger.price(message) == ["applied"]
    assert ledger.position()["current_price"] == mark


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"symbol": ""}, "symbol"),
        ({"mark_price": "0"}, "mark_price"),
        ({"mark_price": "NaN"}, "mark_price"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2099-01-01T00:00:00Z"}, "timestamp"),
    ],
    ids=str,
)
def test_a_bad_ticker_is_rejected_by_field(
    change: dict[str, str], field: str, ledger: Ledger
) -> None:
    bad = ticker("1", NOON)
    bad["payload"] |= change
    good = ticker("110", NOON, "ETHUSDT")
    outcomes = ledger.judge("apply_prices", [bad, good])

    assert [outcome for outcome, _, _ in outcomes] == ["rejected", "applied"]
    assert outcomes[0][2].startswith(f"{field}: ")


def test_a_venue_report_marks_the_position(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "1.5", "50000"))
    assert ledger.judge("apply_venue_positions", [report()])[0][0] == "applied"

    assert ledger.position()["current_price"] == D(50100)


def test_a_missing_mark_is_derived_from_the_reported_pnl(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Sell", "2", "50000"))
    ledger.judge(
        "apply_venue_positions",
        [report("2", "Sell", markPrice=None, unrealisedPnl="-100")],
    )

    assert ledger.position()["current_price"] == D(50050)


def test_a_report_is_ordered_by_sequence_before_time(ledger: Ledger) -> None:
    newer = report(seq=8, timestamp=NOON)
    older = report(seq=7, timestamp=LATER)

    assert ledger.judge("apply_venue_positions", [newer])[0][0] == "applied"
    assert ledger.judge("apply_venue_positions", [older])[0][0] == "stale"


def test_a_second_delivery_of_a_report_is_a_duplicate(ledger: Ledger) -> None:
    ledger.judge("apply_venue_positions", [report(seq=8)])

    assert ledger.judge("apply_venue_positions", [report(seq=8)])[0][0] == "duplicate"


def test_a_report_marks_the_leg_it_names(ledger: Ledger) -> None:
    outcomes = ledger.judge(
        "apply_venue_positions",
        [report("2", "Buy", mode=1), report("1", "Sell", mode=2), report("0", "", mode=0)],
    )

    assert [outcome for outcome, _, _ in outcomes] == ["applied"] * 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": "-1"}, "size"),
        ({"side": ""}, "side"),
        ({"mode": 1, "side": "Sell"}, "side"),
        ({"mode": "3"}, "mode"),
        ({"symbol": "B,T,C"}, "symbol"),
        ({"timestamp": "-"}, "timestamp"),
    ],
    ids=str,
)
def test_a_bad_report_is_rejected_by_field(
    change: dict[str, Any], field: str, ledger: Ledger
) -> None:
    outcomes = ledger.judge("apply_venue_positions", [report(**change), report()])

    assert [outcome for outcome, _, _ in outcomes] == ["rejected", "applied"]
    assert outcomes[0][2].startswith(f"{field}: ")


def test_open_positions_with_a_missing_or_stale_price_are_listed(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ages = {"FRESH": 250, "STALE": 300.01, "CLOSED": 500}
    for asset, age in ages.items():
        at = datetime.now(UTC) - timedelta(seconds=age)
        ledger.price(ticker("1", at.isoformat(), asset))
    for asset in (*ages, "MISSING"):
        ledger.apply(fill(asset, "Buy", "1", "1", asset=asset))
    ledger.apply(fill("close", "Sell", "1", "1", asset="CLOSED"))

    # Only the worker may read the list.
    with ledger.worker.transaction():
        wanted = ledger.worker.execute("SELECT pms.stale_price_assets()").fetchall()

    assert wanted == [("MISSING",), ("STALE",)]
    shown = owner.execute(
        "SELECT p.asset, p.price_status, p.age_seconds / 100 FROM api.prices p ORDER BY p.asset"
    ).fetchall()
    assert shown == [("CLOSED", "stale", 5), ("FRESH", "fresh", 2), ("STALE", "stale", 3)]
