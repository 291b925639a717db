"""Cash of accounts: recorded once, undone by opposite entries, a sum as of any moment."""

from __future__ import annotations

import threading
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, fill, funding, ticker

NEW_YEAR = "2026-01-01T00:00:00Z"
DEPOSIT = {
    "cash_id": "d1", "kind": "deposit", "currency": "USDT", "amount": "1000",
    "effective_at": NEW_YEAR,
}  # fmt: skip
TRANSFER = {
    "transfer_id": "t1", "currency": "USDT", "amount": "300", "from_account": "main",
    "to_account": "other", "effective_at": "2026-01-02T00:00:00Z",
}  # fmt: skip


def record(ledger: Ledger, **fields: object) -> dict[str, Any]:
    return ledger.call("record_cash", **DEPOSIT | fields)


def transfer(ledger: Ledger, **fields: object) -> dict[str, Any]:
    return ledger.call("transfer_cash", **TRANSFER | fields)


def balances(analyst: Analyst, **asked: object) -> dict[tuple[str, str], D]:
    rows = analyst._call("cash_balances_as_of", **asked) if asked else analyst.view("cash_balances")
    return {(row["account"], row["currency"]): row["balance"] for row in rows}


def row_of(analyst: Analyst, account: str, currency: str = "USDT") -> Row:
    [row] = analyst.view("cash_balances", account=account, currency=currency)
    return row


def test_a_deposit_counts_once(ledger: Ledger, analyst: Analyst) -> None:
    assert record(ledger)["outcome"] == "applied"
    assert record(ledger)["outcome"] == "duplicate"
    assert record(ledger, kind="Deposit", currency="usdt", amount="1000.00")["outcome"] == (
        "duplicate"
    )
    assert balances(analyst) == {("main", "USDT"): 1000}


def test_without_a_moment_it_counts_from_now_on_and_the_repeat_is_a_duplicate(
    ledger: Ledger, analyst: Analyst
) -> None:
    outcomes = [record(ledger, effective_at=None)["outcome"] for _ in range(2)]
    assert outcomes == ["applied", "duplicate"]
    [entry] = analyst.view("cash_entries")
    assert entry["effective_at"] == entry["recorded_at"]


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "1001"},
        {"currency": "EUR"},
        {"kind": "interest"},
        {"effective_at": "2026-01-01T00:00:01Z"},
    ],
    ids=str,
)
def test_other_content_under_a_known_id_is_a_conflict(
    other: dict[str, str], ledger: Ledger, analyst: Analyst
) -> None:
    record(ledger)
    refused = record(ledger, **other)
    assert refused["error_code"] == "CONFLICT"
    assert refused["details"]["identity"] == "cash:d1"
    assert balances(analyst) == {("main", "USDT"): 1000}


def test_an_id_is_that_of_its_account(ledger: Ledger, analyst: Analyst) -> None:
    record(ledger)
    assert record(ledger, account="other", amount="5")["outcome"] == "applied"
    assert balances(analyst) == {("main", "USDT"): 1000, ("other", "USDT"): 5}


def test_interest_may_be_paid_and_a_balance_may_fall_below_zero(
    ledger: Ledger, analyst: Analyst
) -> None:
    record(ledger)
    record(ledger, cash_id="w1", kind="withdrawal", amount="1200")
    record(ledger, cash_id="i1", kind="interest", amount="-0.000000000000000001")
    assert balances(analyst) == {("main", "USDT"): D("-200.000000000000000001")}


def test_a_transfer_moves_cash_by_two_linked_entries_once(ledger: Ledger, analyst: Analyst) -> None:
    record(ledger)
    assert [transfer(ledger)["outcome"] for _ in range(2)] == ["applied", "duplicate"]
    assert balances(analyst) == {("main", "USDT"): 700, ("other", "USDT"): 300}
    entries = analyst.view("cash_entries", kind="transfer")
    assert sorted((e["account"], e["counter_account"], e["amount"]) for e in entries) == [
        ("main", "other", -300), ("other", "main", 300),
    ]  # fmt: skip
    assert {e["identity"] for e in entries} == {"transfer:t1"}


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "301"},
        {"to_account": "third"},
        # The way back under the same id, and one that only shares an account.
        {"from_account": "other", "to_account": "main"},
        {"from_account": "third"},
    ],
    ids=str,
)
def test_another_transfer_under_a_known_id_is_a_conflict_and_moves_nothing(
    other: dict[str, str], ledger: Ledger, analyst: Analyst
) -> None:
    transfer(ledger)
    assert transfer(ledger, **other)["error_code"] == "CONFLICT"
    assert balances(analyst) == {("main", "USDT"): -300, ("other", "USDT"): 300}


def test_a_bust_undoes_an_entry_for_good(ledger: Ledger, analyst: Analyst) -> None:
    record(ledger)
    record(ledger, cash_id="d2", amount="1")
    assert [ledger.call("bust_cash", id="d1")["outcome"] for _ in range(2)] == [
        "applied", "duplicate",
    ]  # fmt: skip
    assert balances(analyst) == {("main", "USDT"): 1}
    assert record(ledger)["outcome"] == "duplicate"
    assert balances(analyst) == {("main", "USDT"): 1}
    busted = {e["identity"]: e["is_busted"] for e in analyst.view("cash_entries")}
    assert busted == {"cash:d1": True, "cash:d2": False, "bust:cash:d1": False}


def test_the_bust_of_a_transfer_undoes_both_entries(ledger: Ledger, analyst: Analyst) -> None:
    record(ledger)
    transfer(ledger)
    answer = ledger.call("bust_cash", id="transfer:t1", account="other")
    assert answer["outcome"] == "applied"
    assert balances(analyst) == {("main", "USDT"): 1000}
    assert ledger.call("bust_cash", id="transfer:t1")["outcome"] == "duplicate"


@pytest.mark.parametrize("unknown", ["d2", "transfer:d1", "bust:cash:d1"])
def test_only_what_is_recorded_can_be_undone(unknown: str, ledger: Ledger) -> None:
    record(ledger)
    ledger.call("bust_cash", id="d1")
    refused = ledger.call("bust_cash", id=unknown)
    assert (refused["error_code"], refused["message"]) == ("NOT_FOUND", "no such entry of cash")


def test_cash_as_of_a_moment_and_as_known_at_one(ledger: Ledger, analyst: Analyst) -> None:
    record(ledger)
    record(ledger, cash_id="d2", amount="50", effective_at="2026-02-01T00:00:00Z")
    known = {e["identity"]: e["recorded_at"] for e in analyst.view("cash_entries")}
    ledger.call("bust_cash", id="d1")

    january, march = "2026-01-15T00:00:00Z", "2026-03-01T00:00:00Z"
    assert balances(analyst, at="2025-12-31T23:59:59Z") == {}
    assert balances(analyst, at=january) == {}
    assert balances(analyst, at=march) == {("main", "USDT"): 50}
    assert balances(analyst, at=january, known_at=known["cash:d2"]) == {("main", "USDT"): 1000}
    assert balances(analyst, at=march, known_at=known["cash:d1"]) == {("main", "USDT"): 1000}
    assert balances(analyst, at=march, known_at=known["cash:d2"]) == {("main", "USDT"): 1050}


def test_a_derivative_settles_its_profit_and_a_spot_purchase_costs_its_price(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.define("BTCUSDT", kind="spot")
    record(ledger, amount="100000")
    ledger.apply(
        fill("s1", "buy", "2", "20000", "10"),
        fill("s2", "sell", "0.5", "22000", "5"),
        fill("p1", "buy", "10", "1000", "3", asset="ETHUSDT"),
        fill("p2", "sell", "4", "1100", "2", asset="ETHUSDT"),
        funding("f1", "-1.5", asset="ETHUSDT"),
    )
    row = row_of(analyst, "main")
    assert row["settled"] == 1000 - 15 + 400 - 5 - D("1.5")
    assert row["invested"] == 30000
    # The cash flows of the spot trades, to the digit.
    assert row["balance"] == 100000 - 40000 - 10 + 11000 - 5 + (400 - 5 - D("1.5"))


def test_positions_settle_in_their_own_currency(ledger: Ledger, analyst: Analyst) -> None:
    ledger.define("BTCUSD", kind="inverse", multiplier="100", settlement_currency="BTC")
    record(ledger)
    ledger.apply(
        fill("i1", "buy", "10", "50000", asset="BTCUSD"),
        fill("i2", "sell", "10", "40000", asset="BTCUSD"),
    )
    assert row_of(analyst, "main", "BTC")["balance"] == D("-0.005")
    assert row_of(analyst, "main", "BTC")["rate_status"] == "missing"
    ledger.price(ticker("60000", "2026-01-01T00:00:00Z"))
    assert row_of(analyst, "main", "BTC")["value_usdt"] == -300


def test_an_account_without_cash_entries_has_no_balance(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(fill("f1", "buy", "1", "100"))
    assert balances(analyst) == {}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"cash_id": ""}, "cash_id"),
        ({"cash_id": "x" * 129}, "cash_id"),
        ({"kind": "gift"}, "kind"),
        ({"currency": "\u202eUSDT"}, "currency"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1e20"}, "amount"),
        ({"amount": "0.0000000000000000001"}, "amount"),
        ({"kind": "interest", "amount": "0"}, "amount"),
        ({"account": "a|b"}, "account"),
        ({"effective_at": "1999-12-31T00:00:00Z"}, "effective_at"),
        ({"effective_at": "2999-12-31T00:00:00Z"}, "effective_at"),
        ({"effective_at": "soon"}, "effective_at"),
    ],
    ids=str,
)
def test_a_field_out_of_its_range_is_refused(
    fields: dict[str, str], field: str, ledger: Ledger
) -> None:
    refused = record(ledger, **fields)
    assert refused["error_code"] == "VALIDATION_ERROR"
    assert list(refused["details"]) == [field]


@pytest.mark.parametrize("missing", ["transfer_id", "currency", "amount", "to_account"])
def test_a_transfer_names_all_that_it_needs(missing: str, ledger: Ledger) -> None:
    assert list(transfer(ledger, **{missing: None})["details"]) == [missing]


def test_a_transfer_has_two_accounts(ledger: Ledger) -> None:
    assert "to_account" in transfer(ledger, to_account="main")["details"]


def test_opposite_transfers_at_once_take_turns(
    database: Database, ledger: Ledger, analyst: Analyst
) -> None:
    def move(one: str, two: str) -> None:
        with psycopg.connect(database.dsn("pms_operator"), autocommit=True) as conn:
            for number in range(20):
                conn.execute(
                    "SELECT api.transfer_cash(transfer_id => %s, currency => 'USDT',"
                    " amount => '1', from_account => %s, to_account => %s)",
                    [f"{one}{number // 2}", one, two],
                )

    threads = [threading.Thread(target=move, args=pair) for pair in (("a", "b"), ("b", "a")) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(analyst.view("cash_entries")) == 40
    assert balances(analyst) == {("a", "USDT"): 0, ("b", "USDT"): 0}
