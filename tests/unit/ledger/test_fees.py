"""Fees in any currency."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.fees import UNCONVERTED, entry, rate
from tests.helpers.ledger import Ledger, correction, fill, status, ticker
from tests.helpers.owner_queries import OwnerQueries

UNCONVERTED_OF_A_LEG = """
    SELECT count(*)
    FROM pms.entries e
    WHERE e.fee_native IS NOT NULL
        AND e.fee_rate IS NULL
        AND e.leg_id = 1
"""


@pytest.fixture
def spot(ledger: Ledger) -> Ledger:
    ledger.define("BTCUSDT", kind="spot")
    return ledger


def test_a_fee_in_the_settlement_currency_is_not_converted(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "1", "100", "0.5", fee_currency="usdt"))

    booked = entry(queries, "execution:1")
    assert (booked["fee"], booked["fee_native"], booked["fee_rate"]) == (D("0.5"), None, None)


def test_a_fee_in_another_currency_is_converted_and_stored_as_reported(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    rate(ledger, "BNB", "600")

    ledger.apply(fill("1", "Buy", "1", "100", "0.002", fee_currency="BNB"))

    booked = entry(queries, "execution:1")
    assert (booked["fee"], booked["fee_currency"]) == (D("1.2"), "BNB")
    assert (booked["fee_native"], booked["fee_rate"]) == (D("0.002"), D(600))
    assert ledger.position()["fees_paid"] == D("1.2")


def test_the_rate_is_the_newest_at_the_time_of_the_fill(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    for minute, price in enumerate(["600", "610", "620"]):
        rate(ledger, "BNB", price, f"2026-01-01T00:0{minute}:00Z")

    ledger.apply(fill("1", "Buy", "1", "100", "1", fee_currency="BNB", at="2026-01-01T00:01:30Z"))

    assert entry(queries, "execution:1")["fee_rate"] == D(610)
    # A later price does not change a converted fee.
    rate(ledger, "BNB", "700", "2026-01-01T00:03:00Z")
    ledger.price(ticker("615", "2026-01-01T00:01:15Z", "BNBUSDT"))
    assert ledger.position()["fees_paid"] == D(610)


def test_a_fee_of_a_coin_settled_contract_uses_the_cross_rate(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define(
        "BTCUSD", kind="inverse", multiplier=100, quote_currency="USD", settlement_currency="BTC"
    )
    rate(ledger, "BNB", "600")
    rate(ledger, "BTC", "48000")

    ledger.apply(fill("1", "Buy", "1", "48000", "0.2", asset="BTCUSD", fee_currency="BNB"))

    assert entry(queries, "execution:1")["fee_rate"] == D("0.0125")
    assert ledger.position("BTCUSD")["fees_paid"] == D("0.0025")
    ledger.apply(fill("2", "Buy", "1", "48000", "4.8", asset="BTCUSD", fee_currency="USDT"))
    assert ledger.position("BTCUSD")["fees_paid"] == D("0.0026")


@pytest.mark.parametrize("known", [[], ["BNB"], ["BTC"]], ids=["none", "the fee's", "the coin's"])
def test_a_fee_without_a_rate_is_flagged_and_not_counted_as_zero(
    known: list[str], ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define("BTCUSD", kind="inverse", settlement_currency="BTC")
    for currency in known:
        rate(ledger, currency, "600")

    ledger.apply(fill("1", "Buy", "1", "100", "0.002", asset="BTCUSD", fee_currency="BNB"))

    booked = entry(queries, "execution:1")
    assert (booked["fee"], booked["fee_native"], booked["fee_rate"]) == (D(0), D("0.002"), None)
    assert queries.rows(UNCONVERTED) == [{"identity": "execution:1"}]


def test_flagged_fees_are_found_without_reading_the_ledger(
    owner: Any, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "1", "100", "0.002", fee_currency="BNB"))
    owner.execute("SET enable_seqscan = off")

    plan = "\n".join(str(row) for row in queries.rows(f"EXPLAIN {UNCONVERTED_OF_A_LEG}"))
    assert "unconverted_idx" in plan


def test_a_zero_fee_needs_no_rate(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(fill("1", "Buy", "1", "100", "0", fee_currency="BNB"))

    assert queries.rows(UNCONVERTED) == []
    assert ledger.apply(fill("1", "Buy", "1", "100", "0", fee_currency="BNB")) == ["duplicate"]


def test_a_fee_out_of_range_is_flagged_without_affecting_its_batch(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    rate(ledger, "BNB", "600")
    absurd = fill("1", "Buy", "1", "100", "9" * 20, fee_currency="BNB")

    assert ledger.apply(absurd, fill("2", "Buy", "1", "100")) == ["applied", "applied"]
    assert queries.rows(UNCONVERTED) == [{"identity": "execution:1"}]


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_the_fee_currency_is_part_of_the_fill_content(batched: bool, ledger: Ledger) -> None:
    one, other = fill("1", "Buy", "1", "100", "1"), fill("2", "Buy", "1", "100", "0")
    messages = [
        one, one | {"fee_currency": "USDT"}, one | {"fee_currency": "BNB"},
        # Zero is zero in any currency.
        other, other | {"fee_currency": "BNB"},
    ]  # fmt: skip
    batches = [messages] if batched else [[each] for each in messages]

    assert [outcome for batch in batches for outcome in ledger.apply(*batch)] == [
        "applied", "duplicate", "rejected", "applied", "duplicate",
    ]  # fmt: skip


def test_a_rebate_in_another_currency_is_negative(ledger: Ledger) -> None:
    rate(ledger, "BNB", "600")

    ledger.apply(fill("1", "Buy", "1", "100", "-0.002", fee_currency="BNB"))

    assert ledger.position()["fees_paid"] == D("-1.2")


def test_a_base_fee_reduces_a_purchase_and_leaves_its_cost(
    spot: Ledger, queries: OwnerQueries
) -> None:
    spot.apply(fill("1", "Buy", "2", "100", "0.002", fee_currency="BTC"))

    held = spot.position()
    assert (held["size"], held["cost_basis"], held["fees_paid"]) == (D("1.998"), D(200), D(0))
    booked = entry(queries, "execution:1")
    assert (booked["fee_native"], booked["fee_rate"]) == (D("0.002"), D(0))
    assert queries.rows(UNCONVERTED) == []
    queries.assert_sound()


def test_a_base_fee_increases_a_sale_and_leaves_its_proceeds(
    spot: Ledger, queries: OwnerQueries
) -> None:
    spot.apply(
        fill("1", "Buy", "2", "100"), fill("2", "Sell", "1", "110", "0.5", fee_currency="BTC")
    )

    held = spot.position()
    # 1.5 of it are gone for 110.
    assert (held["size"], held["cost_basis"], held["realized_pnl"]) == (D("0.5"), D(50), D(-40))
    queries.assert_sound()


def test_a_base_rebate_increases_a_purchase(spot: Ledger, queries: OwnerQueries) -> None:
    spot.apply(fill("1", "Buy", "2", "100", "-0.01", fee_currency="BTC"))

    assert (spot.position()["size"], spot.position()["cost_basis"]) == (D("2.01"), D(200))
    queries.assert_sound()


@pytest.mark.parametrize("fee", ["2", "2.5"])
def test_a_base_fee_of_the_whole_quantity_is_converted(
    fee: str, spot: Ledger, queries: OwnerQueries
) -> None:
    rate(spot, "BTC", "100")
    spot.apply(fill("1", "Buy", "2", "100", fee, fee_currency="BTC"))

    held = spot.position()
    assert (held["size"], held["fees_paid"]) == (D(2), D(fee) * 100)
    queries.assert_sound()


@pytest.mark.parametrize("fee", ["2", "2.5"])
def test_a_base_fee_of_the_whole_quantity_needs_no_price(
    fee: str, spot: Ledger, queries: OwnerQueries
) -> None:
    spot.apply(fill("1", "Buy", "2", "100", fee, fee_currency="BTC"))

    held = spot.position()
    assert (held["size"], held["fees_paid"]) == (D(2), D(fee) * 100)
    queries.assert_sound()


def test_a_base_fee_of_a_contract_is_converted(ledger: Ledger) -> None:
    rate(ledger, "BTC", "100")
    ledger.apply(fill("1", "Buy", "2", "100", "0.002", fee_currency="BTC"))

    held = ledger.position()
    assert (held["size"], held["fees_paid"]) == (D(2), D("0.2"))


@pytest.mark.parametrize("side", ["Buy", "Sell"])
def test_a_fill_with_a_base_fee_resent_is_a_duplicate(side: str, spot: Ledger) -> None:
    one = fill("1", side, "2", "100", "0.002", fee_currency="BTC")

    assert spot.apply(one, one) == ["applied", "duplicate"]
    assert spot.apply(one) == ["duplicate"]
    assert spot.apply(one | {"execution_fees": "0.003"}) == ["rejected"]
    assert spot.apply(one | {"execution_quantity": "1.998"}) == ["rejected"]


@pytest.mark.parametrize(
    ("change", "size", "cost"),
    [
        ({"execution_price": "110"}, "1.998", "220"),
        ({"execution_quantity": "3"}, "2.998", "300"),
        ({"execution_fees": "0.5"}, "1.5", "200"),
        ({"execution_fees": "1", "fee_currency": "USDT"}, "2", "200"),
    ],
    ids=str,
)
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_a_fill_with_a_base_fee_is_corrected_as_it_was_reported(
    change: dict[str, str], size: str, cost: str, batched: bool, spot: Ledger, queries: OwnerQueries
) -> None:
    messages = [
        fill("1", "Buy", "2", "100", "0.002", fee_currency="BTC"), correction("1", **change),
    ]  # fmt: skip
    for batch in [messages] if batched else [[each] for each in messages]:
        spot.apply(*batch)

    held = spot.position()
    assert (held["size"], held["cost_basis"]) == (D(size), D(cost))
    queries.assert_sound()


def test_a_correction_keeps_the_currency_of_the_fee(ledger: Ledger) -> None:
    rate(ledger, "BNB", "600")
    ledger.apply(fill("1", "Buy", "1", "100", "0.002", fee_currency="BNB"))

    ledger.apply(correction("1", "c1", "2026-01-02T00:00:00Z", execution_fees="0.003"))
    assert ledger.position()["fees_paid"] == D("1.8")
    ledger.apply(correction("1", "c2", "2026-01-02T01:00:00Z", execution_price="90"))
    assert ledger.position()["fees_paid"] == D("1.2")


def test_a_spot_instrument_may_have_no_base(ledger: Ledger) -> None:
    ledger.define("GOLD", kind="spot")
    rate(ledger, "BNB", "600")

    ledger.apply(fill("1", "Buy", "1", "100", "0.002", asset="GOLD", fee_currency="BNB"))

    assert ledger.position("GOLD")["fees_paid"] == D("1.2")


def test_totals_with_a_foreign_fee_convert_each_increment_at_its_rate(ledger: Ledger) -> None:
    rate(ledger, "BNB", "600")

    ledger.apply(status("o", "partially_filled", "0.4", "100", "0.001", fee_currency="BNB"))
    ledger.apply(
        status("o", "filled", "1", "100", "0.003", fee_currency="BNB"),
        fill("e1", "Buy", "1", "100", "0.003", order_id="o", fee_currency="BNB"),
    )

    held = ledger.position()
    assert (held["size"], held["fees_paid"]) == (D(1), D("1.8"))


def test_totals_with_a_base_fee_reduce_a_purchase(spot: Ledger, queries: OwnerQueries) -> None:
    totals = [
        status("o", "partially_filled", "0.4", "100", "0.001", fee_currency="BTC"),
        status("o", "filled", "1", "100", "0.003", fee_currency="BTC"),
    ]
    executions = [
        fill("e1", "Buy", "0.4", "100", "0.001", order_id="p", fee_currency="BTC"),
        fill("e2", "Buy", "0.6", "100", "0.002", order_id="p", fee_currency="BTC"),
    ]
    covered = status("p", "filled", "1", "100", "0.003", fee_currency="BTC")

    for each in totals:
        assert spot.apply(each) == ["applied"]
    assert spot.apply(*totals, *executions, covered) == [
        "duplicate", "duplicate", "applied", "applied", "duplicate",
    ]  # fmt: skip
    held = spot.position()
    assert (held["size"], held["cost_basis"]) == (D("1.994"), D(200))
    queries.assert_sound()
