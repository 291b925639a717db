"""The views of restatements and conflicts."""

from __future__ import annotations

from tests.helpers.analyst import Analyst
from tests.helpers.ledger import Ledger
from tests.helpers.messages import bust, buy, correction, sell


def test_a_restatement_shows_the_change_and_its_cause(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1), sell("b", "1", "120", 5, fee="2"))
    assert analyst.view("restatements") == []

    ledger.apply(buy("late", "1", "110", 2))
    ledger.apply(bust("late"))
    ledger.apply(correction("b", execution_price="125"))

    rows = sorted(analyst.view("restatements"), key=lambda row: row["id"])
    assert [
        (row["cause"], row["realized_pnl_before"], row["realized_pnl_after"]) for row in rows
    ] == [("late", 18, 13), ("bust", 13, 18), ("correction", 18, 23)]
    assert [row["realized_pnl_change"] for row in rows] == [-5, 5, 5]
    assert [row["earliest_at"].minute for row in rows] == [2, 2, 5]
    late = rows[0]
    assert (late["account"], late["asset"], late["mode"], late["leg"]) == (
        "main", "BTCUSDT", "one-way", "net",
    )  # fmt: skip
    assert (late["settlement_currency"], late["trace_id"]) == ("USDT", "trace-late")
    recorded = {row["identity"]: row["recorded_at"] for row in analyst.explain()}
    assert late["recorded_at"] == recorded["execution:late"]


def test_a_conflict_shows_both_versions(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1))
    other = buy("a", "2", "100", 1)

    assert ledger.apply(other) == ledger.apply(other | {"trace_id": "again"}) == ["rejected"]

    [conflict] = analyst.view("conflicts")
    assert (conflict["account"], conflict["identity"]) == ("main", "execution:a")
    assert conflict["recorded"]["quantity"] == 1
    assert conflict["received"]["execution_quantity"] == "2"
    assert (conflict["times_seen"], conflict["trace_id"]) == (2, "trace-a")
    assert conflict["first_seen_at"] < conflict["last_seen_at"]


def test_a_conflict_is_decided_by_a_correction(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("a", "2", "100", 1))
    assert len(analyst.view("conflicts", account="main")) == 1
    assert ledger.position()["size"] == 1

    ledger.apply(correction("a", execution_quantity="2"))
    assert ledger.position()["size"] == 2
