"""Definitions of an instrument whose contract has changed."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, action, bust, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

pytestmark = pytest.mark.usefixtures("verified")

BUY = fill("buy", "Buy", "10", "100", asset="ESZ6", at="2026-01-01T01:00:00Z")
# An hour after the change, in the new contract.
SELL = fill("sell", "Sell", "4", "12", asset="ESZ6", at="2026-01-01T13:00:00Z")
TEN = action("ten", "contract", multiplier="10", asset="ESZ6")


@pytest.fixture
def changed(ledger: Ledger) -> Ledger:
    """10 @ 100 under the multiplier 1, 4 of them sold @ 12 under the multiplier 10."""
    ledger.define("ESZ6")
    ledger.apply(BUY, TEN, SELL)
    assert held(ledger) == (6, 600, 80)
    return ledger


def held(ledger: Ledger) -> tuple[object, ...]:
    position = ledger.position("ESZ6")
    return position["size"], position["cost_basis"], position["realized_pnl"]


def as_known(ledger: Ledger, known_at: object) -> D:
    with ledger.operator.transaction():
        row = ledger.operator.execute(
            "SELECT p.realized_pnl FROM api.positions_as_of(known_at => %s) p", [known_at]
        ).fetchone()
    assert row is not None
    return D(row[0])


def now(queries: OwnerQueries) -> Any:
    return queries.value("SELECT clock_timestamp()")


@pytest.mark.parametrize(
    "definition",
    [
        {"multiplier": 1},
        {"multiplier": 50},
        {"multiplier": 10, "kind": "inverse"},
        {"multiplier": 10, "kind": "spot"},
        {"multiplier": 10, "settlement_currency": "BTC"},
    ],
    ids=str,
)
def test_a_definition_that_rewrites_the_contract_is_refused(
    definition: dict[str, Any], changed: Ledger
) -> None:
    with pytest.raises(psycopg.Error, match="instrument has changed its contract") as refused:
        changed.define("ESZ6", **definition)

    assert refused.value.sqlstate == "PT409"
    assert refused.value.diag.message_detail == (
        "ESZ6 is linear with multiplier 10 in USDT since action:ten"
    )
    assert "bust action:ten" in (refused.value.diag.message_hint or "")
    assert held(changed) == (6, 600, 80)


def test_a_definition_by_the_present_contract_is_accepted(
    changed: Ledger, queries: OwnerQueries
) -> None:
    before = now(queries)
    changed.define("ESZ6", multiplier=10, tick_size="1")
    changed.define("ESZ6", multiplier=10, quote_currency="USD")

    assert held(changed) == (6, 600, 80)
    changed.apply(fill("late", "Buy", "1", "40", asset="ESZ6", at="2026-01-01T02:00:00Z"))
    # 11 for 1040 under the multiplier 1; 4 of them release 378.18.
    assert changed.position("ESZ6")["size"] == 7
    assert changed.position("ESZ6")["cost_basis"] == D("1040") - D("378.181818181818181818")
    assert as_known(changed, before) == 80


def test_the_hint_leads_to_the_definition(changed: Ledger, queries: OwnerQueries) -> None:
    first = now(queries)
    changed.apply(bust(None, identity="action:ten"))
    # 4 of 10 @ 100, sold @ 12 under the multiplier 1.
    assert held(changed) == (6, 600, 48 - 400)
    second = now(queries)
    changed.define("ESZ6", multiplier=2)
    assert held(changed) == (6, 1200, 96 - 800)
    third = now(queries)
    changed.apply({**TEN, "action_id": "ten again", "multiplier": "20"})

    # 10 for 2000 under the multiplier 2; 4 sold @ 12 under 20.
    assert held(changed) == (6, 1200, 960 - 800)
    assert [as_known(changed, at) for at in (first, second, third)] == [80, -352, -704]


def test_what_a_rename_moved_costs_what_it_cost_there(ledger: Ledger) -> None:
    old = {**BUY, "asset": "OLD"}
    ledger.apply(old, action("move", "rename", asset="OLD", to_asset="NEW", ratio="2"))

    ledger.define("OLD", multiplier=5)
    assert ledger.position("NEW")["cost_basis"] == 5000
    ledger.define("NEW", multiplier=3)
    ledger.apply({**old, "execution_id": "late", "order_id": "late"})

    held = ledger.position("NEW")
    assert (held["size"], held["cost_basis"]) == (40, 10_000)
    assert held["average_entry_price"] == D("83.333333333333")


def test_a_multiplier_that_changes_converts_no_fee_twice(ledger: Ledger) -> None:
    ledger.define("ABCUSDT", kind="spot")
    ledger.price(ticker("5", "2025-12-31T00:00:00Z", "BNBUSDT"))
    ledger.apply(
        # Taken from the quantity.
        fill("base", "Buy", "10", "100", fee="0.01", fee_currency="ABC", asset="ABCUSDT"),
        fill("bnb", "Buy", "10", "100", asset="ABCUSDT"),
    )
    ledger.call(
        "record_transfer", transfer_id="t", asset="ABCUSDT", quantity="1", from_account="main",
        to_account="other",
    )  # fmt: skip
    ledger.apply(rounded("1000000", "0.00000812"), rounded("1000001", "0.00000811"))
    fees = ledger.position("ABCUSDT", account="totals")["fees_paid"]
    assert fees == 10

    ledger.define("ABCUSDT", kind="spot", multiplier=2)

    assert ledger.position("ABCUSDT", account="totals")["fees_paid"] == fees
    assert ledger.position("ABCUSDT")["size"] == D("18.99")


def rounded(filled: str, average: str) -> dict[str, Any]:
    """A total whose average is rounded, so that its step has a value of its own; 1 BNB each."""
    return {
        "event_type": "partially_filled",
        "event_id": f"total-{filled}",
        "account": "totals",
        "order": {
            "order_id": "total", "asset": "ABCUSDT", "side": "Buy", "status": "partially_filled",
            "filled_quantity": filled, "average_price": average, "fee_currency": "BNB",
            "fees": "1" if filled == "1000000" else "2", "updated_at": "2026-01-01T00:00:00Z",
        },
    }  # fmt: skip


def test_a_kind_that_changes_converts_prices_of_before_a_split_its_own_way(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define("COINUSD")
    ledger.price(ticker("100", "2026-01-01T00:00:00Z", "COINUSD"))
    ledger.apply({**BUY, "asset": "COINUSD"}, action("split", "split", ratio="2", asset="COINUSD"))
    assert ledger.position("COINUSD")["current_price"] == 50

    ledger.define("COINUSD", kind="inverse", settlement_currency="COIN", quote_currency="USD")

    held = ledger.position("COINUSD")
    # 20 contracts at a cost of 10 / 100; twice as many at an unchanged value cost twice as much.
    assert (held["current_price"], held["average_entry_price"]) == (200, 200)
    assert held["unrealized_pnl"] == 0
