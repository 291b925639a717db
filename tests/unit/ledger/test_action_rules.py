"""Corporate actions beside adjustments, transfers, income and other contracts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.helpers.analyst import Analyst
from tests.helpers.ledger import Ledger, action, fill, funding

pytestmark = pytest.mark.usefixtures("verified")

SPLIT_AT = "2026-01-01T12:00:00Z"
BUY = fill("buy", "Buy", "10", "300", "1", at="2026-01-01T01:00:00Z")
SPLIT = action("split", "split", ratio="10", at=SPLIT_AT)
# After the split, in its units.
SELL = fill("sell", "Sell", "40", "33", "2", at="2026-01-01T13:00:00Z")


def test_adjustments_and_transfers_keep_to_the_units_of_their_time(ledger: Ledger) -> None:
    ledger.apply(BUY, fill("b", "Buy", "1", "300", account="other", at="2026-01-01T01:00:00Z"))
    ledger.apply(SPLIT)
    ledger.call(
        "record_transfer", transfer_id="t", asset="BTCUSDT", quantity="40", from_account="main",
        to_account="other",
    )  # fmt: skip
    assert ledger.position(account="other")["size"] == 50
    assert ledger.position(account="other")["cost_basis"] == 1500

    # What moved is a fact: it stays, whatever the past becomes.
    ledger.apply(fill("late", "Buy", "1", "300", at="2026-01-01T02:00:00Z"))
    assert ledger.position()["size"] == 70


def test_a_distribution_counts_as_income_of_its_own_kind(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        BUY,
        funding("f", "-2", at="2026-01-01T08:00:00Z"),
        action("income", "distribution", amount="0.5", at="2026-01-01T09:00:00Z"),
    )
    assert ledger.position()["funding"] == 3
    assert [row["kind"] for row in analyst.explain()] == ["distribution", "funding", "trade"]

    # Half of the position was sold before.
    ledger.apply(fill("late", "Sell", "5", "300", at="2026-01-01T07:00:00Z"))
    assert ledger.position()["funding"] == Decimal("0.5")


def test_a_settlement_closes_every_leg_of_every_account(ledger: Ledger) -> None:
    ledger.apply(
        BUY,
        fill("long", "Buy", "2", "280", position_side="long"),
        fill("short", "Sell", "4", "310", position_side="short"),
        fill("other", "Sell", "3", "260", account="other"),
    )

    ledger.apply(action("end", "settlement", price="250"))

    closed = [
        ledger.position(), ledger.position(mode="hedge"), ledger.position(account="other"),
    ]  # fmt: skip
    assert [(held["size"], held["cost_basis"]) for held in closed] == [(0, 0)] * 3
    assert [held["realized_pnl"] for held in closed] == [-500, 240 - 60, 30]


def test_a_settled_leg_may_open_again(ledger: Ledger) -> None:
    end = action("end", "settlement", price="0", at=SPLIT_AT)
    ledger.apply(BUY, end, fill("again", "Buy", "2", "5", at="2026-01-02T00:00:00Z"))
    assert ledger.position()["size"] == 2

    ledger.apply(fill("late", "Sell", "12", "310", "0", at="2026-01-01T02:00:00Z"))

    # Short 2 into the settlement, at nothing.
    held = ledger.position()
    assert (held["size"], held["average_entry_price"]) == (2, 5)
    assert held["realized_pnl"] == 100 + 620


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"kind": "merger"}, "invalid_action"),
        ({"kind": "split"}, "invalid_ratio"),
        ({"kind": "split", "ratio": "0"}, "invalid_ratio"),
        ({"kind": "split", "ratio": "1:0"}, "invalid_ratio"),
        ({"kind": "split", "ratio": "x"}, "invalid_ratio"),
        ({"kind": "split", "ratio": "2", "at": ""}, "invalid_time"),
        ({"kind": "split", "ratio": "2", "at": "2999-01-01T00:00:00Z"}, "time_in_future"),
        ({"kind": "rename"}, "invalid_asset"),
        ({"kind": "rename", "to_asset": "BTCUSDT"}, "invalid_asset"),
        ({"kind": "rename", "to_asset": "BTCBUSD"}, "rate_missing"),
        ({"kind": "rename", "to_asset": "COIN"}, "invalid_asset"),
        ({"kind": "rename", "to_asset": "COIN", "rate": "0.00002"}, "invalid_asset"),
        ({"kind": "contract"}, "invalid_multiplier"),
        ({"kind": "contract", "multiplier": "-1"}, "invalid_multiplier"),
        ({"kind": "contract", "multiplier": "2", "asset": "SPOT"}, "invalid_action"),
        ({"kind": "settlement"}, "invalid_price"),
        ({"kind": "settlement", "price": "-1"}, "invalid_price"),
        ({"kind": "settlement", "price": "0", "asset": "COIN"}, "invalid_price"),
        ({"kind": "distribution"}, "invalid_amount"),
        ({"kind": "distribution", "amount": "NaN"}, "invalid_amount"),
    ],
)
def test_an_unsound_action_is_refused(terms: dict[str, str], reason: str, ledger: Ledger) -> None:
    ledger.define("COIN", kind="inverse", settlement_currency="BTC")
    ledger.define("SPOT", kind="spot")
    ledger.define("BTCBUSD", quote_currency="BUSD", settlement_currency="BUSD")
    ledger.apply(BUY)

    [found] = ledger.judge("apply_order_events", [action("a", **terms)])

    assert found[:2] == ("rejected", reason)
    assert ledger.position()["version"] == 1


def test_a_rename_into_another_settlement_currency_has_a_rate(ledger: Ledger) -> None:
    ledger.define("BTCBUSD", quote_currency="BUSD", settlement_currency="BUSD")
    ledger.apply(
        fill("buy", "Buy", "2", "100", asset="BTCBUSD", at="2026-01-01T01:00:00Z"),
        action("move", "rename", asset="BTCBUSD", to_asset="BTCUSDT", rate="0.99"),
    )
    held = ledger.position("BTCUSDT")
    assert (held["size"], held["cost_basis"], held["average_entry_price"]) == (2, 198, 99)


def test_a_round_trip_across_a_contract_change_has_the_averages_after_it(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.apply(
        fill("buy", "Buy", "5", "90", at="2026-01-01T01:00:00Z"),
        action("contract", "contract", multiplier="0.1", ratio="1:4"),
        fill("flip", "Sell", "2", "90", at="2026-01-01T13:00:00Z"),
    )

    [cycle] = analyst.cycles(from_time="-infinity")
    # 1.25 for 450, each of a tenth: 3600; out at 90.
    assert cycle["average_entry_price"] == 3600
    assert cycle["average_exit_price"] == 90
    assert cycle["realized"] == Decimal("-438.75")
