"""The worker reads asset and time of a ticker as the database does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from position_manager.worker.messages import read
from position_manager.worker.tickers import DAY, SECOND, Ticker, read_ticker

if TYPE_CHECKING:
    from tests.conftest import Database

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK = int(datetime.now(UTC).timestamp()) * SECOND
PARSED = """
    SELECT p.outcome, p.asset, p.priced_at
    FROM pms.parse_prices(%s::text[]::jsonb[], 'ticker') p
    ORDER BY p.ordinal
"""

PRICES: list[Any] = [
    *("100", 0.5, 1e-7, "1e3", ".5", "5.", "0", "-3", "", "1e-19", "4e-19", "1e20", "99999999999"),
    *("NaN", "1.5 ", None, True, {}, "1.7976931348623157E308"),
]
SYMBOLS = [
    *("BTCUSDT", "btcusdt", " BTC ", "BTC/USDT", "", "  ", "é", "e\u0301", "ß", "\u017f", "Ώ", "ǆ"),
    *("A\u200b", "a" * 64, "a" * 65, "pms_abc_" + "a" * 40, None, 7, 1.5, "-", "BTC\n"),
]
DATES = ["2026-01-02", "2024-02-29", "2025-02-29", "1999-12-31", "0000-01-01"]
CLOCKS = [
    *("03:04:05", "03:04", "23:59:60", "24:00:00", "24:00:01", "03:60:00", "03:04:05.123456"),
    *("03:04:05.1", "03:04:05.1234567", "03:04:05,5", "03:04:05.", "3:04:05", "03:04:61"),
]
ZONES = [
    *("", "Z", "z", " Z", "+00:00", "-05:30", "+0530", "+05", " +05:30", "+15:59", "+23:00"),
    *("+24:00", "-00:60", " ", "Q", "[UTC]"),
]
EPOCHS = [
    second * factor for second in (10**8, 1_767_225_600) for factor in (1, 1000, 10**6, 10**9)
]
TIMES: list[Any] = [
    *map("".join, product(DATES, ["T", " ", "t", "  ", "T "], CLOCKS, ZONES)),
    *(
        form
        for epoch in EPOCHS
        for form in (epoch, str(epoch), f" +{epoch}.25 ", epoch + 0.5, f"{epoch}e0")
    ),
    *("1.7E12", "now", "infinity", True, {}, [], 0, -1, "today", 1.7e12, 1.7e9),
]


@pytest.fixture(scope="module")
def owner(shared_database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shared_database.dsn("pms_owner"), autocommit=True) as connection:
        yield connection


def found_of(document: dict[str, Any]) -> Ticker | None:
    _, members = read(json.dumps(document).encode())
    return read_ticker(members, CLOCK)


def ticker(symbol: object = "BTCUSDT", price: object = "100", **payload: object) -> dict[str, Any]:
    fields = {"symbol": symbol, "mark_price": price, "timestamp": "2026-01-02T03:04:05Z"} | payload
    return {"event_type": "ticker", "payload": fields}


def assert_read_alike(owner: psycopg.Connection[Any], documents: list[dict[str, Any]]) -> None:
    texts = [json.dumps(each, ensure_ascii=False) for each in documents]
    rows = owner.execute(PARSED, [texts]).fetchall()
    differing = [
        (document, *row)
        for document, row in zip(documents, rows, strict=True)
        if not is_alike(found_of(document), *row)
    ]
    assert differing == []


def is_alike(
    found: Ticker | None, outcome: str | None, asset: str | None, priced_at: datetime
) -> bool:
    if outcome is None:
        moment = (priced_at - EPOCH) // timedelta(microseconds=1)
        return found is not None and (found.asset, found.time) == (asset, moment)
    if found is None or not found.asset.isascii():
        return True
    # The database may still reject a price that is kept apart.
    return not (found.is_positive and found.is_past)


def test_times(owner: psycopg.Connection[Any]) -> None:
    assert_read_alike(owner, [ticker(timestamp=time) for time in TIMES])


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5))
)
def test_assets(owner: psycopg.Connection[Any], symbols: list[str]) -> None:
    assert_read_alike(owner, [ticker(symbol) for symbol in [*SYMBOLS, *symbols]])


@pytest.mark.parametrize("other", ["markPrice", "last_price", "lastPrice"])
def test_prices(owner: psycopg.Connection[Any], other: str) -> None:
    pairs = product(PRICES, PRICES)
    assert_read_alike(owner, [ticker(price=first, **{other: last}) for first, last in pairs])


def test_forms(owner: psycopg.Connection[Any]) -> None:
    fields = ticker()["payload"]
    without_time = fields | {"timestamp": " "}
    time = {"timestamp": "2026-01-02T00:00:00Z"}
    kind = {"event_type": "ticker"}
    assert_read_alike(
        owner,
        [
            kind | {"data": fields},
            kind | {"payload": [], "data": fields},
            kind | {"payload": without_time} | time,
            kind | {"payload": fields} | time,
            kind | {"payload": 1, "data": 1},
            {"event_type": "trade", "payload": fields},
            {"payload": fields},
            *(
                {**ticker(), "trace_id": each}
                for each in ("t-1", "\u0001", "a" * 128 + "\n", 5, None)
            ),
        ],
    )


def test_a_price_without_a_time_is_current() -> None:
    assert found_of(ticker(timestamp=None)) == ("BTCUSDT", CLOCK, True, True)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (SECOND, ("BTCUSDT", CLOCK, True, True)),
        (SECOND + 1, ("BTCUSDT", CLOCK, True, False)),
        (DAY, ("BTCUSDT", CLOCK, True, False)),
        (DAY + 1, None),
    ],
)
def test_a_price_ahead_of_the_clock_is_kept_apart(ahead: int, expected: Any) -> None:
    assert found_of(ticker(timestamp=CLOCK + ahead)) == expected


def test_a_price_that_some_instruments_have_is_kept_apart() -> None:
    found, usual = found_of(ticker(price="-5")), found_of(ticker())

    assert found is not None
    assert usual is not None
    assert (found.asset, found.is_positive) == ("BTCUSDT", False)
    assert found.key != usual.key
