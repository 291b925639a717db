"""Corporate actions: entries of their own in every leg of an asset, in all accounts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.analyst import Analyst
from tests.helpers.ledger import Ledger, action, bust, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

pytestmark = pytest.mark.usefixtures("verified")

SPLIT_AT = "2026-01-01T12:00:00Z"
BUY = fill("buy", "Buy", "10", "300", "1", at="2026-01-01T01:00:00Z")
SPLIT = action("split", "split", ratio="10", at=SPLIT_AT)
# After the split, in its units.
SELL = fill("sell", "Sell", "40", "33", "2", at="2026-01-01T13:00:00Z")


def test_a_split_reported_twice_counts_once(ledger: Ledger) -> None:
    ledger.apply(BUY)

    assert ledger.apply(SPLIT, SPLIT) == ["applied", "duplicate"]
    again = {**SPLIT, "trace_id": "another", "ratio": "10:1", "effective_at": 1767268800}
    assert ledger.apply({**again, "effective_at": "2026-01-01T13:00:00+01:00"}) == ["duplicate"]
    other = SPLIT | {"ratio": "2"}
    [(outcome, reason, _)] = ledger.judge("apply_order_events", [other])
    assert (outcome, reason) == ("rejected", "identity_conflict")
    assert ledger.position()["size"] == 100


def test_a_split_concerns_every_account_and_leg(ledger: Ledger) -> None:
    long = {"mode": "hedge", "position_side": "long"}
    ledger.apply(
        BUY,
        fill("other", "Sell", "3", "310", at="2026-01-01T02:00:00Z", account="other"),
        fill("leg", "Buy", "2", "290", at="2026-01-01T03:00:00Z", **long),
        fill("later", "Buy", "7", "30", at="2026-01-01T13:00:00Z", account="later"),
    )

    ledger.apply(SPLIT)

    assert ledger.position()["size"] == 100
    assert ledger.position(account="other")["size"] == -30
    assert ledger.position(mode="hedge")["long_size"] == 20
    # It was opened in the units after the split.
    assert ledger.position(account="later")["size"] == 7


def test_a_late_fill_counts_in_the_units_of_its_time(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(BUY, SPLIT, SELL)

    late = fill("late", "Sell", "5", "360", at="2026-01-01T02:00:00Z")
    assert ledger.apply(late) == ["applied"]

    # 5 @ 360 release 1500 and realize 300; the split makes 50 of the other 5, 40 of them sold.
    held = ledger.position()
    assert (held["size"], held["cost_basis"]) == (10, 300)
    assert held["realized_pnl"] == 300 + (1320 - 1200) - 2
    assert queries.restatements() == [("late", Decimal(118), Decimal(418))]


def test_a_late_fill_of_a_leg_that_had_none_is_split(ledger: Ledger) -> None:
    assert ledger.apply(SPLIT) == ["applied"]
    ledger.apply(SELL)
    assert ledger.position()["size"] == -40

    ledger.apply(BUY)

    assert ledger.position()["size"] == 60
    assert ledger.position()["average_entry_price"] == 30


def test_a_fill_at_the_moment_of_a_split_is_in_new_units_if_it_came_later(ledger: Ledger) -> None:
    at = "2026-01-01T12:00:00Z"
    ledger.apply(action("s", "split", at, ratio="10"))
    ledger.apply(fill("after", "Buy", "10", "30", at=at))
    assert ledger.position()["size"] == Decimal(10)

    # The leg gets an older entry only now.
    ledger.apply(fill("before", "Buy", "1", "300", at="2026-01-01T11:00:00Z"))

    held = ledger.position()
    assert (held["size"], held["cost_basis"]) == (Decimal(20), Decimal(600))


def test_a_fill_at_the_moment_of_a_split_is_in_old_units_if_both_come_together(
    ledger: Ledger,
) -> None:
    at = "2026-01-01T12:00:00Z"
    split = action("s", "split", at, ratio="10")
    ledger.apply(split, fill("f", "Buy", "1", "300", at=at))

    held = ledger.position()
    assert (held["size"], held["cost_basis"]) == (Decimal(10), Decimal(300))


def test_a_busted_split_never_was(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.price(ticker("310", "2026-01-01T03:00:00Z"))
    ledger.apply(BUY, fill("other", "Sell", "3", "310", at="2026-01-01T02:00:00Z", account="other"))
    ledger.apply(SPLIT, SELL)
    assert ledger.position()["current_price"] == 31

    undo = bust(None, identity="action:split")
    assert ledger.apply(undo) == ["applied"]
    assert ledger.apply(undo) == ["duplicate"]

    held = ledger.position()
    # Sold 40 of 10: a flip, with the price in the old units.
    assert (held["size"], held["current_price"]) == (-30, 310)
    assert ledger.position(account="other")["size"] == -3
    assert [cause for cause, _, _ in queries.restatements()] == ["bust", "bust"]
    # Final, and a late fill of before has nothing to be split by.
    assert ledger.apply(SPLIT) == ["duplicate"]
    ledger.apply(fill("late", "Buy", "30", "300", at="2026-01-01T00:30:00Z"))
    assert ledger.position()["size"] == 0


def test_a_bust_may_come_before_its_action(ledger: Ledger) -> None:
    ledger.apply(BUY)

    found = ledger.judge("apply_order_events", [bust(None, identity="action:split"), SPLIT])

    assert [outcome for outcome, _, _ in found] == ["applied", "applied"]
    assert found[0][1] == "pending_action"
    assert ledger.position()["size"] == 10


def test_an_entry_of_an_action_names_it(ledger: Ledger) -> None:
    ledger.apply(BUY, SPLIT)

    assert ledger.apply(bust(None, identity="action:split:net")) == ["applied"]

    assert ledger.position()["size"] == 10
    wrong = {
        "event_type": "trade_corrected", "identity": "action:split", "correction_id": "c",
        "execution_quantity": "1", "timestamp": SPLIT_AT,
    }  # fmt: skip
    [(outcome, reason, _)] = ledger.judge("apply_order_events", [wrong])
    assert (outcome, reason) == ("rejected", "not_amendable")


def test_both_sides_of_a_split_are_what_they_were(ledger: Ledger, analyst: Analyst) -> None:
    ledger.price(ticker("310", "2026-01-01T03:00:00Z"))
    ledger.apply(BUY)
    [before] = analyst.positions("BTCUSDT")
    [(known_at,)] = analyst.conn.execute("SELECT clock_timestamp()").fetchall()
    ledger.apply(SPLIT)
    ledger.price(ticker("32", "2026-01-01T14:00:00Z"))

    def valued(at: str, **asked: object) -> tuple[Any, ...]:
        [held] = analyst.positions("BTCUSDT", at, **asked)
        return held["size"], held["current_price"], held["unrealized_pnl"]

    assert valued("2026-01-01T11:59:59.999999Z") == (10, 310, 100)
    # No tick yet: the last one counts in the new units, and nothing jumps.
    assert valued(SPLIT_AT) == (100, 31, 100)
    assert valued("2026-01-01T13:30:00Z") == (100, 31, 100)
    assert valued("2026-01-01T14:00:00Z") == (100, 32, 200)
    # As it was known before the split was recorded.
    assert valued("2026-01-01T13:30:00Z", known_at=known_at) == (10, 310, 100)
    [known] = analyst.positions("BTCUSDT", known_at=known_at)
    names = ("size", "current_price", "unrealized_pnl", "realized_pnl", "version")
    assert [known[name] for name in names] == [before[name] for name in names]


def test_a_tick_of_before_a_split_values_nothing_after_it(ledger: Ledger) -> None:
    ledger.apply(BUY)
    ledger.price(ticker("310", "2026-01-01T03:00:00Z"))
    ledger.apply(SPLIT)

    assert ledger.price(ticker("320", "2026-01-01T11:00:00Z")) == ["stale"]

    assert ledger.position()["current_price"] == 31
    assert ledger.position()["unrealized_pnl"] == 100


def test_an_explanation_shows_each_action_with_its_effect(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        BUY,
        SPLIT,
        action("income", "distribution", amount="0.5", at="2026-01-01T13:00:00Z"),
        action("contract", "contract", multiplier="2", ratio="1:2", at="2026-01-01T14:00:00Z"),
        action("end", "settlement", price="31", at="2026-01-01T15:00:00Z"),
    )

    names = ("kind", "quantity", "price", "value", "cause", "size_change", "cost_change", "funding")
    shown = [tuple(row[name] for name in names) for row in analyst.explain()]
    assert shown == [
        ("settlement", 0, 31, -3100, None, -50, -3000, 50),
        ("contract", 0, None, 0, "1:2, multiplier 2", -50, 0, 50),
        ("distribution", 0, Decimal("0.5"), 50, None, 0, 0, 50),
        ("split", 0, None, 0, "10:1", 90, 0, 0),
        ("trade", 10, 300, 3000, None, 10, 3000, 0),
    ]
    assert analyst.explain()[0]["realized_pnl"] == 100 + 50
    assert [row["cause"] for row in analyst.view("fills", kind="split")] == ["10:1"]


def test_a_late_fill_changes_what_a_rename_moved(ledger: Ledger, queries: OwnerQueries) -> None:
    rename = action("pol", "rename", to_asset="POLUSDT", asset="MATICUSDT", at=SPLIT_AT)
    onward = action(
        "pol2",
        "rename",
        to_asset="POL2USDT",
        asset="POLUSDT",
        ratio="10",
        at="2026-01-02T00:00:00Z",
    )
    ledger.apply(
        fill("buy", "Buy", "100", "0.5", asset="MATICUSDT", at="2026-01-01T01:00:00Z"),
        rename,
        onward,
    )
    assert ledger.position("POLUSDT")["size"] == 0
    assert ledger.position("POL2USDT")["size"] == 1000

    ledger.apply(fill("late", "Sell", "40", "0.6", asset="MATICUSDT", at="2026-01-01T02:00:00Z"))

    old, mid, new = map(ledger.position, ("MATICUSDT", "POLUSDT", "POL2USDT"))
    assert (old["size"], old["realized_pnl"]) == (0, 4)
    assert (mid["size"], mid["realized_pnl"]) == (0, 0)
    assert (new["size"], new["cost_basis"], new["average_entry_price"]) == (
        600,
        30,
        Decimal("0.05"),
    )
    # Closed again, the gain of the whole is what was paid and received.
    ledger.apply(fill("end", "Sell", "600", "0.06", asset="POL2USDT", at="2026-01-03T00:00:00Z"))
    assert ledger.position("POL2USDT")["realized_pnl"] == 6

    ledger.apply(bust("buy"))
    assert ledger.position("POL2USDT")["size"] == -1000
    assert ledger.position("POL2USDT")["realized_pnl"] == 0
    ledger.apply(bust(None, identity="action:pol"))
    assert ledger.position("MATICUSDT")["size"] == -40
    assert ledger.position("POL2USDT")["size"] == -600


def test_a_rename_continues_the_round_trip(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        fill("buy", "Buy", "100", "0.5", asset="FTMUSDT", at="2026-01-01T01:00:00Z"),
        action("s", "rename", asset="FTMUSDT", to_asset="SUSDT", at=SPLIT_AT),
        fill("sell", "Sell", "100", "0.7", asset="SUSDT", at="2026-01-02T01:00:00Z"),
    )

    [old] = analyst.cycles("FTMUSDT", from_time="-infinity")
    [new] = analyst.cycles("SUSDT", from_time="-infinity")
    assert (old["realized"], old["average_exit_price"]) == (0, Decimal("0.5"))
    assert (new["realized"], new["average_entry_price"]) == (20, Decimal("0.5"))
    assert (new["duration_minutes"], old["duration_minutes"]) == (24 * 60, 11 * 60)


def test_a_rename_that_turns_a_leg_begins_a_round_trip_of_before(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(
        fill("buy", "Buy", "100", "0.5", asset="FTMUSDT", at="2026-01-01T01:00:00Z"),
        fill("short", "Sell", "40", "0.6", asset="SUSDT", at="2026-01-01T02:00:00Z"),
        action("s", "rename", asset="FTMUSDT", to_asset="SUSDT", at=SPLIT_AT),
    )

    held = queries.leg("SUSDT")
    assert (held["size"], held["cost"], held["realized"]) == (60, 30, 4)
    opened_at = queries.value("SELECT p.opened_at FROM pms.positions p WHERE p.asset = 'SUSDT'")
    assert opened_at == datetime.fromisoformat("2026-01-01T01:00:00Z")


def test_late_fills_of_both_assets_of_a_rename_restate_each_once(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    queries.owner.execute(
        "CREATE OR REPLACE FUNCTION pms.checkpoint_spacing() RETURNS integer"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1"
    )
    day = "2026-01-01T{}:00:00Z"
    ledger.apply(
        fill("old", "Buy", "10", "2", asset="FTMUSDT", at=day.format("05")),
        action("s", "rename", asset="FTMUSDT", to_asset="SUSDT", at=SPLIT_AT),
        fill("new", "Sell", "5", "3", asset="SUSDT", at=day.format("13")),
    )

    ledger.apply(
        fill("late-new", "Buy", "1", "2", asset="SUSDT", at=day.format("06")),
        fill("late-old", "Buy", "1", "2", asset="FTMUSDT", at=day.format("04")),
    )

    held = queries.state("SUSDT")
    assert (held["size"], held["cost"], held["realized"]) == tuple(map(Decimal, (7, 14, 5)))
    restated = "SELECT count(*) FROM pms.restatements r WHERE r.asset = 'SUSDT'"
    assert queries.value(restated) == 1


def test_a_fill_that_comes_with_a_contract_change_is_valued_by_its_time(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "3", "100", at="2026-01-01T01:00:00Z"))

    ledger.apply(
        action("c", "contract", at=SPLIT_AT, ratio="1", multiplier="5"),
        fill("b", "Buy", "1", "100", at="2026-01-01T02:00:00Z"),
    )

    assert queries.state()["cost"] == Decimal(400)


def test_contract_changes_of_one_batch_follow_each_other(ledger: Ledger) -> None:
    ledger.apply(fill("a", "Buy", "3", "100", at="2026-01-01T01:00:00Z"))
    ledger.price(ticker("100", "2026-01-01T02:00:00Z"))

    assert ledger.apply(
        action("second", "contract", "2026-01-01T14:00:00Z", ratio="1", multiplier="2"),
        action("first", "contract", "2026-01-01T13:00:00Z", ratio="1", multiplier="5"),
    ) == ["applied", "applied"]

    held = ledger.position()
    assert (held["cost_basis"], held["average_entry_price"]) == (Decimal(300), Decimal(50))
    assert (held["current_price"], held["unrealized_pnl"]) == (Decimal(50), Decimal(0))


def test_lots_and_round_trips_follow_a_split(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        fill("a", "Buy", "4", "300", at="2026-01-01T01:00:00Z"),
        fill("b", "Buy", "6", "310", at="2026-01-01T02:00:00Z"),
        fill("c", "Sell", "1", "320", at="2026-01-01T03:00:00Z"),
        SPLIT,
        fill("d", "Sell", "40", "33", at="2026-01-01T13:00:00Z"),
    )

    lots = analyst.view("fifo_lots", asset="BTCUSDT")
    assert [(lot["quantity"], lot["cost"], lot["price"]) for lot in lots] == [(50, 1550, 31)]
    ledger.apply(fill("e", "Sell", "50", "34", at="2026-01-01T14:00:00Z"))
    [cycle] = analyst.cycles(from_time="-infinity")
    # 100 in for 3060; out 10 @ 32, 40 @ 33 and 50 @ 34 in the units after the split.
    assert (cycle["peak_size"], cycle["quantity_traded"]) == (100, 200)
    assert cycle["average_entry_price"] == Decimal("30.6")
    assert cycle["average_exit_price"] == Decimal("33.4")
    assert cycle["realized"] == 280
