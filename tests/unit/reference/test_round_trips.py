"""Cycles of the reference implementation."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from position_manager.reference.fold import ZERO, Entry
from position_manager.reference.round_trips import round_trips


def at(minute: int) -> datetime:
    return datetime(2026, 1, 1, 0, minute, tzinfo=UTC)


def trade(quantity: str, price: str, minute: int, fee: str = "0") -> Entry:
    return Entry(D(quantity), D(price), D(fee), at(minute))


def funding(amount: str, minute: int) -> Entry:
    return Entry(ZERO, None, executed_at=at(minute), kind="funding", amount=D(amount))


def test_a_flip_closes_a_cycle_and_opens_the_next() -> None:
    first, second = round_trips((trade("2", "100", 1), trade("-3", "110", 2, fee="3")))

    assert (first.direction, first.opened_at, first.closed_at) == ("long", at(1), at(2))
    assert (first.cash, first.fees, first.peak_size, first.quantity_traded) == (
        D(20), D(2), D(2), D(4),
    )  # fmt: skip
    assert (first.turnover, second.turnover) == (D(420), D(110))
    assert (second.direction, second.opened_at, second.closed_at) == ("short", at(2), None)
    assert (second.entry_quantity, second.fees) == (D(-1), D(1))


def test_early_funding_belongs_to_the_first_cycle_and_later_funding_to_the_newest() -> None:
    entries = (
        funding("1", 1), trade("1", "100", 2), trade("-1", "100", 3), funding("2", 4),
        trade("1", "100", 5), funding("4", 6),
    )  # fmt: skip
    first, second = round_trips(entries)

    assert (first.funding, first.entries, first.net_pnl) == (D(3), 4, D(3))
    assert (second.funding, second.entries) == (D(4), 2)


def test_profits_count_realized_parts_and_end_with_the_cycle() -> None:
    prices = [(at(minute), D(price)) for minute, price in enumerate((90, 110, 120, 130))]
    entries = (trade("2", "100", 1), trade("-1", "105", 2), trade("-1", "115", 3))
    [cycle] = round_trips(entries, prices=prices)

    assert cycle.profits == (D(20), D(25))
    assert (cycle.average_entry_price, cycle.average_exit_price) == (D(100), D(110))
    assert cycle.cash == D(20)


def adjustment(size: str, cost: str, minute: int, **prices: D) -> Entry:
    return Entry(
        D(size), prices.get("average"), executed_at=at(minute), kind="adjustment", amount=D(cost),
        closing_price=prices.get("closing"),
    )  # fmt: skip


def test_an_adjustment_exits_at_its_closing_price_and_restates_the_rest() -> None:
    [cycle] = round_trips(
        (
            trade("3", "100", 1),
            adjustment("2", "220", 2, average=D(110), closing=D(80)),
            adjustment("0", "0", 3, closing=D(90)),
            adjustment("0", "0", 4, closing=D(70)),
        )
    )

    assert (cycle.closed_at, cycle.entries, cycle.quantity_traded) == (at(3), 4, D(3))
    assert (cycle.entry_quantity, cycle.entry_value) == (D(3), D(320))
    assert (cycle.exit_quantity, cycle.exit_value, cycle.cash) == (D(-3), D(-260), D(-60))


def test_an_adjustment_without_a_closing_price_takes_back_its_entry() -> None:
    first, second = round_trips((trade("2", "100", 1), adjustment("-1", "-90", 2)))

    assert (first.entry_quantity, first.cash, first.closed_at) == (D(0), D(0), at(2))
    assert (second.direction, second.entry_value, second.closed_at) == ("short", D(-90), None)


def test_an_opening_is_refused() -> None:
    opening = Entry(D(1), D(100), executed_at=at(1), kind="opening")
    with pytest.raises(ValueError, match="no opening"):
        round_trips((opening,))
