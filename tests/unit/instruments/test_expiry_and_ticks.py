"""Expiry, and the grids of prices and quantities."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill, status
from tests.helpers.owner_queries import OwnerQueries

OPTION = "BTC-26DEC25-90000-C"
REVIEWS = "SELECT r.code, r.source, r.detail FROM pms.reviews r ORDER BY r.code, r.source"
BEFORE, AT, AFTER = "2025-12-26T07:59:59Z", "2025-12-26T08:00:00Z", "2025-12-26T09:00:00Z"


@pytest.fixture
def expiring(ledger: Ledger) -> Ledger:
    """A ledger with an option that has expired."""
    ledger.define(OPTION, expires_at=AT)
    return ledger


def flag(owner: psycopg.Connection[Any]) -> str:
    row = owner.execute("SELECT (pms.review_expired()).done").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("price", "at", "outcome"),
    [("0", BEFORE, "rejected"), ("0", AT, "applied"), ("0", AFTER, "applied"),
     ("-1", AFTER, "rejected"), ("1", AFTER, "applied")],
)  # fmt: skip
def test_a_fill_at_zero_settles_an_instrument_that_has_expired(
    expiring: Ledger, price: str, at: str, outcome: str
) -> None:
    expiring.apply(fill("1", "Buy", "2", "500", asset=OPTION, at="2025-12-01T00:00:00Z"))
    assert expiring.apply(fill("2", "Sell", "2", price, asset=OPTION, at=at)) == [outcome]
    if (price, outcome) == ("0", "applied"):
        position = expiring.position(OPTION)
        assert (position["size"], position["realized_pnl"]) == (0, -1000)


def test_a_settlement_without_an_order_is_accepted(expiring: Ledger) -> None:
    expiring.apply(fill("1", "Buy", "2", "500", asset=OPTION, at="2025-12-01T00:00:00Z"))
    settled = fill("2", "Sell", "2", "0", asset=OPTION, at=AT, order_id=None)
    assert expiring.apply(settled) == ["applied"]
    assert expiring.apply(settled) == ["duplicate"]


def test_a_correction_to_zero_is_accepted_at_expiry_only(expiring: Ledger) -> None:
    expiring.apply(
        fill("1", "Buy", "2", "500", asset=OPTION, at=BEFORE),
        fill("2", "Sell", "2", "1", asset=OPTION, at=AT),
    )
    assert expiring.apply(correction("1", "a", execution_price="0")) == ["rejected"]
    assert expiring.apply(correction("2", "b", execution_price="0")) == ["applied"]
    assert expiring.position(OPTION)["realized_pnl"] == D(-1000)


@pytest.mark.parametrize("instrument", [{}, {"kind": "inverse", "expires_at": AT}])
def test_other_instruments_do_not_trade_at_zero(ledger: Ledger, instrument: dict[str, Any]) -> None:
    ledger.define("BTCUSD", **instrument)
    assert ledger.apply(fill("1", "Buy", "2", "0", asset="BTCUSD", at=AFTER)) == ["rejected"]


def test_an_open_position_of_an_expired_instrument_is_flagged_until_it_is_flat(
    expiring: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    expiring.apply(fill("1", "Buy", "2", "500", asset=OPTION, at="2025-12-01T00:00:00Z"))
    assert flag(owner) == "1 legs of expired instruments flagged or settled"
    assert expiring.position(OPTION)["needs_review"]
    assert queries.rows(REVIEWS) == [
        {"code": "expired", "source": OPTION,
         "detail": "expired at 2025-12-26T08:00:00.000000Z and still open"}
    ]  # fmt: skip
    assert flag(owner) == "0 legs of expired instruments flagged or settled"

    expiring.apply(fill("2", "Sell", "2", "0", asset=OPTION, at=AT))
    flag(owner)
    assert queries.rows(REVIEWS) == []
    assert not expiring.position(OPTION)["needs_review"]


def test_an_instrument_that_expires_later_is_not_flagged(
    expiring: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    expiring.apply(fill("1", "Buy", "2", "500", asset=OPTION, at="2025-12-01T00:00:00Z"))
    flag(owner)
    expiring.define(OPTION, expires_at="2999-01-01T00:00:00Z")
    flag(owner)
    assert queries.rows(REVIEWS) == []


def test_a_fill_off_the_grid_counts_and_is_flagged(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.define("BTCUSDT", tick_size="0.5", quantity_step="0.01")
    ledger.apply(
        fill("1", "Buy", "1", "100.5"),
        fill("2", "Buy", "1", "100.3"),
        fill("3", "Buy", "0.015", "100"),
    )

    position = ledger.position()
    assert (position["size"], position["needs_review"]) == (D("2.015"), True)
    assert queries.rows(REVIEWS) == [
        {"code": "off_tick", "source": "execution:2",
         "detail": "price 100.3 is no multiple of 0.5"},
        {"code": "off_tick", "source": "execution:3",
         "detail": "quantity 0.015 is no multiple of 0.01"},
    ]  # fmt: skip

    ledger.apply(correction("2", execution_price="100"), bust("3"))
    assert queries.rows(REVIEWS) == []
    assert not ledger.position()["needs_review"]


def test_the_right_grid_settles_the_flag(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.define("BTCUSDT", tick_size="0.5")
    ledger.apply(fill("1", "Buy", "1", "100.3"))
    ledger.define("BTCUSDT", tick_size="0.2")
    assert len(queries.rows(REVIEWS)) == 1
    ledger.define("BTCUSDT", tick_size="0.1")
    assert queries.rows(REVIEWS) == []


def test_the_average_of_a_total_is_not_held_to_the_grid(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define("BTCUSDT", tick_size="0.5")
    ledger.apply(status("o", "filled", "3", "100.33333333"))
    assert queries.rows(REVIEWS) == []


def test_the_right_grid_fits_the_quantity_before_its_fee(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define("ABCUSDT", kind="spot", quantity_step="1")
    ledger.apply(fill("1", "Buy", "10.5", "100", fee="0.01", fee_currency="ABC", asset="ABCUSDT"))
    assert [row["detail"] for row in queries.rows(REVIEWS)] == ["quantity 10.5 is no multiple of 1"]

    ledger.define("ABCUSDT", kind="spot", quantity_step="0.5")

    assert ledger.position("ABCUSDT")["size"] == D("10.49")
    assert queries.rows(REVIEWS) == []


@pytest.mark.parametrize("grid", [{"tick_size": 0}, {"quantity_step": -1}])
def test_a_grid_is_positive(ledger: Ledger, grid: dict[str, int]) -> None:
    answer = ledger.call("define_instrument", asset="BTCUSDT", **grid)

    assert answer["error_code"] == "VALIDATION_ERROR"
    assert answer["details"].keys() == grid.keys()
