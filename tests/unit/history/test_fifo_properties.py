"""First in, first out: open lots, and the realized result of closed ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, localcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from position_manager.reference.fifo import fifo_lots
from position_manager.reference.messages import Message, Place
from tests.helpers.account_harness import Book
from tests.helpers.random_histories import SHAPES, adjusted, journal, shuffled
from tests.helpers.soak import sized

LOTS = """
    SELECT l.asset, l.leg, l.quantity, l.cost, l.executed_at
    FROM api.fifo_lots l
    WHERE l.account = %s
    ORDER BY l.executed_at, l.entry_id
"""
POSITIONS = """
    SELECT p.asset, p.leg, p.size, p.lots, p.fifo_cost, p.fifo_realized, p.average_cost,
        p.average_realized
    FROM api.fifo_positions p
    WHERE p.account = %s
"""


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=400):
        yield


@settings(
    max_examples=sized(100, 1000),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(SHAPES).flatmap(adjusted), st.randoms(use_true_random=True))
def test_the_oldest_lots_are_closed_first(
    book: Book, messages: list[Message], chance: random.Random
) -> None:
    [account] = book.deliver(shuffled(messages, chance))

    lots: dict[Place, list[tuple[Decimal, Decimal, datetime]]] = defaultdict(list)
    for asset, leg, *lot in book.conn.execute(LOTS, [account]):
        lots[Place(asset, leg)].append((lot[0], lot[1], lot[2]))
    received = journal(messages)
    rows = book.conn.execute(POSITIONS, [account]).fetchall()
    assert {Place(*row[:2]) for row in rows} == received.places()
    for asset, leg, size, count, cost, realized, average_cost, average_realized in rows:
        place = Place(asset, leg)
        held = fifo_lots(received.entries(place), received.instrument(place))
        found = lots[place]
        assert (size, count, len(found)) == (held.size, len(held.lots), len(held.lots))
        for (quantity, left, at), lot in zip(found, held.lots, strict=True):
            assert (quantity, left, at) == (lot.quantity, lot.cost, lot.opened_at)
        assert (cost, realized) == (held.cost, held.realized)
        assert realized - cost == average_realized - average_cost
