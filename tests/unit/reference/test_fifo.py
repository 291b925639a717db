"""FIFO lots of the reference implementation, compared with average cost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D

from hypothesis import given

from position_manager.reference.fifo import FifoLots, Lot, fifo_lots
from position_manager.reference.fold import EXACT, Entry, Instrument, Leg
from tests.unit.reference.test_fold import FILLS, INSTRUMENTS

MORNING, NOON = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (6, 12))


def bought(quantity: str, price: str, at: datetime = MORNING) -> Entry:
    return Entry(D(quantity), D(price), executed_at=at)


def test_the_oldest_lot_is_sold_first() -> None:
    held = fifo_lots((bought("1", "100"), bought("2", "110", NOON), bought("-2", "120", NOON)))

    assert held.realized == D(20 + 10)
    assert held.cost == D(110)
    assert list(held.lots) == [Lot(D(1), D(2), D(220), NOON)]


def test_a_flip_opens_one_lot_the_other_way() -> None:
    held = fifo_lots((bought("1", "100"), bought("1", "110"), bought("-3", "120", NOON)))

    assert held.realized == D(20 + 10)
    assert held.cost == D(-120)
    assert list(held.lots) == [Lot(D(-1), D(-3), D(-360), NOON)]


def test_a_short_is_bought_back_from_its_oldest_lot() -> None:
    held = fifo_lots((bought("-1", "100"), bought("-1", "90"), bought("1.5", "80")))

    assert held.realized == D(20 + 5)
    assert held.cost == D(-45)
    assert list(held.lots) == [Lot(D("-0.5"), D(-1), D(-90), MORNING)]


def test_an_adjustment_merges_all_lots() -> None:
    adjustment = Entry(D(1), None, executed_at=NOON, kind="adjustment", amount=D(105))
    held = fifo_lots((bought("1", "100"), bought("1", "110"), adjustment))

    assert (list(held.lots), held.realized) == ([Lot(D(1), D(1), D(105), NOON)], D(0))


def test_both_methods_realize_the_same_after_an_adjustment() -> None:
    entries = (bought("1", "100"), bought("1", "110"), bought("-1", "107"))
    adjustment = Entry(D(0), None, executed_at=NOON, kind="adjustment", amount=D(0))
    assert fifo_lots(entries).realized == D(7)
    held = fifo_lots((*entries, adjustment))

    assert (list(held.lots), held.realized) == ([], D(2))


@given(FILLS, INSTRUMENTS)
def test_fifo_and_average_cost_differ_only_in_timing(
    fills: list[Entry], instrument: Instrument
) -> None:
    leg, held = Leg(instrument), FifoLots(instrument)
    for each in fills:
        leg.apply(each)
        held.apply(each)
        assert held.size == leg.size
        assert EXACT.subtract(held.realized, held.cost) == EXACT.subtract(leg.realized, leg.cost)
        assert all((lot.quantity > 0) == (leg.size > 0) for lot in held.lots)
        assert leg.size != 0 or held.realized == leg.realized
