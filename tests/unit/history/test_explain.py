"""Explanation: the entries of a position, with its legs after each."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger
from tests.helpers.messages import at, bust, buy, correction, funding, sell

STATE = ("size", "average_entry_price", "cost", "realized", "realized_pnl", "fees_paid", "funding")
READ = """
    SELECT sum(t.seq_tup_read + t.idx_tup_fetch)
    FROM pg_stat_xact_user_tables t
    WHERE t.relid IN (SELECT p.relid FROM pg_partition_tree('pms.entries') p)
"""


def names(rows: list[Row]) -> list[str]:
    return [row["identity"].split(":")[1] for row in rows]


def state(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in STATE)


def test_each_entry_shows_the_leg_after_it(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "2", "100", 1, fee="1"),
        sell("b", "1", "130", 2, fee="0.5"),
        funding("f", "-3", at(3)),
        sell("c", "3", "80", 4, fee="0.9"),
        buy("d", "2", "80", 5),
    )

    rows = analyst.explain()

    assert names(rows) == ["d", "c", "BTCUSDT", "b", "a"]
    assert [state(row) for row in reversed(rows)] == [
        (2, 100, 200, 0, 0, 1, 0),
        (1, 100, 100, 30, D("29.5"), D("1.5"), 0),
        (1, 100, 100, 30, D("26.5"), D("1.5"), -3),
        # A flip: a third of its fee closes.
        (-2, 80, -160, 10, D("6.2"), D("2.4"), -3),
        (0, None, 0, 10, D("6.2"), D("2.4"), -3),
    ]


def test_an_entry_is_shown_as_recorded_in_the_ledger(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(sell("a", "2", "100.50", 1, fee="-0.25"), funding("f", "4", at(2)))

    paid, sold = analyst.explain("btcusdt", mode="One-Way")
    assert {name: sold[name] for name in list(sold)[:12]} == {
        "id": sold["id"], "leg": "net", "kind": "trade", "side": "sell", "quantity": -2,
        "price": D("100.5"), "value": -201, "amount": None, "fee": D("-0.25"),
        "fee_native": None, "fee_currency": "USDT", "fee_rate": None,
    }  # fmt: skip
    assert (sold["order_id"], sold["source"], sold["trace_id"]) == (
        "order-a", "order_execution", "trace-a",
    )  # fmt: skip
    assert sold["executed_at"].isoformat() == "2026-01-01T00:01:00+00:00"
    assert sold["recorded_at"] == paid["recorded_at"]
    assert (sold["version"], paid["version"]) == (1, 2)
    assert (paid["kind"], paid["side"], paid["price"]) == ("funding", None, None)
    assert (paid["value"], paid["amount"]) == (4, 4)
    assert {row[name] for row in (sold, paid) for name in ("voided_by", "amends")} == {None}
    assert (sold["is_voided"], paid["is_voided"]) == (False, False)


def test_a_late_entry_is_listed_at_its_event_time(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1), sell("c", "1", "120", 3))
    ledger.apply(buy("b", "1", "110", 2))

    rows = analyst.explain()

    assert names(rows) == ["c", "b", "a"]
    assert [row["version"] for row in rows] == [2, 3, 1]
    assert [(row["size"], row["realized"]) for row in rows] == [(1, 15), (2, 0), (1, 0)]


def test_a_busted_entry_is_listed_in_place_without_effect(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("b", "5", "999", 2), sell("c", "1", "120", 3))
    ledger.apply(bust("b"))

    after, busted, before = analyst.explain()

    assert (busted["is_voided"], busted["voided_by"]) == (True, "bust")
    assert busted["amendment"] == "bust:execution:b"
    assert busted["voided_at"] > busted["recorded_at"]
    assert (busted["quantity"], busted["value"]) == (5, 4995)
    assert state(busted) == state(before) == (1, 100, 100, 0, 0, 0, 0)
    assert (after["size"], after["realized"], after["is_voided"]) == (0, 20, False)


def test_a_leg_with_only_voided_entries_is_always_flat(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1))
    ledger.apply(bust("a"))

    [busted] = analyst.explain()
    assert state(busted) == (0, None, 0, 0, 0, 0, 0)


def test_a_correction_replaces_the_entry_it_amends(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1), sell("b", "1", "150", 2))
    ledger.apply(correction("b", execution_price="140"))

    corrected, wrong, bought = analyst.explain()

    assert (wrong["voided_by"], wrong["amendment"]) == ("correction", "correction:b-1")
    assert state(wrong) == state(bought)
    assert (corrected["identity"], corrected["amends"]) == ("correction:b-1", "execution:b")
    assert (corrected["price"], corrected["realized"]) == (140, 40)


def test_legs_of_a_hedge_are_merged_by_time_with_separate_states(
    ledger: Ledger, analyst: Analyst
) -> None:
    hedge = {"mode": "hedge"}
    ledger.apply(
        buy("a", "1", "100", 1, **hedge, position_side="long"),
        sell("b", "4", "90", 2, **hedge, position_side="short"),
        buy("c", "1", "110", 3, **hedge, position_side="long"),
        buy("d", "1", "95", 4, **hedge, position_side="short"),
    )

    rows = analyst.explain(mode="hedge")

    assert [(row["leg"], row["size"], row["average_entry_price"]) for row in rows] == [
        ("short", -3, 90), ("long", 2, 105), ("short", -4, 90), ("long", 1, 100),
    ]  # fmt: skip
    assert rows[0]["realized"] == -5
    assert analyst.explain() == []


def test_pages_add_up_to_the_whole(ledger: Ledger, analyst: Analyst) -> None:
    # Many at one time: the order of arrival decides.
    for batch in range(5):
        ledger.apply(*(buy(f"{batch}-{n}", "1", f"{100 + n}", 5 - batch) for n in range(7)))
    ledger.apply(bust("2-3"), bust("4-0"), bust("0-6"))
    whole = analyst.explain()
    assert len(whole) == 35
    order = [(row["executed_at"], row["id"]) for row in whole]
    assert order == sorted(order, reverse=True)

    for size in (1, 3, 7, 34, 35):
        joined = page = analyst.explain(page_limit=size)
        while len(page) == size and len(joined) <= len(whole):
            page = analyst.explain(page_limit=size, before=page[-1]["id"])
            joined = joined + page
        assert joined == whole


def test_accounts_are_explained_separately(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("b", "2", "100", 1, account="other"))

    [mine], [other] = analyst.explain(), analyst.explain(account="other")
    assert (mine["size"], other["size"]) == (1, 2)
    assert analyst.explain(account="nobody") == analyst.explain("NEVERUSDT") == []


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("checkpointed", [False, True])
def test_a_page_costs_no_more_in_a_long_history(
    ledger: Ledger, dsn: str, checkpointed: bool
) -> None:
    for batch in range(20):
        ledger.apply(
            *(buy(f"{batch}-{n}", "1", "100", batch * 60 + n) for n in range(50 if batch else 20))
        )
    with psycopg.connect(dsn) as conn:
        if not checkpointed:
            conn.execute("DELETE FROM pms.checkpoints")
        # As autovacuum does sooner or later.
        conn.execute("ANALYZE pms.entries")
        conn.execute("SELECT count(*) FROM api.position_entries('BTCUSDT', page_limit => 10)")
        [[read]] = conn.execute(READ).fetchall()

    # From the checkpoint before the page: there is one about every 256 entries.
    assert read < 256 + 50 + 2 * 10 if checkpointed else read > 900


@pytest.mark.parametrize(
    ("asked", "sqlstate", "message"),
    [
        ({"mode": "net"}, "PT400", "unknown mode"),
        ({"mode": None}, "PT400", "unknown mode"),
        ({"page_limit": 0}, "PT400", "page_limit out of range"),
        ({"before": 999_999}, "PT404", "no such entry"),
    ],
)
def test_an_out_of_range_value_is_refused(
    analyst: Analyst, asked: dict[str, object], sqlstate: str, message: str
) -> None:
    with pytest.raises(psycopg.Error, match=f"^{message}\n") as refused:
        analyst.explain(**asked)

    assert refused.value.sqlstate == sqlstate


def test_a_page_starts_only_at_an_entry_of_the_same_position(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("b", "1", "100", 1, asset="ETHUSDT"))
    [other] = analyst.explain("ETHUSDT")

    with pytest.raises(psycopg.Error, match=r"^no such entry\n"):
        analyst.explain(before=other["id"])
