"""The reference implementation of messages: live entries and their history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D
from itertools import permutations

import pytest

from position_manager.reference.fold import Entry, Instrument
from position_manager.reference.journal import Journal
from position_manager.reference.messages import Bust, Correction, Fill, Message, Place, Posting

NET = Place("BTCUSDT", "net")
DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 10)]
BUY = Fill("buy", NET, D(2), D(100), DAYS[0])
SELL = Fill("sell", NET, D(-1), D(110), DAYS[2], D("0.5"))
FUNDING = Posting(
    "funding", NET, Entry(D(0), None, executed_at=DAYS[1], kind="funding", amount=D(-3))
)
CHEAPER = Correction("sell", "c1", DAYS[4], price=D(105))
SMALLER = Correction("sell", "c2", DAYS[5], quantity=D("0.5"))


def journal(*messages: Message) -> Journal:
    """One message arrives per day."""
    received = Journal()
    for place, message in enumerate(messages):
        received.receive(message, DAYS[place])
    return received


def every_order(*messages: Message) -> Iterator[Journal]:
    return (journal(*order) for order in permutations(messages))


def test_late_fills_take_their_place_in_event_time() -> None:
    for received in every_order(BUY, SELL, FUNDING):
        leg = received.leg(NET)
        assert (leg.size, leg.cost, leg.realized, leg.funding) == (D(1), D(100), D(10), D(-3))
        assert (received.version(NET), leg.opened_at) == (3, DAYS[0])


def test_a_second_delivery_counts_once() -> None:
    received = journal(BUY, BUY, SELL, BUY)

    assert (received.leg(NET).size, received.version(NET)) == (D(1), 2)


def test_other_content_under_an_identity_does_not_count() -> None:
    assert journal(BUY, replace(BUY, price=D(1))).leg(NET).cost == D(200)


def test_a_bust_is_final_in_any_order() -> None:
    for received in every_order(BUY, SELL, Bust("sell"), CHEAPER):
        assert (received.leg(NET).size, received.leg(NET).realized) == (D(2), D(0))
        # Three entries, and two that no longer count.
        assert received.version(NET) == 5


def test_the_newest_correction_counts() -> None:
    for received in every_order(BUY, SELL, CHEAPER, SMALLER):
        leg = received.leg(NET)
        # It does not name the price: that stays as in the original.
        assert (leg.size, leg.realized, leg.fees_close) == (D("1.5"), D(5), D("0.5"))
        assert received.version(NET) == 6


def test_a_repeated_correction_counts_once() -> None:
    assert journal(BUY, SELL, CHEAPER, CHEAPER).version(NET) == 4


def test_a_correction_may_turn_a_trade_around_and_move_it() -> None:
    turned = Correction("sell", "c1", DAYS[4], side=1, fee=D(1), executed_at=DAYS[3])
    received = journal(BUY, SELL, turned)

    assert (received.leg(NET).size, received.leg(NET).fees_open) == (D(3), D(1))
    assert received.leg(NET, at=DAYS[2]).size == D(2)


def test_an_amendment_without_its_trade_is_not_an_entry() -> None:
    received = journal(Bust("sell"), CHEAPER, BUY)

    assert (received.version(NET), received.leg(NET).size) == (1, D(2))


@pytest.mark.parametrize(
    ("at", "known", "size", "realized"),
    [
        (0, 0, 2, 0),
        (8, 0, 2, 0),
        (8, 1, 1, 10),
        (1, 1, 2, 0),
        (8, 2, 1, 5),
        (8, 3, 2, 0),
    ],
)
def test_the_state_depends_on_event_time_and_knowledge(
    at: int, known: int, size: int, realized: int
) -> None:
    received = journal(BUY, SELL, CHEAPER, Bust("sell"))
    leg = received.leg(NET, DAYS[at], DAYS[known])

    assert (leg.size, leg.realized) == (D(size), D(realized))


def test_former_versions_are_counted() -> None:
    received = journal(BUY, SELL, CHEAPER, Bust("sell"))

    assert [received.version(NET, day) for day in DAYS[:5]] == [1, 2, 4, 5, 5]


def test_a_corrected_spot_fill_recomputes_its_base_fee() -> None:
    spot = Fill("spot", NET, D(1), D(50000), DAYS[0], D("0.001"), fee_is_in_base=True)
    leg = journal(spot, Correction("spot", "c", DAYS[1], price=D(40000))).leg(NET)

    assert (leg.size, leg.cost, leg.fees_paid) == (D("0.999"), D(40000), D(0))


def test_legs_are_valued_by_their_instrument() -> None:
    received = journal(BUY, replace(BUY, identity="i", place=Place("BTCUSD", "long")))
    received.instruments["BTCUSD"] = Instrument(D(100), is_inverse=True)

    assert received.places() == {NET, Place("BTCUSD", "long")}
    assert received.leg(Place("BTCUSD", "long")).cost == D(-2)


@pytest.mark.parametrize(
    ("messages", "causes"),
    [
        ([SELL, Bust("sell")], ["bust"]),
        ([SELL, CHEAPER, SMALLER], ["correction", "correction", None]),
        # A bust voids what a correction has not voided before.
        ([SELL, CHEAPER, Bust("sell")], ["correction", "bust"]),
        ([SELL, Bust("sell"), CHEAPER], ["bust", "bust"]),
        ([SELL, SMALLER, CHEAPER], ["correction", None, "correction"]),
    ],
)
def test_recorded_entries_have_the_cause_that_voided_them(
    messages: list[Message], causes: list[str | None]
) -> None:
    assert [each.voided_by for each in journal(*messages).recorded(NET)] == causes


def test_a_bust_is_the_cause_when_it_arrives_with_a_correction() -> None:
    received = Journal()
    received.receive(SELL, DAYS[0])
    for message in (CHEAPER, Bust("sell")):
        received.receive(message, DAYS[1])

    assert [each.voided_by for each in received.recorded(NET)] == ["bust", "bust"]
