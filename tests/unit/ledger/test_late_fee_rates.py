"""Fees whose rate comes after them."""

from __future__ import annotations

import json
from decimal import Decimal as D
from typing import Any

from tests.helpers.fees import UNCONVERTED, entry, rate
from tests.helpers.ledger import Ledger, bust, correction, fill, status
from tests.helpers.owner_queries import OwnerQueries


def convert(owner: Any) -> str:
    """Run the job to its end; return its message."""
    progress: Any = None
    while True:
        row = owner.execute(
            "SELECT s.progress, s.done FROM pms.convert_late_fees(%s) s",
            [None if progress is None else json.dumps(progress)],
        ).fetchone()
        progress, done = row
        if progress is None:
            return str(done)


def reviewed(queries: OwnerQueries) -> list[str]:
    return [row["code"] for row in queries.rows("SELECT v.code FROM pms.reviews v")]


def test_a_base_fee_before_the_first_price_is_converted_at_the_price_of_the_fill(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100", "0.002", fee_currency="BTC"))

    booked = entry(queries, "execution:1")
    assert (booked["fee"], booked["fee_native"], booked["fee_rate"]) == (
        D("0.2"), D("0.002"), D(100),
    )  # fmt: skip
    assert (queries.rows(UNCONVERTED), reviewed(queries)) == ([], [])
    # A rate that is known precedes it.
    rate(ledger, "BTC", "90", "2026-01-01T00:00:00Z")
    ledger.apply(
        fill("2", "Buy", "2", "100", "0.002", fee_currency="BTC", at="2026-01-01T00:01:00Z")
    )
    assert entry(queries, "execution:2")["fee_rate"] == D(90)


def test_a_fee_without_a_rate_is_converted_when_its_rate_is_known(
    ledger: Ledger, queries: OwnerQueries, owner: Any
) -> None:
    bought = fill("1", "Buy", "2", "100", "0.002", fee_currency="BNB", at="2026-01-01T00:01:00Z")
    sold = fill("2", "Sell", "2", "110", "0.004", fee_currency="BNB", at="2026-01-01T00:02:00Z")
    ledger.apply(bought, sold)
    assert reviewed(queries) == ["unconverted_fee"]
    assert (ledger.position()["fees_paid"], ledger.position()["unconverted_fees"]) == (0, 2)
    assert convert(owner) == "0 fees converted, 2 without a rate"

    rate(ledger, "BNB", "600", "2026-01-01T00:01:30Z")
    rate(ledger, "BNB", "700", "2026-01-01T00:03:00Z")
    assert convert(owner) == "2 fees converted, 0 without a rate"

    held = ledger.position()
    # The first rate after the purchase, and the newest at the sale.
    assert (held["fees_paid"], held["unconverted_fees"], held["needs_review"]) == (
        D("3.6"), 0, False,
    )  # fmt: skip
    assert (held["size"], held["realized_pnl"]) == (0, D("17.6"))
    booked = entry(queries, "correction:execution:2:fee")
    assert (booked["fee"], booked["fee_native"], booked["fee_rate"]) == (
        D("2.4"), D("0.004"), D(600),
    )  # fmt: skip
    restated = queries.rows(
        "SELECT r.cause, r.realized_pnl_before, r.realized_pnl_after FROM pms.restatements r"
    )
    assert restated == [
        {"cause": "correction", "realized_pnl_before": 20, "realized_pnl_after": D("17.6")}
    ]
    assert reviewed(queries) == []
    # Once, and the fills sent again are duplicates.
    assert convert(owner) == "0 fees converted, 0 without a rate"
    assert ledger.apply(bought, sold) == ["duplicate", "duplicate"]
    queries.assert_sound()


def test_a_converted_fee_is_corrected_and_busted_as_before(
    ledger: Ledger, queries: OwnerQueries, owner: Any
) -> None:
    ledger.apply(
        fill("1", "Buy", "2", "100", "0.002", fee_currency="BNB"),
        fill("2", "Buy", "1", "100", "0.002", fee_currency="BNB"),
        correction("2", "c1", "2026-01-02T00:00:00Z", execution_quantity="3"),
    )
    rate(ledger, "BNB", "600", "2026-01-03T00:00:00Z")
    assert convert(owner) == "2 fees converted, 0 without a rate"
    held = ledger.position()
    assert (held["size"], held["fees_paid"]) == (5, D("2.4"))

    # Decided before the conversion, recorded after it.
    ledger.apply(correction("1", "c2", "2026-01-02T00:00:00Z", execution_price="90"))
    ledger.apply(correction("2", "c3", "2026-01-02T00:00:01Z", execution_fees="0.003"))
    held = ledger.position()
    assert (held["size"], held["cost_basis"], held["fees_paid"]) == (3, D(280), D(3))
    ledger.apply(bust("1"), bust("2"))
    assert (ledger.position()["size"], ledger.position()["fees_paid"]) == (0, 0)
    assert queries.rows("SELECT u.fees FROM pms.unconverted_fees u") == [{"fees": 0}]
    queries.assert_sound()


def test_totals_go_on_after_the_conversion_of_a_step(
    ledger: Ledger, queries: OwnerQueries, owner: Any
) -> None:
    first = status("o", "partially_filled", "0.4", "100", "0.001", fee_currency="BNB")
    ledger.apply(first)
    rate(ledger, "BNB", "600")
    assert convert(owner) == "1 fees converted, 0 without a rate"

    ledger.apply(first, status("o", "filled", "1", "100", "0.003", fee_currency="BNB"))

    held = ledger.position()
    assert (held["size"], held["fees_paid"]) == (1, D("1.8"))
    queries.assert_sound()


def test_what_cannot_be_converted_does_not_stop_the_others(
    ledger: Ledger, queries: OwnerQueries, owner: Any
) -> None:
    ledger.apply(
        fill("1", "Buy", "1", "100", "9" * 20, fee_currency="BNB"),
        fill("2", "Buy", "1", "100", "1", fee_currency="XYZ"),
        fill("3", "Buy", "1", "100", "0.002", fee_currency="BNB"),
        fill("4", "Buy", "1", "100", "0.002", fee_currency="BNB", asset="ETHUSDT"),
    )
    rate(ledger, "BNB", "600")

    assert convert(owner) == "2 fees converted, 2 without a rate"
    assert ledger.position()["unconverted_fees"] == 2
    assert ledger.position("ETHUSDT")["needs_review"] is False
