"""Held prices and the limit of jumps where units change."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, action, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

pytestmark = pytest.mark.usefixtures("verified")

STORED = """
    SELECT trim_scale(m.mark_price), trim_scale(m.held_price)
    FROM pms.prices m
    WHERE m.asset = 'BTCUSDT'
"""
REVIEWS = "SELECT v.code, v.detail FROM pms.reviews v"
TEN = action("ten", "split", ratio="10")


@pytest.fixture
def held(ledger: Ledger) -> Ledger:
    """1 BTC at 500; a tick of 200, an hour before the split, is held."""
    ledger.apply(fill("a", "Buy", "1", "500"))
    assert ledger.price(tick(500, 10), tick(200, 11)) == ["applied", "held"]
    return ledger


def tick(price: object, hour: int, minute: int = 0) -> dict[str, Any]:
    return ticker(str(price), f"2026-01-01T{hour:02}:{minute:02}:00Z")


def prices(owner: psycopg.Connection[Any]) -> Any:
    return owner.execute(STORED).fetchone()


def mark(ledger: Ledger) -> Any:
    return ledger.position()["current_price"]


def test_the_limit_compares_with_the_price_in_new_units(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.apply(fill("a", "Buy", "1", "500"))
    ledger.price(tick(500, 10))
    ledger.apply(TEN)

    assert ledger.price(tick(51, 13)) == ["applied"]
    assert ledger.price(tick(510, 14)) == ["held"]
    assert prices(owner) == (51, 510)


def test_a_price_of_after_a_split_does_not_confirm_one_in_old_units(
    held: Ledger, owner: psycopg.Connection[Any]
) -> None:
    held.apply(TEN)
    assert prices(owner) == (50, 200)
    assert owner.execute(REVIEWS).fetchall() == [("held_price", "20 is held, 50 is used")]

    assert held.price(tick(200, 13)) == ["held"]

    assert (mark(held), prices(owner)) == (50, (50, 200))


@pytest.mark.parametrize("price", ["19", "24.9"])
def test_a_price_of_after_a_split_confirms_one_in_its_units(
    price: str, held: Ledger, owner: psycopg.Connection[Any]
) -> None:
    held.apply(TEN)

    assert held.price(tick(price, 13)) == ["applied"]

    assert prices(owner) == (D(price), None)
    assert owner.execute(REVIEWS).fetchall() == []


def test_a_price_near_the_converted_one_drops_the_held_one(
    held: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    held.apply(TEN)

    assert held.price(tick(52, 13)) == ["applied"]

    assert prices(owner) == (52, None)
    assert queries.rows("SELECT h.minute FROM pms.price_bars h WHERE h.low_price = 200") == []


def test_a_price_in_new_units_that_was_held_counts_with_the_split(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.apply(fill("a", "Buy", "1", "500"))
    assert ledger.price(tick(500, 10), tick(51, 13)) == ["applied", "held"]

    ledger.apply(TEN)

    assert prices(owner) == (51, None)
    assert (mark(ledger), ledger.position()["unrealized_pnl"]) == (51, 10)
    assert owner.execute(REVIEWS).fetchall() == []


def test_a_change_of_a_contract_converts_both(held: Ledger, owner: psycopg.Connection[Any]) -> None:
    held.apply(action("contract", "contract", multiplier="10"))
    assert prices(owner) == (50, 200)

    assert held.price(tick(21, 13)) == ["applied"]
    assert prices(owner) == (21, None)


@pytest.mark.parametrize("verdict", ["accept_price", "drop_price"])
def test_a_price_in_old_units_is_decided(
    verdict: str, held: Ledger, owner: psycopg.Connection[Any]
) -> None:
    held.apply(TEN)

    answer = held.call(verdict, asset="BTCUSDT")

    expected = 20 if verdict == "accept_price" else 50
    assert D(answer["mark_price"]) == expected
    assert (mark(held), prices(owner)) == (expected, (expected, None))


def test_a_first_price_of_before_a_split_counts_in_its_units(ledger: Ledger) -> None:
    ledger.apply(fill("a", "Buy", "1", "500"), TEN)

    assert ledger.price(tick(500, 11)) == ["applied"]

    assert (mark(ledger), ledger.position()["unrealized_pnl"]) == (50, 0)
