"""Price bars, and prices and rates at a moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.ledger import Ledger, ticker
from tests.helpers.soak import sized

if TYPE_CHECKING:
    from tests.conftest import Database

DAY = "2026-01-01T"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTES = """
    SELECT h.open_price, h.high_price, h.low_price, h.close_price
    FROM pms.price_bars h
    WHERE h.asset = 'BTCUSDT'
    ORDER BY h.minute
"""
PRICE_AT = """
    SELECT p.mark_price, p.source
    FROM pms.price_at(%(asset)s, %(at)s, %(known_at)s) p
"""
# The newest price, and the newest one in the history.
NEWEST = """
    SELECT m.mark_price, m.priced_at, h.close_price, h.close_at
    FROM pms.prices m
    LEFT JOIN pms.price_bars h
        ON m.asset = h.asset
            AND h.minute = (SELECT max(l.minute) FROM pms.price_bars l WHERE l.asset = m.asset)
"""
ASSET_NUMBERS = count(1)

PriceAt = Callable[..., tuple[D, str] | None]


@pytest.fixture
def price_at(owner: psycopg.Connection[Any]) -> PriceAt:
    """(price, source) of an asset at a time of the first of January, or at a moment."""

    def ask(
        at: str | datetime, known_at: datetime | str = "infinity", asset: str = "BTCUSDT"
    ) -> tuple[D, str] | None:
        moment = f"{DAY}{at}Z" if isinstance(at, str) and at != "infinity" else at
        found: tuple[D, str] | None = owner.execute(
            PRICE_AT, {"asset": asset, "at": moment, "known_at": known_at}
        ).fetchone()
        return found

    return ask


def tick(price: str, at: str, asset: str = "BTCUSDT") -> dict[str, Any]:
    return ticker(price, f"{DAY}{at}Z", asset)


def now(owner: psycopg.Connection[Any]) -> datetime:
    row = owner.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def test_every_price_of_a_batch_is_merged_into_its_bar(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.price(
        tick("105", "12:00:30"), tick("100", "12:00:00"), tick("120", "12:00:10"),
        tick("90", "12:00:59.999999"), tick("91", "12:01:00"),
    )  # fmt: skip

    assert owner.execute(MINUTES).fetchall() == [
        (D(100), D(120), D(90), D(90)),
        (D(91), D(91), D(91), D(91)),
    ]


def test_a_late_price_is_merged_into_its_bar(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.price(tick("100", "12:00:30"))
    ledger.price(tick("101", "12:05:00"))

    # Each is stale as a mark: one before the open, one between, one after the close.
    for price, at in [("95", "12:00:10"), ("130", "12:00:20"), ("99", "12:00:40")]:
        assert ledger.price(tick(price, at)) == ["stale"]

    assert owner.execute(MINUTES).fetchall()[0] == (D(95), D(130), D(95), D(99))


def test_a_second_delivery_changes_nothing_in_the_history(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    batches = [
        [tick("100", "12:00:30"), tick("99", "12:00:20"), tick("98", "12:00:59")],
        [tick("97", "12:00:05"), tick("101", "12:01:00")],
    ]
    for batch in batches:
        ledger.price(*batch)
    before = owner.execute("SELECT h.* FROM pms.price_bars h ORDER BY h.minute").fetchall()

    for batch in batches:
        ledger.price(*batch)

    after = owner.execute("SELECT h.* FROM pms.price_bars h ORDER BY h.minute").fetchall()
    assert after == before


def test_a_rejected_price_is_not_stored(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    assert ledger.price(tick("-1", "12:00:00"), tick("NaN", "12:00:00")) == ["rejected"] * 2

    assert owner.execute(MINUTES).fetchall() == []


def test_the_last_arrival_among_simultaneous_prices_closes_the_bar(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.price(tick("100", "12:00:30"), tick("103", "12:00:30"))
    ledger.price(tick("102", "12:00:30"))

    assert owner.execute(MINUTES).fetchall() == [(D(100), D(103), D(100), D(102))]
    assert owner.execute("SELECT m.mark_price FROM pms.prices m").fetchone() == (D(102),)


def test_the_price_at_a_moment_is_the_newest_before_it(ledger: Ledger, price_at: PriceAt) -> None:
    ledger.price(tick("100", "12:00:10"), tick("105", "12:00:50"), tick("110", "12:02:30"))

    assert price_at("12:00:09") is None
    assert price_at("12:00:10") == (D(100), "history")
    assert price_at("12:00:49") == (D(100), "history")
    assert price_at("12:00:50") == (D(105), "history")
    assert price_at("12:02:29") == (D(105), "history")
    assert price_at("12:02:30") == (D(110), "ticker")
    assert price_at("infinity") == (D(110), "ticker")
    assert price_at("12:02:30", asset="ETHUSDT") is None


def test_a_price_is_not_known_before_it_was_recorded(
    ledger: Ledger, owner: psycopg.Connection[Any], price_at: PriceAt
) -> None:
    before = now(owner)
    ledger.price(tick("100", "12:00:10"), tick("101", "12:02:00"))
    first = now(owner)
    # Late ones: a new close of the first minute, a minute between, and a new mark.
    ledger.price(tick("104", "12:00:50"), tick("105", "12:01:00"), tick("106", "12:02:30"))

    assert price_at("12:03:00", before) is None
    assert price_at("12:03:00", first) == (D(101), "history")
    assert price_at("12:01:30", first) == (D(100), "history")
    assert price_at("12:00:55", first) == (D(100), "history")
    assert price_at("12:00:55", now(owner)) == (D(104), "history")
    assert price_at("12:01:30", now(owner)) == (D(105), "history")
    assert price_at("12:03:00", now(owner)) == (D(106), "ticker")


def test_a_merged_bar_preserves_former_knowledge(
    ledger: Ledger, owner: psycopg.Connection[Any], price_at: PriceAt
) -> None:
    ledger.price(tick("100", "12:00:10"), tick("101", "12:00:50"), tick("102", "12:02:00"))
    known = now(owner)
    # One raises the high, one becomes the open: the close is unchanged.
    ledger.price(tick("130", "12:00:20"), tick("99", "12:00:05"))

    assert price_at("12:01:00", known) == (D(101), "history")
    assert price_at("12:00:30") == (D(99), "history")


moments = st.integers(0, 299).map(lambda second: NOON + timedelta(seconds=second))
batches = st.lists(
    st.lists(st.tuples(moments, st.integers(1, 50)), min_size=1, max_size=8),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=sized(100, 1000),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sent=batches)
def test_history_and_newest_price_agree(
    sent: list[list[tuple[datetime, int]]],
    ledger: Ledger,
    owner: psycopg.Connection[Any],
    price_at: PriceAt,
) -> None:
    owner.execute("UPDATE pms.settings SET price_jump_limit = 0")
    asset = f"A{next(ASSET_NUMBERS)}USDT"
    newest: dict[datetime, D] = {}
    for batch in sent:
        # One price per moment: which of several replaces the others depends on the outcome.
        fresh = {moment: D(price) for moment, price in batch if moment not in newest}
        ledger.price(*(ticker(str(price), at.isoformat(), asset) for at, price in fresh.items()))
        newest |= fresh
        rows = owner.execute(f"{NEWEST} WHERE m.asset = %s", [asset]).fetchall()
        latest = max(newest)
        assert rows == [(newest[latest], latest, newest[latest], latest)]

    for minute in range(-1, 6):
        at = NOON + timedelta(minutes=minute, seconds=59)
        known = [moment for moment in newest if moment <= at]
        found = price_at(at, asset=asset)
        assert (found and found[0]) == (newest[max(known)] if known else None)


@pytest.mark.usefixtures("fresh_database")
def test_the_price_at_a_moment_is_found_by_index(
    owner: psycopg.Connection[Any],
) -> None:
    owner.execute("""
        INSERT INTO pms.price_bars
        SELECT 'A' || a, t, 1, t, t, 1, 1, 1, t, t
        FROM generate_series(1, 20) a
        CROSS JOIN generate_series(
            timestamptz '2025-01-01', '2025-01-07', '1 minute'
        ) t
    """)
    owner.execute("ANALYZE pms.price_bars")
    rows = owner.execute("SELECT count(*) / 20 FROM pms.price_bars").fetchone()
    assert rows == (8641,)

    for at, known_at, pages in [
        # One page of them is of the conversions, which the asset has none of.
        ("2025-01-05", "infinity", 13),
        ("infinity", "infinity", 13),
        ("2025-01-05", "2025-01-05", 13),
        # A day of prices is looked through: they might be dated ahead.
        ("2025-01-07", "2025-01-02", 60),
    ]:
        found = owner.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
            " SELECT * FROM pms.price_at('A7', %s::timestamptz, %s::timestamptz)".replace(
                "%s", "{}"
            ).format(f"'{at}'", f"'{known_at}'")
        ).fetchone()
        assert found is not None
        plan = found[0][0]["Plan"]
        assert "price_bars_pkey" in json.dumps(plan)
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= pages, (at, known_at)


def test_a_rate_is_the_mark_price_against_usdt(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.define("NEGUSDT", allows_negative_price=True)
    ledger.price(
        tick("100", "12:00:00"), tick("150", "12:01:00"), tick("3", "12:00:00", "BTCETH"),
        tick("-1", "12:00:00", "NEGUSDT"), tick("5", "12:00:00", "USDTUSDT"),
    )  # fmt: skip

    def rate(currency: str, at: str, known_at: str = "infinity") -> D | None:
        row = owner.execute(
            "SELECT pms.rate_at(%s, %s, %s)", [currency, f"{DAY}{at}Z", known_at]
        ).fetchone()
        assert row is not None
        found: D | None = row[0]
        return found

    assert rate("USDT", "12:00:00") == D(1)
    assert rate("BTC", "12:00:59") == D(100)
    assert rate("BTC", "12:01:00") == D(150)
    assert rate("BTC", "12:01:00", "2026-01-01") is None
    assert rate("ETH", "12:01:00") is None
    # A zero or negative price gives no rate.
    assert rate("NEG", "12:01:00") is None


def test_current_rates_equal_rate_at_now(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    ledger.define("NEGUSDT", allows_negative_price=True)
    ledger.price(
        tick("100", "12:00:00"), tick("2", "12:00:00", "ETHUSDT"), tick("3", "12:00:00", "BTCETH"),
        tick("-1", "12:00:00", "NEGUSDT"), tick("5", "12:00:00", "USDTUSDT"),
        tick("7", "12:00:00", "USDT"),
    )  # fmt: skip

    rates = owner.execute("""
        SELECT r.currency, r.rate, pms.rate_at(r.currency), r.priced_at IS NULL
        FROM pms.usdt_rates r
        ORDER BY r.currency
    """).fetchall()

    assert rates == [
        ("BTC", D(100), D(100), False),
        ("ETH", D(2), D(2), False),
        ("USDT", D(1), D(1), True),
    ]


def test_expired_prices_are_purged_except_the_newest(
    ledger: Ledger, owner: psycopg.Connection[Any], price_at: PriceAt
) -> None:
    owner.execute("SELECT pms.load_settings('{\"price_retention_days\": 2}')")
    today = now(owner)
    kept, gone = today - timedelta(days=1, hours=23), today - timedelta(days=2, minutes=2)
    ledger.price(*(ticker(price, at.isoformat()) for price, at in [("1", gone), ("1.5", kept)]))
    ledger.price(ticker("3", gone.isoformat(), "ETHUSDT"))

    row = owner.execute("SELECT (pms.purge_price_bars()).done").fetchone()

    assert row is not None
    assert row[0].startswith("2 minutes of prices from before ")
    assert price_at(kept - timedelta(seconds=1)) is None
    assert price_at(kept) == (D("1.5"), "ticker")
    assert price_at(kept, asset="ETHUSDT") == (D(3), "ticker")
    assert owner.execute("SELECT count(*) FROM pms.price_bars").fetchone() == (1,)


def test_writers_of_the_same_bars_do_not_deadlock(
    database: Database, owner: psycopg.Connection[Any]
) -> None:
    assets = ["AAA", "BBB", "CCC"]

    def write(writer: int) -> None:
        with psycopg.connect(database.dsn("pms_worker")) as connection:
            mine = Ledger(connection, connection)
            for place in range(25):
                batch = [
                    tick(str(1000 + writer * 25 + place), f"12:{minute:02}:{place:02}", asset)
                    for asset in assets
                    for minute in range(5)
                ]
                # No two writers send them in the same order.
                turned = batch[writer * 4 :] + batch[: writer * 4]
                mine.price(*(reversed(turned) if place % 2 else turned))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, writer) for writer in range(4)]:
            done.result(timeout=120)

    rows = owner.execute(
        "SELECT h.low_price, h.high_price, count(*) FROM pms.price_bars h GROUP BY 1, 2"
    ).fetchall()
    assert rows == [(D(1000), D(1099), 15)]
