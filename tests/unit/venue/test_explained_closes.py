"""What closed a position comes after the report that it is closed: the estimate disappears."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.messages import buy, sell
from tests.helpers.venue import Venue, snake

STATE = """
    SELECT p.size, p.cost, p.realized, p.fees_open, p.fees_close, p.opened_at, p.needs_review
    FROM pms.positions p
    WHERE p.account = %s AND p.version > 0
"""
LEGS = {"net": {}, "long": {"position_side": "long"}, "short": {"position_side": "short"}}


def reported(venue: Venue, size: str, leg: str = "net") -> None:
    """The venue reports a size at a mark of 80, which is taken at once."""
    venue.report(snake(size, None, 60, leg, markPrice="80"))
    venue.validate(mode="one-way" if leg == "net" else "hedge")


def state(venue: Venue) -> list[tuple[Any, ...]]:
    return venue.conn.execute(STATE, [venue.account]).fetchall()


def test_what_late_fills_have_explained_leaves_the_cost_of_the_fills(venue: Venue) -> None:
    venue.fill(buy("a", "4", "100", 1), buy("b", "5", "110", 3))
    reported(venue, "5")
    # Of 950 for nine, five keep their share.
    assert venue.held() == (5, D("105.555555555556"), D("-102.222222222222222222"), False)

    venue.fill(sell("late", "3", "90", 2))
    venue.fill(sell("last", "1", "90", 2))

    # As if they had come in time.
    assert venue.held() == (5, 110, -40, False)


@settings(max_examples=30)
@given(
    leg=st.sampled_from(list(LEGS)),
    steps=st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.integers(80, 130)), min_size=2),
    data=st.data(),
)
def test_late_fills_end_like_fills_in_time(
    venues: Callable[[], Venue],
    leg: str,
    steps: list[tuple[bool, int, int]],
    data: st.DataObject,
) -> None:
    enter, leave = (sell, buy) if leg == "short" else (buy, sell)
    held, fills, closes = 0, [], []
    for minute, (closing, size, price) in enumerate(steps[:50], 1):
        closes.append(closing and held > 0)
        quantity = min(size, held) if closes[-1] else size
        held += -quantity if closes[-1] else quantity
        trade = leave if closes[-1] else enter
        fills.append(trade(str(minute), str(quantity), str(price), minute, fee="1", **LEGS[leg]))
    late = [fill for fill, closing in zip(fills, closes, strict=True) if closing]
    expected, venue = venues(), venues()
    expected.fill(*fills)

    venue.fill(*(fill for fill, closing in zip(fills, closes, strict=True) if not closing))
    reported(venue, f"-{held}" if leg == "short" and held else str(held), leg)
    late = data.draw(st.permutations(late))
    first = data.draw(st.integers(0, len(late)))
    for batch in (late[:first], late[first:]):
        if batch:
            venue.fill(*batch)

    assert state(venue) == state(expected)
