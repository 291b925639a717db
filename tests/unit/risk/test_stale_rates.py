"""A rate that is older than the staleness threshold flags what it converts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill, ticker

Owner = psycopg.Connection[Any]

VIEW = "SELECT p.account, p.stale_rates FROM api.portfolio p ORDER BY p.account"
AS_OF = "SELECT p.account, p.stale_rates FROM api.portfolio_as_of(%s) p ORDER BY p.account"


def seconds_ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


@pytest.fixture
def coins(ledger: Ledger) -> Ledger:
    """A position in USDT, one in BTC at a fresh rate, and one in ETH at a stale rate."""
    for coin in ("BTC", "ETH"):
        ledger.define(f"{coin}USD", kind="inverse", quote_currency="USD", settlement_currency=coin)
        ledger.apply(fill(coin, "Buy", "100", "1000", asset=f"{coin}USD", account=coin))
    ledger.apply(fill("SOL", "Buy", "1", "100", asset="SOLUSDT", account="SOL"))
    ledger.price(
        ticker("100", seconds_ago(1), "SOLUSDT"),
        ticker("1000", seconds_ago(1), "BTCUSD"),
        ticker("1000", seconds_ago(1), "ETHUSD"),
        ticker("50000", seconds_ago(250), "BTCUSDT"),
        ticker("3000", seconds_ago(301), "ETHUSDT"),
    )
    return ledger


def test_the_portfolio_names_the_stale_rates(coins: Ledger, owner: Owner) -> None:
    for function in ("get_portfolio", "get_exposure", "get_pnl"):
        answer = coins.call(function)
        assert (answer["complete"], answer["stale_rates"]) == (True, ["ETH"])
        assert coins.call(function, account="ETH")["stale_rates"] == ["ETH"]
        assert coins.call(function, account="BTC")["stale_rates"] == []
        assert coins.call(function, account="SOL")["stale_rates"] == []
        assert coins.call(function, account="none")["stale_rates"] == []
    assert coins.call("get_portfolio", asset="BTCUSD")["stale_rates"] == []

    expected = [("BTC", []), ("ETH", ["ETH"]), ("SOL", [])]
    assert owner.execute(VIEW).fetchall() == expected
    assert owner.execute(AS_OF, [datetime.now(UTC)]).fetchall() == expected
    for source in ("portfolio_total", "portfolio_total_as_of()"):
        total = owner.execute(f"SELECT t.stale_rates FROM api.{source} t".encode())
        assert total.fetchall() == [(["ETH"],)]


def test_a_position_shows_the_status_of_its_rate(coins: Ledger, owner: Owner) -> None:
    coins.define("XRPUSD", kind="inverse", quote_currency="USD", settlement_currency="XRP")
    coins.apply(fill("XRP", "Buy", "100", "1000", asset="XRPUSD", account="XRP"))
    expected = [("BTC", "fresh"), ("ETH", "stale"), ("SOL", "fresh"), ("XRP", "missing")]

    for source in ("api.positions", "api.positions_as_of()"):
        assert (
            owner.execute(
                f"SELECT p.account, p.rate_status FROM {source} p ORDER BY p.account".encode()
            ).fetchall()
            == expected
        )
    assert owner.execute(
        "SELECT p.account, p.rate_status FROM api.positions_as_of(%s) p ORDER BY p.account",
        [seconds_ago(240)],
    ).fetchall() == [
        ("BTC", "fresh"), ("ETH", "fresh"), ("SOL", "fresh"), ("XRP", "missing"),
    ]  # fmt: skip


def test_a_snapshot_keeps_the_status_of_its_rate(coins: Ledger, owner: Owner) -> None:
    owner.execute("SELECT pms.take_snapshots(NULL)")
    coins.price(ticker("3000", seconds_ago(0), "ETHUSDT"))

    assert owner.execute(
        "SELECT s.account, s.rate_status FROM api.snapshots s ORDER BY s.account"
    ).fetchall() == [("BTC", "fresh"), ("ETH", "stale"), ("SOL", "fresh")]


def test_a_rate_goes_stale_without_any_change(coins: Ledger, owner: Owner) -> None:
    assert coins.call("get_portfolio")["stale_rates"] == ["ETH"]
    owner.execute("UPDATE pms.settings SET price_staleness_threshold = '200 seconds'")

    assert coins.call("get_portfolio")["stale_rates"] == ["BTC", "ETH"]


def test_a_new_rate_is_fresh(coins: Ledger) -> None:
    coins.price(ticker("3010", seconds_ago(0), "ETHUSDT"))

    assert coins.call("get_portfolio")["stale_rates"] == []


def test_a_rate_in_doubt_is_stale(coins: Ledger) -> None:
    coins.price(ticker("50", seconds_ago(0), "BTCUSDT"))

    assert coins.call("get_portfolio")["stale_rates"] == ["BTC", "ETH"]


def test_a_rate_is_stale_by_the_moment_it_is_used_at(coins: Ledger) -> None:
    def stale(seconds: float) -> list[str]:
        found: list[str] = coins.call("get_portfolio", as_of=seconds_ago(seconds))["stale_rates"]
        return found

    assert (stale(240), stale(10), stale(0)) == ([], [], ["ETH"])


def test_a_currency_without_a_rate_is_unpriced_instead(ledger: Ledger) -> None:
    ledger.define("BTCUSD", kind="inverse", quote_currency="USD", settlement_currency="BTC")
    ledger.apply(fill("a", "Buy", "100", "1000", asset="BTCUSD"))
    ledger.price(ticker("1000", seconds_ago(1), "BTCUSD"))

    answer = ledger.call("get_portfolio")
    assert (answer["unpriced"], answer["stale_rates"]) == (["BTCUSD"], [])
