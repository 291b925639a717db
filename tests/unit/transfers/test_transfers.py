"""Transfers: a quantity moves from one account to another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, fill
from tests.helpers.owner_queries import OwnerQueries

TOTALS = """
    SELECT sum(p.size) AS size, sum(p.cost) AS cost, sum(p.realized) AS realized
    FROM pms.positions p
"""


def transfer(ledger: Ledger, quantity: str, **more: str | None) -> dict[str, Any]:
    asked = {
        "transfer_id": "t", "asset": "BTCUSDT", "from_account": "main", "to_account": "other",
    }  # fmt: skip
    return ledger.call("record_transfer", quantity=quantity, **(asked | more))


def bought(ledger: Ledger, quantity: str = "3", price: str = "100", **more: str) -> None:
    side = "Sell" if quantity.startswith("-") else "Buy"
    name = f"{more.get('account', 'main')}-{quantity}"
    ledger.apply(fill(name, side, quantity.lstrip("-"), price, **more))


def refusal(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["error_code"], answer["message"]


@pytest.mark.parametrize("sign", ["", "-"], ids=["long", "short"])
def test_a_transfer_at_cost_moves_the_cost_and_realizes_nothing(
    sign: str, ledger: Ledger, queries: OwnerQueries
) -> None:
    bought(ledger, f"{sign}3", "100")

    assert transfer(ledger, "1")["outcome"] == "applied"

    held, moved = queries.state(), queries.state(account="other")
    assert (held["size"], held["cost"], held["realized"]) == (
        D(f"{sign}2"), D(f"{sign}200"), D(0),
    )  # fmt: skip
    assert (moved["size"], moved["cost"], moved["realized"]) == (
        D(f"{sign}1"), D(f"{sign}100"), D(0),
    )  # fmt: skip
    queries.assert_sound()


def test_an_uneven_share_loses_no_digit(ledger: Ledger, queries: OwnerQueries) -> None:
    bought(ledger, "7", "0.1000000000000003")
    whole = queries.state()["cost"]

    transfer(ledger, "3")

    held, moved = queries.state(), queries.state(account="other")
    assert held["cost"] + moved["cost"] == whole
    assert (held["realized"], moved["realized"]) == (D(0), D(0))
    transfer(ledger, "4", transfer_id="rest")
    assert (queries.state()["size"], queries.state()["cost"]) == (D(0), D(0))
    assert queries.state(account="other")["cost"] == whole
    queries.assert_sound()


def test_a_transfer_at_a_price_realizes_in_the_source_account(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    bought(ledger, "3", "100")

    transfer(ledger, "2", price="110.5")

    held, moved = queries.state(), queries.state(account="other")
    assert (held["size"], held["cost"], held["realized"]) == (D(1), D(100), D(21))
    assert (moved["size"], moved["cost"], moved["realized"]) == (D(2), D(221), D(0))
    queries.assert_sound()


def test_the_cost_of_an_inverse_contract_moves_in_the_coin(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define("BTCUSD", kind="inverse", multiplier=100, settlement_currency="BTC")
    bought(ledger, "3", "50000", asset="BTCUSD")

    transfer(ledger, "1", asset="BTCUSD")

    assert queries.state("BTCUSD")["cost"] == D("-0.004")
    assert queries.state("BTCUSD", account="other")["cost"] == D("-0.002")
    queries.assert_sound()


def test_a_full_transfer_closes_the_source_position(ledger: Ledger) -> None:
    bought(ledger, "3", "100")

    transfer(ledger, "3")

    held, moved = ledger.position(), ledger.position(account="other")
    assert (held["size"], held["realized_pnl"]) == (D(0), D(0))
    assert held["closed_at"] is not None
    assert (moved["size"], moved["average_entry_price"]) == (D(3), D(100))
    assert (held["version"], moved["version"]) == (2, 1)


def test_a_transfer_closes_an_opposing_position(ledger: Ledger, queries: OwnerQueries) -> None:
    bought(ledger, "3", "100")
    bought(ledger, "-2", "130", account="other")

    transfer(ledger, "2")

    held, moved = queries.state(), queries.state(account="other")
    assert (held["size"], held["realized"]) == (D(1), D(0))
    assert (moved["size"], moved["cost"], moved["realized"]) == (D(0), D(0), D(60))
    queries.assert_sound()


def test_a_transfer_flips_a_smaller_opposing_position(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    bought(ledger, "3", "100")
    bought(ledger, "-2", "130", account="other")

    transfer(ledger, "3")

    moved = queries.state(account="other")
    assert (moved["size"], moved["cost"], moved["realized"]) == (D(1), D(100), D(60))
    queries.assert_sound()


@pytest.mark.parametrize("named", [{"mode": "hedge"}, {}], ids=["mode and leg", "leg"])
def test_a_leg_of_a_hedge_moves_to_the_same_leg(
    named: dict[str, str], ledger: Ledger, queries: OwnerQueries
) -> None:
    bought(ledger, "3", "100", position_side="long")
    bought(ledger, "-5", "120", position_side="short")

    assert transfer(ledger, "2", position_side="short", **named)["outcome"] == "applied"

    assert queries.state(mode="hedge", leg="long")["size"] == D(3)
    assert queries.state(mode="hedge", leg="short")["size"] == D(-3)
    assert queries.state(account="other", mode="hedge", leg="short")["cost"] == D(-240)
    queries.assert_sound()


@pytest.mark.parametrize("price", [None, "117.03"], ids=["at cost", "at a price"])
def test_the_total_over_accounts_does_not_change(
    price: str | None, ledger: Ledger, queries: OwnerQueries
) -> None:
    bought(ledger, "3", "100.7")
    bought(ledger, "-7", "130.1", account="other")

    (before,) = queries.rows(TOTALS)
    transfer(ledger, "2", price=price)

    (after,) = queries.rows(TOTALS)
    assert after["size"] == before["size"]
    assert after["realized"] - after["cost"] == before["realized"] - before["cost"]


def test_a_transfer_is_two_linked_entries(ledger: Ledger, queries: OwnerQueries) -> None:
    bought(ledger)

    transfer(ledger, "1")

    entries = queries.rows("""
        SELECT f.account, f.counter_account, f.identity, f.quantity, f.price, f.value
        FROM api.fills f
        WHERE f.kind = 'transfer'
        ORDER BY f.account
    """)
    assert [tuple(entry.values()) for entry in entries] == [
        ("main", "other", "transfer:t", D(-1), None, D(-100)),
        ("other", "main", "transfer:t", D(1), None, D(100)),
    ]
    assert {event["account"] for event in queries.events("position_updated")} == {"main", "other"}


def test_a_transfer_succeeds_though_the_venue_clock_is_ahead(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ahead = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    ledger.apply(fill("1", "Buy", "1", "100", at=ahead), fill("2", "Buy", "1", "200", at=ahead))

    transfer(ledger, "1")

    held = queries.state()
    assert (held["size"], held["cost"], held["realized"]) == (D(1), D(150), D(0))
    queries.assert_sound()


@pytest.mark.parametrize("price", [None, "110"], ids=["at cost", "at a price"])
def test_a_repeated_transfer_is_a_duplicate(price: str | None, ledger: Ledger) -> None:
    bought(ledger, "3")
    transfer(ledger, "3", price=price)

    # Also when nothing is left of the position.
    assert transfer(ledger, "3.0", price=price)["outcome"] == "duplicate"
    assert ledger.position(account="other")["size"] == D(3)


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": "2"},
        {"price": "100"},
        {"to_account": "third"},
        {"asset": "ETHUSDT"},
        {"mode": "hedge", "position_side": "long"},
        {"from_account": "other", "to_account": "main"},
        {"from_account": "third"},
    ],
    ids=str,
)
def test_a_transfer_id_reused_for_another_transfer_is_a_conflict(
    other: dict[str, str], ledger: Ledger, queries: OwnerQueries
) -> None:
    bought(ledger, "5")
    bought(ledger, "5", account="third")
    bought(ledger, "5", asset="ETHUSDT")
    bought(ledger, "5", position_side="long")
    transfer(ledger, "1")

    answer = transfer(ledger, **{"quantity": "1", **other})

    assert refusal(answer) == ("CONFLICT", "already recorded with other content")
    assert answer["details"] == {"reason": "identity_conflict", "transfer_id": "t"}
    assert queries.value("SELECT count(*) FROM pms.ledger_entries WHERE kind = 'transfer'") == 2


def test_a_transfer_id_is_unique_within_its_accounts_only(ledger: Ledger) -> None:
    bought(ledger)
    bought(ledger, account="third")
    transfer(ledger, "1")

    assert transfer(ledger, "1", from_account="third", to_account="fourth")["outcome"] == "applied"


@pytest.mark.parametrize(
    "asked",
    [
        {"quantity": "3.000000000000000001"},
        {"quantity": "1", "asset": "ETHUSDT"},
        {"quantity": "1", "from_account": "third"},
        {"quantity": "1", "mode": "hedge", "position_side": "long"},
    ],
    ids=["more than is held", "another asset", "another account", "a leg"],
)
def test_a_transfer_cannot_exceed_the_position(
    asked: dict[str, str], ledger: Ledger, queries: OwnerQueries
) -> None:
    bought(ledger, "3")

    answer = transfer(ledger, **asked)

    assert refusal(answer) == ("CONFLICT", "insufficient position")
    assert queries.leg()["version"] == 1
    assert queries.value("SELECT count(*) FROM api.positions") == 1


REFUSED: list[tuple[dict[str, str | None], str]] = [
    ({"transfer_id": None}, "transfer_id"),
    ({"transfer_id": ""}, "transfer_id"),
    ({"transfer_id": "x" * 129}, "transfer_id"),
    ({"asset": None}, "asset"),
    ({"asset": "BTC,USDT"}, "asset"),
    ({"quantity": None}, "quantity"),
    ({"quantity": "0"}, "quantity"),
    ({"quantity": "-1"}, "quantity"),
    ({"quantity": "NaN"}, "quantity"),
    ({"price": "0"}, "price"),
    ({"price": "cheap"}, "price"),
    ({"from_account": None}, "from_account"),
    ({"from_account": "a,b"}, "from_account"),
    ({"to_account": "main"}, "to_account"),
    ({"to_account": "a,b"}, "to_account"),
    ({"mode": "both"}, "mode"),
    ({"mode": "hedge"}, "position_side"),
    ({"mode": "hedge", "position_side": "net"}, "position_side"),
    ({"mode": "one-way", "position_side": "long"}, "position_side"),
]


def test_a_bad_field_is_refused_by_name(ledger: Ledger, queries: OwnerQueries) -> None:
    bought(ledger, "3")

    for change, field in REFUSED:
        answer = transfer(ledger, **({"quantity": "1"} | change))  # type: ignore[arg-type]
        assert answer.get("error_code") == "VALIDATION_ERROR", change
        assert list(answer["details"]) == [field], change
    assert queries.value("SELECT count(*) FROM pms.positions") == 1
