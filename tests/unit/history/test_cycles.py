"""Cycles: a leg from flat to flat, and its result."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.account_harness import Book
from tests.helpers.adjustments import adjust
from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.messages import at, bust, buy, funding, sell

ALWAYS = {"from_time": "-infinity"}
MONEY = ("realized", "fees_paid", "funding", "net_pnl")
FLOWS = """
    SELECT coalesce(sum(f.realized), 0), coalesce(sum(f.fees), 0), coalesce(sum(f.funding), 0)
    FROM pms.round_trip_flows(
        ARRAY[('main', 'BTCUSDT', 'one-way', 'net')::pms.leg_key], '-infinity', 'infinity'
    ) f
"""
PRICES_READ = """
    SELECT t.seq_tup_read + t.idx_tup_fetch
    FROM pg_stat_xact_user_tables t
    WHERE t.relid = 'pms.price_bars'::regclass
"""


def money(cycle: Row) -> tuple[Any, ...]:
    return tuple(cycle[name] for name in MONEY)


def excursions(cycle: Row) -> tuple[Any, ...]:
    return cycle["mae"], cycle["mfe"], cycle["price_minutes"]


def test_a_cycle_is_a_leg_from_flat_to_flat(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "1", "100", 1, fee="1"),
        buy("b", "3", "120", 2, fee="3"),
        sell("c", "2", "130", 10, fee="0.5"),
        funding("f", "-7", at(20)),
        sell("d", "2", "110", 91, fee="0.5"),
    )

    [cycle] = analyst.cycles(**ALWAYS)

    assert (cycle["leg"], cycle["direction"], cycle["entries"]) == ("net", "long", 5)
    assert cycle["opened_at"].isoformat() == "2026-01-01T00:01:00+00:00"
    assert cycle["closed_at"].isoformat() == "2026-01-01T01:31:00+00:00"
    assert cycle["duration_minutes"] == 90
    assert (cycle["average_entry_price"], cycle["average_exit_price"]) == (115, 120)
    assert (cycle["peak_size"], cycle["quantity_traded"]) == (4, 8)
    assert cycle["turnover"] == 940
    assert money(cycle) == (20, 5, -7, 8)
    assert excursions(cycle) == (None, None, 0)
    entries = {row["id"]: row["identity"] for row in analyst.explain()}
    assert entries[cycle["opening_entry_id"]] == "execution:a"
    assert entries[cycle["closing_entry_id"]] == "execution:d"


def test_an_open_cycle_is_not_listed(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "2", "100", 1), sell("b", "1", "100", 2))
    assert analyst.cycles(**ALWAYS) == []

    ledger.apply(sell("c", "1", "100", 3))
    assert len(analyst.cycles(**ALWAYS)) == 1


def test_a_flip_closes_one_cycle_opens_the_next_and_splits_its_fee(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.apply(
        buy("a", "1", "100", 1, fee="0.1"),
        sell("b", "3", "110", 2, fee="3"),
        buy("c", "2", "105", 4, fee="0.2"),
    )

    short, long = analyst.cycles(**ALWAYS)

    assert (long["direction"], short["direction"]) == ("long", "short")
    assert long["closed_at"] == short["opened_at"]
    assert long["closing_entry_id"] == short["opening_entry_id"]
    assert (long["entries"], short["entries"]) == (2, 2)
    assert money(long) == (10, D("1.1"), 0, D("8.9"))
    assert money(short) == (10, D("2.2"), 0, D("7.8"))
    assert (long["average_exit_price"], short["average_entry_price"]) == (110, 110)
    assert (long["quantity_traded"], short["quantity_traded"]) == (2, 4)
    assert (long["peak_size"], short["peak_size"]) == (1, 2)


def test_funding_of_a_flat_leg_belongs_to_the_previous_cycle(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.apply(
        funding("early", "0.5", at(0)),
        buy("a", "1", "100", 1),
        sell("b", "1", "100", 2),
        funding("late", "-0.75", at(3)),
        funding("later", "-0.25", at(4)),
        buy("c", "1", "100", 5),
        sell("d", "1", "100", 6),
        funding("last", "-2", at(7)),
    )

    second, first = analyst.cycles(**ALWAYS)
    assert (first["funding"], second["funding"]) == (D("-0.5"), -2)
    # Also when the requested period ends before it arrived.
    [asked] = analyst.cycles(from_time=at(2), to_time=at(2))
    assert asked == first
    [asked] = analyst.cycles(from_time=at(6), to_time=at(6))
    assert asked == second


def test_funding_of_before_the_first_cycle_is_in_it_in_every_period(
    book: Book, analyst: Analyst
) -> None:
    # A checkpoint follows each second entry: one of them a leg that was never open.
    book.ledger.apply(
        funding("a", "1", at(1)), funding("b", "2", at(2)), buy("c", "1", "100", 3),
        sell("d", "1", "100", 9),
    )  # fmt: skip

    [cycle] = analyst.cycles(**ALWAYS)
    assert (cycle["funding"], cycle["entries"]) == (3, 4)
    assert analyst.cycles(from_time=at(5)) == [cycle]


def test_a_cycle_closed_outside_the_period_is_left_out(ledger: Ledger, analyst: Analyst) -> None:
    for number in range(6):
        ledger.apply(
            buy(f"open-{number}", "1", "100", 10 * number),
            sell(f"close-{number}", "1", "101", 10 * number + 5),
        )
    whole = analyst.cycles(**ALWAYS)
    assert [cycle["closed_at"].minute for cycle in whole] == [55, 45, 35, 25, 15, 5]

    assert analyst.cycles(from_time=at(15), to_time=at(35)) == whole[2:5]
    assert analyst.cycles(from_time=at(15, 1), to_time=at(34, 59)) == [whole[3]]
    assert analyst.cycles(to_time=at(35)) == whole[2:]
    assert analyst.cycles() == whole
    asked = ("realized", "fees_paid", "funding", "net_pnl", "closed_at", "entries")
    listed = sorted(analyst.view("cycles"), key=lambda row: row["closed_at"], reverse=True)
    assert [[row[name] for name in asked] for row in listed] == [
        [cycle[name] for name in asked] for cycle in whole
    ]


def test_a_recently_closed_cycle_is_in_the_default_period_over_rest(ledger: Ledger) -> None:
    today = datetime.now(UTC)
    lately = {"at": (today - timedelta(days=29)).isoformat()}
    before = {"at": (today - timedelta(days=31)).isoformat()}
    ledger.apply(buy("a", "1", "100", 0, **before), sell("b", "1", "100", 0, **before))
    ledger.apply(buy("c", "1", "100", 0, **before), sell("d", "1", "101", 0, **lately))

    answer = ledger.call("get_closed_cycles", asset="BTCUSDT")
    assert [cycle["realized"] for cycle in answer["cycles"]] == ["1"]


def test_cycles_reflect_current_knowledge(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "1", "100", 1), sell("b", "1", "110", 2), buy("c", "1", "100", 3),
        sell("d", "1", "130", 4),
    )  # fmt: skip
    assert len(analyst.cycles(**ALWAYS)) == 2

    ledger.apply(bust("b"))
    ledger.apply(sell("e", "1", "120", 5))

    [cycle] = analyst.cycles(**ALWAYS)
    assert (cycle["peak_size"], cycle["realized"], cycle["entries"]) == (2, 50, 4)


def test_each_leg_of_a_hedge_has_its_own_cycles(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "1", "100", 1, mode="hedge", position_side="long"),
        sell("b", "1", "100", 2, mode="hedge", position_side="short"),
        sell("c", "1", "103", 3, mode="hedge", position_side="long"),
        buy("d", "1", "101", 4, mode="hedge", position_side="short"),
    )

    cycles = analyst.cycles(mode="Hedge", **ALWAYS)
    shown = [(each["leg"], each["direction"], each["realized"]) for each in cycles]
    assert shown == [("short", "short", -1), ("long", "long", 3)]


def test_an_adjustment_rebases_an_open_cycle(ledger: Ledger, analyst: Analyst, dsn: str) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    adjust(dsn, at(2), "3", "330")
    ledger.apply(sell("b", "3", "120", 3))

    [cycle] = analyst.cycles(**ALWAYS)
    assert (cycle["average_entry_price"], cycle["average_exit_price"]) == (110, 120)
    assert (cycle["realized"], cycle["entries"], cycle["peak_size"]) == (30, 3, 3)
    assert cycle["quantity_traded"] == 5


def test_an_adjustment_may_close_a_cycle_and_open_another(
    ledger: Ledger, analyst: Analyst, dsn: str
) -> None:
    ledger.apply(buy("a", "2", "100", 1))
    adjust(dsn, at(2), "-1", "-90")
    ledger.apply(buy("b", "1", "80", 3))

    short, long = analyst.cycles(**ALWAYS)
    assert (long["closed_at"], long["realized"]) == (short["opened_at"], 0)
    assert (long["average_entry_price"], long["average_exit_price"]) == (None, None)
    assert (short["average_entry_price"], short["average_exit_price"]) == (90, 80)
    assert (short["realized"], long["quantity_traded"], short["quantity_traded"]) == (10, 2, 1)


# How far it went against us, and for us


def test_excursions_use_the_price_bars(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "2", "100", 1), buy("b", "2", "110", 5), sell("c", "4", "120", 9))
    ledger.price(
        ticker("1", at(0, 59)),
        *(ticker(price, at(3, n)) for n, price in enumerate(("98", "93", "107", "99"))),
        ticker("112", at(6, 30)),
        ticker("104", at(8, 59)),
        ticker("999", at(9)),
    )

    [cycle] = analyst.cycles(**ALWAYS)
    # Two at 93, four at 112 with an average of 105.
    assert excursions(cycle) == (-14, 28, 3)


@pytest.mark.parametrize(("prices", "mae", "mfe"), [(("95", "97"), 0, 5), (("104", "101"), -4, 0)])
def test_excursions_start_at_zero(
    ledger: Ledger, analyst: Analyst, prices: tuple[str, str], mae: int, mfe: int
) -> None:
    ledger.apply(sell("a", "1", "100", 1), buy("b", "1", "90", 9))
    ledger.price(*(ticker(price, at(3 + n)) for n, price in enumerate(prices)))

    [cycle] = analyst.cycles(**ALWAYS)
    assert excursions(cycle) == (mae, mfe, 2)


def test_excursions_include_interim_realized_profit(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("x", "1", "10", 0), sell("y", "1", "60", 0),
        buy("a", "2", "100", 1), sell("b", "1", "130", 5), sell("c", "1", "90", 9),
    )  # fmt: skip
    ledger.price(ticker("95", at(6)))

    [cycle, _] = analyst.cycles(**ALWAYS)
    # 30 realized, 5 lost on the rest.
    assert excursions(cycle) == (0, 25, 1)


def test_a_minute_with_an_entry_counts_its_open_and_close(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "1", "100", 1, at=at(1, 10)), buy("b", "1", "100", 1, at=at(1, 30)),
        sell("c", "2", "100", 2, at=at(2, 20)),
    )  # fmt: skip
    ledger.price(
        # Before it began, at 10 one held, at 40 two.
        ticker("500", at(1, 5)), ticker("90", at(1, 20)), ticker("107", at(1, 40)),
        # At 10 two, at 50 none.
        ticker("104", at(2, 10)), ticker("1", at(2, 15)), ticker("900", at(2, 50)),
    )  # fmt: skip

    [cycle] = analyst.cycles(**ALWAYS)
    assert excursions(cycle) == (0, 14, 2)


@pytest.mark.parametrize(
    ("side", "mae", "mfe"), [("long", "-0.25", "0.2"), ("short", "-0.2", "0.25")]
)
def test_excursions_of_an_inverse_contract_are_in_the_coin(
    ledger: Ledger, analyst: Analyst, side: str, mae: str, mfe: str
) -> None:
    ledger.define("BTCUSD", kind="inverse", multiplier=100, settlement_currency="BTC")
    opens, closes = (buy, sell) if side == "long" else (sell, buy)
    ledger.apply(
        opens("a", "1", "100", 1, asset="BTCUSD"), closes("b", "1", "100", 9, asset="BTCUSD")
    )
    ledger.price(
        ticker("80", at(3), "BTCUSD"), ticker("100", at(3, 30), "BTCUSD"),
        ticker("125", at(4), "BTCUSD"),
    )  # fmt: skip

    [cycle] = analyst.cycles("BTCUSD", **ALWAYS)
    assert excursions(cycle) == (D(mae), D(mfe), 2)
    assert cycle["settlement_currency"] == "BTC"
    assert (cycle["average_entry_price"], cycle["average_exit_price"]) == (100, 100)


# Bounds


@pytest.mark.usefixtures("fresh_database")
def test_replay_starts_where_the_oldest_cycle_opened(
    ledger: Ledger, analyst: Analyst, dsn: str
) -> None:
    for batch in range(20):
        ledger.apply(*(buy(f"{batch}-{n}", "1", "100", batch * 60 + n) for n in range(50)))
    ledger.apply(sell("flat", "1000", "100", 20 * 60), buy("last", "1", "100", 20 * 60 + 1))
    ledger.apply(sell("end", "1", "100", 20 * 60 + 2))
    with psycopg.connect(dsn) as conn:
        # As autovacuum does sooner or later.
        conn.execute("ANALYZE pms.entries")
        [cycle] = Analyst(conn).cycles(from_time=at(20 * 60 + 2))
        [[read]] = conn.execute(
            """
            SELECT t.seq_tup_read + t.idx_tup_fetch
            FROM pg_stat_xact_user_tables t
            WHERE t.relid = 'pms.entries'::regclass
            """
        ).fetchall()

    assert cycle["entries"] == 2
    # Twice from the checkpoint before, and the kind of each.
    assert read < 3 * (256 + 50)


def test_statistics_of_cycles_read_no_prices(ledger: Ledger, dsn: str) -> None:
    for minute in range(5):
        ledger.price(ticker(f"10{minute}", at(minute)))
    ledger.apply(buy("a", "1", "100", 1), sell("b", "1", "110", 4))

    with psycopg.connect(dsn) as conn:
        [row] = conn.execute("SELECT s.trades FROM api.trade_statistics() s").fetchall()
        [read] = conn.execute(PRICES_READ).fetchall()
        assert (row, read) == ((1,), (0,))
        Analyst(conn).cycles(**ALWAYS)
        [read] = conn.execute(PRICES_READ).fetchall()
        assert read > (0,)


def test_the_flows_of_all_cycles_add_up_to_the_leg(ledger: Ledger, dsn: str) -> None:
    ledger.apply(
        funding("early", "0.5", at(0)), buy("a", "3", "100", 1, fee="0.7"),
        sell("b", "7", "110", 2, fee="0.3"), funding("f", "-2", at(3)),
        buy("c", "1", "90", 4, fee="0.2"),
    )  # fmt: skip

    held = ledger.position()
    with psycopg.connect(dsn) as conn:
        [[realized, fees, received]] = conn.execute(FLOWS).fetchall()
    assert (fees, received) == (held["fees_paid"], held["funding"]) == (D("1.2"), D("-1.5"))
    assert realized == 30 + 20


@pytest.mark.parametrize("mode", ["net", None])
def test_an_unknown_mode_is_refused(analyst: Analyst, mode: str | None) -> None:
    with pytest.raises(psycopg.Error, match=r"^unknown mode\n") as refused:
        analyst.cycles(mode=mode)

    assert refused.value.sqlstate == "PT400"


def test_a_position_never_held_has_no_cycles(analyst: Analyst) -> None:
    assert analyst.cycles("NEVERUSDT", **ALWAYS) == []
