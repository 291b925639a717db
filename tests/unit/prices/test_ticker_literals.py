"""Tickers as venues send them."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger

UNSET = "1.7976931348623157E308"


def ticker(symbol: str = "BTCUSDT", **fields: Any) -> dict[str, Any]:
    return {"event_type": "ticker", "payload": {"symbol": symbol, **fields}}


@pytest.fixture
def price(owner: psycopg.Connection[Any]) -> Any:
    def read(asset: str = "BTCUSDT") -> Any:
        query = "SELECT m.mark_price FROM pms.prices m WHERE m.asset = %s"
        return owner.execute(query, [asset]).fetchall()

    return read


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"markPrice": "", "lastPrice": "100"}, "100"),
        ({"markPrice": " ", "lastPrice": "100"}, "100"),
        ({"markPrice": "0", "lastPrice": "100"}, "100"),
        ({"markPrice": "0.00", "lastPrice": "100"}, "100"),
        ({"markPrice": "-1", "lastPrice": "100"}, "100"),
        ({"markPrice": UNSET, "lastPrice": "100"}, "100"),
        ({"markPrice": "NaN", "lastPrice": "100"}, "100"),
        ({"markPrice": None, "lastPrice": "100"}, "100"),
        ({"mark_price": "", "markPrice": "99", "lastPrice": "100"}, "99"),
        ({"mark_price": "0", "last_price": "0", "lastPrice": "100"}, "100"),
        ({"mark_price": "98", "lastPrice": "100"}, "98"),
        ({"mark_price": "50003.33333333333333333333333"}, "50003.333333333333333333"),
    ],
)
def test_the_first_positive_price_counts(
    ledger: Ledger, price: Any, fields: dict[str, Any], expected: str
) -> None:
    assert ledger.price(ticker(**fields)) == ["applied"]
    assert price() == [(D(expected),)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"markPrice": "0", "lastPrice": ""},
        {"markPrice": "-1", "lastPrice": "0"},
        {"mark_price": "NaN"},
        {"mark_price": UNSET},
        {"mark_price": "0.0000000000000000001"},
    ],
)
def test_without_a_positive_price_it_is_refused(ledger: Ledger, fields: dict[str, Any]) -> None:
    ((outcome, reason, detail),) = ledger.judge("apply_prices", [ticker(**fields)])

    assert (outcome, reason) == ("rejected", "invalid_price")
    assert detail.startswith("mark_price: ")


def test_a_negative_price_counts_where_it_may(ledger: Ledger, price: Any) -> None:
    ledger.define("CL=F", allows_negative_price=True)

    assert ledger.price(ticker("CL=F", markPrice="-37.63", lastPrice="10")) == ["applied"]
    assert price("CL=F") == [(D("-37.63"),)]


@pytest.mark.parametrize("stamp", ["1767225600123", 1767225600.123, "2026-01-01t00:00:00,123z"])
def test_the_time_of_a_price_is_read(
    ledger: Ledger, owner: psycopg.Connection[Any], stamp: object
) -> None:
    ledger.price(ticker(mark_price="1", timestamp=stamp))

    query = "SELECT m.priced_at = '2026-01-01T00:00:00.123Z' FROM pms.prices m"
    assert owner.execute(query).fetchall() == [(True,)]
