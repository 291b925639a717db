"""Positions and portfolio at any moment, as known at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.helpers.ledger import Ledger, fill, ticker

Row = dict[str, Any]

# Prices are not entries, and reviews have no history.
LIVE_ONLY = {"version", "last_updated", "needs_review", "review_reasons"}
POSITIONS = "SELECT p.* FROM api.positions p ORDER BY p.account, p.asset, p.mode"
PORTFOLIO = """
    SELECT t.* FROM api.portfolio t
    UNION ALL SELECT NULL, t.* FROM api.portfolio_total t
    ORDER BY account
"""
POSITIONS_AS_OF = """
    SELECT p.* FROM api.positions_as_of(%s, %s) p ORDER BY p.account, p.asset, p.mode
"""
PORTFOLIO_AS_OF = """
    WITH asked AS (SELECT %s::timestamptz AS at, %s::timestamptz AS known_at)

    SELECT t.* FROM asked q CROSS JOIN LATERAL api.portfolio_as_of(q.at, q.known_at) t
    UNION ALL SELECT NULL, t.*
    FROM asked q CROSS JOIN LATERAL api.portfolio_total_as_of(q.at, q.known_at) t
    ORDER BY account
"""
PORTFOLIO_NOW = """
    SELECT t.* FROM api.portfolio_as_of() t
    UNION ALL SELECT NULL, t.* FROM api.portfolio_total_as_of() t
    ORDER BY account
"""


@pytest.fixture
def analyst(database: Any) -> Iterator[psycopg.Connection[Row]]:
    with psycopg.connect(
        database.dsn("pms_analyst"), autocommit=True, row_factory=dict_row
    ) as connection:
        yield connection


@pytest.fixture
def held(analyst: psycopg.Connection[Row]) -> Callable[..., dict[str, Row]]:
    """The positions of the account main as of a moment, by asset."""

    def ask(at: str, known_at: str | datetime | None = None) -> dict[str, Row]:
        rows = analyst.execute(
            "SELECT p.* FROM api.positions_as_of(%s, %s, 'main') p", [at, known_at]
        )
        return {row["asset"]: row for row in rows}

    return ask


@dataclass(frozen=True)
class Moment:
    """The published positions and portfolio at a moment."""

    at: datetime
    positions: list[Row]
    portfolio: list[Row]


def reproducible(rows: list[Row]) -> list[Row]:
    """The fields that can be reproduced for a moment."""
    return [{name: row[name] for name in row.keys() - LIVE_ONLY} for row in rows]


def minute(number: int) -> str:
    return f"2026-01-01T00:{number:02}:00Z"


def sizes(rows: dict[str, Row]) -> dict[str, Decimal]:
    return {asset: row["size"] for asset, row in rows.items()}


def test_a_moment_includes_the_entries_up_to_it(
    ledger: Ledger, held: Callable[..., dict[str, Row]]
) -> None:
    ledger.apply(
        fill("a", "buy", "3", "100", at=minute(1)),
        fill("b", "sell", "1", "110", at=minute(3)),
        fill("c", "buy", "1", "50", asset="ETHUSDT", at=minute(4)),
    )

    assert sizes(held("2026-01-01T00:00:59.999999Z")) == {}
    assert sizes(held(minute(1))) == {"BTCUSDT": 3}
    assert sizes(held(minute(2))) == {"BTCUSDT": 3}
    assert sizes(held(minute(3))) == {"BTCUSDT": 2}
    then = held(minute(3))["BTCUSDT"]
    assert (then["realized_pnl"], then["cost_basis"], then["version"]) == (10, 200, 2)
    assert sizes(held(minute(4))) == {"BTCUSDT": 2, "ETHUSDT": 1}


def test_a_late_entry_counts_from_when_it_was_recorded(
    ledger: Ledger, held: Callable[..., dict[str, Row]], analyst: psycopg.Connection[Row]
) -> None:
    ledger.apply(fill("a", "buy", "1", "100", at=minute(5)))
    before = now(analyst)
    ledger.apply(fill("late", "buy", "2", "90", at=minute(1)))

    assert sizes(held(minute(1), before)) == {}
    assert sizes(held(minute(1))) == {"BTCUSDT": 2}
    assert sizes(held(minute(5), before)) == {"BTCUSDT": 1}
    assert sizes(held(minute(5))) == {"BTCUSDT": 3}
    assert held(minute(1))["BTCUSDT"]["version"] == 2


def test_busts_and_corrections_count_from_when_they_were_recorded(
    ledger: Ledger, held: Callable[..., dict[str, Row]], analyst: psycopg.Connection[Row]
) -> None:
    ledger.apply(
        fill("a", "buy", "1", "100", at=minute(1)),
        fill("only", "buy", "1", "100", asset="ETHUSDT", at=minute(1)),
    )
    first = now(analyst)
    ledger.apply(
        {"event_type": "trade_busted", "execution_id": "only", "trace_id": "bust"},
        {
            "event_type": "trade_corrected", "execution_id": "a", "correction_id": "c1",
            "execution_quantity": "4", "timestamp": minute(9), "trace_id": "correct",
        },
    )  # fmt: skip

    assert sizes(held(minute(2), first)) == {"BTCUSDT": 1, "ETHUSDT": 1}
    assert sizes(held(minute(2))) == {"BTCUSDT": 4, "ETHUSDT": 0}
    emptied = held(minute(2))["ETHUSDT"]
    assert (emptied["version"], emptied["net_pnl"], emptied["closed_at"]) == (1, 0, None)
    assert sizes(held("2026-01-01T00:00:00Z")) == {}


def test_prices_and_rates_are_taken_at_the_moment(
    ledger: Ledger, held: Callable[..., dict[str, Row]], analyst: psycopg.Connection[Row]
) -> None:
    ledger.define("COINUSD", kind="inverse", multiplier=100, settlement_currency="BTC")
    ledger.apply(fill("a", "buy", "100", "50000", asset="COINUSD", at=minute(1)))
    ledger.price(ticker("80000", minute(2), "COINUSD"))
    unrated = held(minute(2))["COINUSD"]
    ledger.price(ticker("80000.5", minute(3)))
    before = now(analyst)
    ledger.price(ticker("40000", minute(4), "COINUSD"), ticker("40001", minute(4)))

    assert held(minute(1))["COINUSD"]["price_status"] == "missing"
    assert unrated["exposure_usdt"] is None
    for then in (held(minute(3)), held(minute(9), before)):
        assert then["COINUSD"]["current_price"] == 80000
        assert then["COINUSD"]["unrealized_pnl"] == Decimal("0.075")
        assert then["COINUSD"]["exposure_usdt"] == Decimal("10000.0625")
    assert held(minute(4))["COINUSD"]["exposure_usdt"] == Decimal("10000.25")


def test_holding_time_and_price_age_are_taken_at_the_moment(
    ledger: Ledger, held: Callable[..., dict[str, Row]]
) -> None:
    ledger.apply(fill("a", "buy", "1", "100", at=minute(1)))
    ledger.price(ticker("101", minute(2)))

    assert [
        (held(at)["BTCUSDT"]["time_held_minutes"], held(at)["BTCUSDT"]["price_status"])
        for at in (minute(1), minute(7), "2026-01-01T00:07:00.000001Z")
    ] == [(0, "missing"), (6, "fresh"), (6, "stale")]


def test_a_future_moment_counts_as_now(
    ledger: Ledger, held: Callable[..., dict[str, Row]], analyst: psycopg.Connection[Row]
) -> None:
    ledger.apply(fill("a", "buy", "1", "100", at=now(analyst).isoformat()))
    ledger.price(ticker("101", now(analyst).isoformat()))

    (present,) = analyst.execute(POSITIONS).fetchall()
    assert (present["price_status"], present["time_held_minutes"]) == ("fresh", 0)
    for at, known_at in (("2999-01-01", "2999-01-01"), ("infinity", None), ("2999-01-01", None)):
        assert reproducible([held(at, known_at)["BTCUSDT"]]) == reproducible([present])
    assert reproducible(
        analyst.execute("SELECT * FROM api.positions_as_of()").fetchall()
    ) == reproducible([present])
    assert reproducible(analyst.execute(PORTFOLIO_NOW).fetchall()) == reproducible(
        analyst.execute(PORTFOLIO).fetchall()
    )


def test_an_exposure_share_is_relative_to_the_whole_account(
    ledger: Ledger, analyst: psycopg.Connection[Row]
) -> None:
    ledger.apply(
        fill("a", "buy", "1", "100", at=minute(1)),
        fill("b", "buy", "3", "100", asset="ETHUSDT", at=minute(1)),
        fill("c", "buy", "7", "100", asset="ETHUSDT", at=minute(1), account="other"),
    )
    ledger.price(ticker("100", minute(1)), ticker("100", minute(1), "ETHUSDT"))

    shares = analyst.execute(
        "SELECT p.account, p.position_size_norm AS share"
        " FROM api.positions_as_of(%s, asset => 'ethusdt') p ORDER BY p.account",
        [minute(2)],
    ).fetchall()
    assert shares == [
        {"account": "main", "share": Decimal("0.75")},
        {"account": "other", "share": 1},
    ]
    of_one = analyst.execute(
        "SELECT p.account, p.asset FROM api.positions_as_of(%s, account => 'other') p", [minute(2)]
    )
    assert of_one.fetchall() == [{"account": "other", "asset": "ETHUSDT"}]
    (total,) = analyst.execute(
        "SELECT t.account, t.exposure_usdt AS total"
        " FROM api.portfolio_as_of(%s, account => 'other') t",
        [minute(2)],
    ).fetchall()
    assert total == {"account": "other", "total": 700}


def test_unconverted_fees_are_counted_as_known_at_the_moment(
    ledger: Ledger, held: Callable[..., dict[str, Row]], analyst: psycopg.Connection[Row]
) -> None:
    foreign = {"fee_currency": "BNB"}
    ledger.apply(
        fill("a", "buy", "1", "100", "0.5", at=minute(1), **foreign),
        fill("b", "buy", "1", "100", "0.5", at=minute(3), **foreign),
    )
    before = now(analyst)
    assert ledger.position()["unconverted_fees"] == 2
    # A correction replaces the fill and its fee; a flagged fill that is busted no longer counts.
    ledger.apply(
        {"event_type": "trade_busted", "execution_id": "a", "trace_id": "bust"},
        {
            "event_type": "trade_corrected", "execution_id": "b", "correction_id": "c",
            "execution_price": "101", "timestamp": minute(9), "trace_id": "correct",
        },
        fill("c", "buy", "1", "100", "0.5", at=minute(2), **foreign),
        {"event_type": "trade_busted", "execution_id": "c", "trace_id": "bust"},
        fill("d", "buy", "1", "100", "0.5", at=minute(2)),
        {"event_type": "trade_busted", "execution_id": "d", "trace_id": "bust"},
    )  # fmt: skip

    assert held(minute(2), before)["BTCUSDT"]["unconverted_fees"] == 1
    assert held(minute(3), before)["BTCUSDT"]["unconverted_fees"] == 2
    assert held(minute(3))["BTCUSDT"]["unconverted_fees"] == 1
    assert held(minute(2))["BTCUSDT"]["unconverted_fees"] == 0
    assert ledger.position()["unconverted_fees"] == 1
    for totals in (PORTFOLIO, PORTFOLIO_NOW):
        assert [row["unconverted_fees"] for row in analyst.execute(totals)] == [1, 1]


def test_the_last_snapshot_is_the_last_one_at_the_moment(
    ledger: Ledger, held: Callable[..., dict[str, Row]], analyst: psycopg.Connection[Row]
) -> None:
    ledger.apply(fill("a", "buy", "1", "100", at=minute(1)))
    unseen = now(analyst)
    ledger.operator.execute("SELECT api.create_snapshot('BTCUSDT')")
    ledger.operator.commit()
    taken = ledger.position()["last_snapshot_at"]
    before = now(analyst)
    ledger.operator.execute("SELECT api.create_snapshot('BTCUSDT')")
    ledger.operator.commit()

    assert [
        held(minute(1), known_at)["BTCUSDT"]["last_snapshot_at"]
        for known_at in (unseen, before, None)
    ] == [None, taken, ledger.position()["last_snapshot_at"]]


def now(connection: psycopg.Connection[Row]) -> datetime:
    row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
    assert row is not None
    at: datetime = row["now"]
    return at


def taken(connection: psycopg.Connection[Row]) -> Moment:
    """The published positions and portfolio now, read in one transaction."""
    with connection.transaction():
        row = connection.execute("SELECT now() AS at").fetchone()
        assert row is not None
        return Moment(
            row["at"],
            connection.execute(POSITIONS).fetchall(),
            connection.execute(PORTFOLIO).fetchall(),
        )


def test_every_moment_can_be_reproduced(ledger: Ledger, analyst: psycopg.Connection[Row]) -> None:
    ledger.define("COINUSD", kind="inverse", multiplier=100, settlement_currency="BTC")
    coin = {"asset": "COINUSD"}
    hedge = {"asset": "TWOUSDT", "mode": "hedge"}
    steps: list[Callable[[], list[str]]] = [
        lambda: ledger.apply(
            fill("a", "buy", "0.5", "50000", "12.5", at=minute(1)),
            fill("b", "sell", "2", "3000", "1", asset="ETHUSDT", at=minute(1)),
            fill("c", "buy", "100", "50000", "0.001", at=minute(2), **coin),
        ),
        lambda: ledger.price(ticker("51000", minute(3)), ticker("2900", minute(3), "ETHUSDT")),
        lambda: ledger.apply(
            fill("d", "buy", "3", "10", at=minute(4), position_side="long", **hedge),
            fill("e", "sell", "1", "11", at=minute(4), position_side="short", **hedge),
            fill("f", "buy", "1", "51000", at=minute(4), account="other"),
            fill("g", "buy", "1", "9", "2", asset="DARKUSDT", at=minute(4), fee_currency="BNB"),
        ),
        lambda: ledger.price(ticker("52000", minute(5), "COINUSD"), ticker("53000", minute(5))),
        # It crosses zero.
        lambda: ledger.apply(
            fill("h", "sell", "7", "12", at=minute(6), position_side="long", **hedge)
        ),
        lambda: ledger.apply(
            {
                "event_type": "funding", "asset": "BTCUSDT", "mode": "one-way", "account": "main",
                "amount": "-3.25", "funding_id": "f1", "executed_at": minute(6), "trace_id": "t",
            }
        ),
        lambda: ledger.price(ticker("12.5", minute(7), "TWOUSDT")),
        # Late: before everything.
        lambda: ledger.apply(fill("i", "sell", "0.7", "49000", "3", at=minute(0))),
        lambda: ledger.apply(
            {"event_type": "trade_busted", "execution_id": "g", "trace_id": "t"},
            {
                "event_type": "trade_corrected", "execution_id": "b", "correction_id": "x",
                "execution_price": "3100", "timestamp": minute(9), "trace_id": "t",
            },
        ),
        lambda: ledger.apply(fill("j", "sell", "100", "52500", "0.002", at=minute(8), **coin)),
        lambda: ledger.price(ticker("40000", minute(9)), ticker("1", minute(9), "DARKUSDT")),
    ]  # fmt: skip
    moments = [taken(analyst)]
    for step in steps:
        assert set(step()) == {"applied"}
        moments.append(taken(analyst))

    assert [row["complete"] for row in moments[-1].portfolio] == [True, True, True]
    assert len({str(reproducible(moment.portfolio)) for moment in moments}) == len(moments)
    for number, moment in enumerate(moments):
        asked = [moment.at, moment.at]
        positions = analyst.execute(POSITIONS_AS_OF, asked).fetchall()
        portfolio = analyst.execute(PORTFOLIO_AS_OF, asked).fetchall()
        assert (number, reproducible(positions)) == (number, reproducible(moment.positions))
        assert (number, reproducible(portfolio)) == (number, reproducible(moment.portfolio))
