"""Minimal cases of failures that random histories have found."""

from __future__ import annotations

from decimal import Decimal as D

from position_manager.reference.fold import ZERO
from position_manager.reference.messages import Bust, Correction, Fill, Message, Place
from tests.helpers.account_harness import Book, expected
from tests.helpers.ledger import Ledger, fill, status
from tests.helpers.random_histories import after

NET = Place("LINEARUSDT", "net")


def one(minute: int, side: int = 1, price: int = 100) -> Fill:
    """A unit, bought or sold."""
    return Fill(f"fill-{minute}", NET, D(side), D(price), after(minute), ZERO)


def test_replay_never_starts_at_an_entry_voided_on_arrival(book: Book) -> None:
    messages: list[Message] = [
        one(0),
        # Busted before it arrived: later fills are not late relative to it.
        Bust("fill-26"),
        one(26),
        one(18),
        one(24),
        one(30),
        one(28),
    ]
    [account] = book.deliver([[message] for message in messages])

    assert book.stored(account) == [expected(messages)]


RESTATED = """
    SELECT r.realized_pnl_before, r.realized_pnl_after
    FROM pms.restatements r
    WHERE r.account = %s
"""


def test_a_correction_of_the_newest_fill_is_a_restatement(book: Book) -> None:
    sold = one(1, side=-1, price=110)
    [account] = book.deliver(
        [[one(0)], [sold], [Correction(sold.identity, "cheaper", after(5), price=D(105))]]
    )

    assert book.conn.execute(RESTATED, [account]).fetchall() == [(10, 5)]


def test_a_fill_in_order_with_a_pending_correction_restates_nothing(
    book: Book,
) -> None:
    sold = one(1, side=-1, price=110)
    cheaper = Correction(sold.identity, "cheaper", after(5), price=D(105))
    messages: list[Message] = [one(0), cheaper, sold]
    accounts = book.deliver([[message] for message in messages], [messages[:1], messages[1:]])

    assert book.stored(*accounts) == [expected(messages)] * 2
    for account in accounts:
        assert book.conn.execute(RESTATED, [account]).fetchall() == []


def test_an_overtaking_execution_is_not_mistaken_for_a_counted_one(
    ledger: Ledger,
) -> None:
    early = fill("early", "Buy", "1", "90", order_id="order")
    late = fill("late", "Buy", "1", "100", "0.001", order_id="order")
    ledger.apply(status("order", "partially_filled", "1", "90"))
    ledger.apply(late)
    ledger.apply(early)

    held = ledger.position()
    assert (held["size"], held["cost_basis"], held["fees_paid"]) == (D(2), D(190), D("0.001"))
