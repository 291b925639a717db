"""Transfers conserve quantity and cost over both accounts; at cost they realize nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from position_manager.reference.fold import Entry, Leg, fold, released_cost
from tests.helpers.account_harness import Book, state
from tests.helpers.encode import text
from tests.helpers.random_histories import (
    EXTREME,
    SHAPES,
    Shape,
    a_price,
    drawn,
    fills,
    journal,
    part_of,
)
from tests.helpers.soak import sized

WHEN = """
    SELECT f.executed_at
    FROM api.fills f
    WHERE f.account = %s AND f.kind = 'transfer'
"""


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=400):
        yield


def source_entry(leg: Leg, quantity: Decimal, price: Decimal | None) -> Entry:
    """The entry of the source account."""
    leaving = -quantity.copy_sign(leg.size)
    amount = None if price is not None else -released_cost(leg.cost, leaving, leg.size)
    return Entry(leaving, price, kind="transfer", amount=amount)


@settings(
    max_examples=sized(80, 800),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(SHAPES), st.data())
def test_a_transfer_conserves_quantity_and_cost(
    book: Book, shape: Shape, data: st.DataObject
) -> None:
    messages, other = data.draw(fills(shape)), data.draw(fills(shape))
    place = messages[0].place
    held = journal(messages).leg(place)
    assume(held.size != 0)
    most = held.size.copy_abs()
    quantity = data.draw((st.just(most) | drawn(part_of, most)).filter(bool))
    price = data.draw(st.none() | drawn(a_price, EXTREME))
    giver, taker = book.deliver([messages], [other])

    answer = book.ledger.call(
        "record_transfer",
        transfer_id=f"{giver}-{taker}",
        asset=place.asset,
        quantity=text(quantity),
        from_account=giver,
        to_account=taker,
        price=None if price is None else text(price),
        mode=shape.mode,
        position_side=None if place.leg == "net" else place.leg,
    )

    assert answer["outcome"] == "applied"
    gave, got = book.stored(giver, taker)
    [(when,), *others] = book.conn.execute(WHEN, [giver]).fetchall()
    assert not others
    given = replace(source_entry(held, quantity, price), executed_at=when)
    taken = replace(
        given,
        quantity=-given.quantity,
        amount=None if given.amount is None else -given.amount,
    )
    for history, entry, row in ((messages, given, gave[place]), (other, taken, got[place])):
        entries = [*journal(history).entries(place), entry]
        assert state(fold(entries, shape.instrument)).items() <= row.items()
    assert price is not None or gave[place]["realized"] == held.realized
    assert book.replayed(giver, taker) == [
        {at: {name: row[name] for name in row if name != "version"} for at, row in rows.items()}
        for rows in (gave, got)
    ]
