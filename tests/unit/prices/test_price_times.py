"""The time of a price is never ahead of the clock, from whatever source it comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill, ticker
from tests.helpers.venue import camel

Owner = psycopg.Connection[Any]
Send = Callable[[Ledger, str, str], tuple[str, str | None]]

STORED = "SELECT m.mark_price, m.priced_at <= clock_timestamp(), m.priced_at FROM pms.prices m"
AHEAD = "UPDATE pms.prices SET priced_at = priced_at + interval '8 hours'"


def ahead(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def by_ticker(ledger: Ledger, price: str, at: str) -> tuple[str, str | None]:
    [(outcome, reason, _)] = ledger.judge("apply_prices", [ticker(price, at)])
    return outcome, reason


def by_venue(ledger: Ledger, price: str, at: str) -> tuple[str, str | None]:
    report = camel("1", "100", 1, markPrice=price, timestamp=at)
    [(outcome, reason, _)] = ledger.judge("apply_venue_positions", [report])
    return outcome, reason


def by_hand(ledger: Ledger, price: str, at: str) -> tuple[str, str | None]:
    prices = json.dumps([{"symbol": "BTCUSDT", "mark_price": price, "timestamp": at}])
    [outcome] = ledger.call("record_prices", prices=prices)["outcomes"]
    return outcome["outcome"], outcome["reason"]


def by_price_api(ledger: Ledger, price: str, at: str) -> tuple[str, str | None]:
    with ledger.worker.transaction():
        row = ledger.worker.execute(
            "SELECT o.outcome, o.reason FROM pms.apply_prices(ARRAY[%s]::jsonb[], 'price_api') o",
            [json.dumps(ticker(price, at))],
        ).fetchone()
    assert row is not None
    return row[0], row[1]


every_source = pytest.mark.parametrize("send", [by_ticker, by_venue, by_hand, by_price_api])


@every_source
def test_a_price_within_the_limit_takes_the_time_of_receipt(
    send: Send, ledger: Ledger, owner: Owner
) -> None:
    ledger.apply(fill("a", "Buy", "1", "100"))
    before = datetime.now(UTC)
    assert send(ledger, "100", ahead(55)) == ("applied", None)

    row = owner.execute(STORED).fetchone()
    assert row is not None
    assert row[:2] == (D(100), True)
    assert row[2] >= before
    # It hides no other.
    assert by_ticker(ledger, "101", ahead(0)) == ("applied", None)
    assert ledger.position()["price_status"] == "fresh"


@every_source
def test_a_price_beyond_the_limit_is_refused(send: Send, ledger: Ledger, owner: Owner) -> None:
    assert send(ledger, "100", ahead(75)) == ("rejected", "time_in_future")
    assert owner.execute(STORED).fetchone() is None


def test_a_refused_price_can_be_retried(ledger: Ledger, owner: Owner) -> None:
    soon = ticker("100", ahead(90))
    owner.execute(
        "SELECT pms.record_rejected_messages(%s, %s, %s, %s, %s)",
        ["prices", [json.dumps(soon)], ["time_in_future"], ["timestamp: lies in the future"], [""]],
    )
    letter = owner.execute("SELECT r.id FROM pms.rejected_messages r").fetchone()
    assert letter is not None
    # As if half a minute had passed.
    owner.execute("UPDATE pms.settings SET clock_skew_limit = '2 minutes'")

    assert ledger.call("retry_dead_letter", id=letter[0])["outcome"] == "applied"
    assert ledger.price(ticker("101", ahead(0))) == ["applied"]


def test_a_price_ahead_of_the_clock_is_never_fresh(ledger: Ledger, owner: Owner) -> None:
    ledger.define("BTCUSD", kind="inverse", quote_currency="USD", settlement_currency="BTC")
    ledger.apply(fill("a", "Buy", "1", "100"), fill("b", "Buy", "1", "100", asset="BTCUSD"))
    ledger.price(ticker("100", ahead(0)), ticker("100", ahead(0), "BTCUSD"))
    assert ledger.position()["price_status"] == "fresh"
    # The clock was ahead.
    owner.execute(AHEAD)

    assert ledger.position()["price_status"] == "stale"
    assert ledger.call("get_position", asset="BTCUSDT")["price_status"] == "stale"
    assert ledger.call("get_positions")["positions"][0]["price_status"] == "stale"
    shown = owner.execute("SELECT DISTINCT p.price_status FROM api.prices p").fetchall()
    assert shown == [("stale",)]
    metrics = ledger.call("get_metrics")["prices"]
    assert (metrics["fresh"], metrics["stale"]) == (0, 2)
    assert ledger.call("get_portfolio")["stale_rates"] == ["BTC"]
    with ledger.worker.transaction():
        wanted = ledger.worker.execute("SELECT pms.stale_price_assets()").fetchall()
    assert wanted == [("BTCUSD",), ("BTCUSDT",)]
