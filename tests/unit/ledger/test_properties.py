"""Accounting identities and independence of the order of arrival, over random histories."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal as D
from decimal import localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from position_manager.reference.fold import ZERO, rounded, share, states, time_of
from position_manager.reference.messages import Correction, Fill, Message
from tests.helpers.account_harness import STATE, Book, Row, expected, state, value_added
from tests.helpers.random_histories import (
    SHAPES,
    Shape,
    adjusted,
    fills,
    histories,
    history,
    journal,
    shuffled,
    simultaneous,
)
from tests.helpers.soak import sized

# The released cost is rounded to 18 digits, once for each part.
DUST = D("1e-16")
AMOUNTS = ("size", "cost", "realized", "fees_open", "fees_close", "funding")

# Seeded and truly random: hypothesis would shrink toward few orders of arrival.
chances = st.randoms(use_true_random=True)
shapes = st.sampled_from(SHAPES)


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """Python's decimals round to 28 digits by default."""
    with localcontext(prec=400):
        yield


def examples(count: int) -> Callable[..., Any]:
    """The database is the same for all examples of a test."""
    return settings(
        max_examples=sized(count, 10 * count),
        print_blob=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@examples(250)
@given(shapes.flatmap(adjusted), chances)
def test_any_order_and_batching_match_the_reference(
    book: Book, messages: list[Message], chance: random.Random
) -> None:
    accounts = book.deliver([messages], shuffled(messages, chance), shuffled(messages, chance))

    assert book.stored(*accounts) == [expected(messages)] * 3


@examples(150)
@given(shapes.flatmap(fills), chances)
def test_late_and_repeated_fills_match_the_reference(
    book: Book, trades: list[Fill], chance: random.Random
) -> None:
    one_by_one = [[fill] for fill in trades]
    accounts = book.deliver(one_by_one, one_by_one[::-1], shuffled(trades, chance))

    assert book.stored(*accounts) == [expected(trades)] * 3


@examples(20)
@given(shapes, chances)
def test_long_histories_match_the_reference_after_every_message(
    book: Book, shape: Shape, chance: random.Random
) -> None:
    account = book.new_account()
    messages: list[Message] = []
    for message in history(chance, 40, [shape], adjustments=10):
        book.apply({account: [message]})
        messages.append(message)
        rows = expected(messages)
        assert book.stored(account) == [rows]
        states = {place: {name: row[name] for name in STATE} for place, row in rows.items()}
        assert book.folded_on(account) == [states]


@examples(150)
@given(shapes.flatmap(adjusted), chances)
def test_replaying_the_ledger_reproduces_the_stored_rows(
    book: Book, messages: list[Message], chance: random.Random
) -> None:
    [account] = book.deliver(shuffled(messages, chance))

    stored = book.stored(account)[0]
    assert book.replayed(account)[0] == {
        place: {name: row[name] for name in row if name != "version"}
        for place, row in stored.items()
        if row["entries"] > 0
    }


@examples(200)
@given(shapes.flatmap(adjusted), chances)
def test_the_identities_hold_after_every_entry(
    book: Book, messages: list[Message], chance: random.Random
) -> None:
    [account] = book.deliver(shuffled(messages, chance))

    received = journal(messages)
    for place in received.places():
        entries = received.entries(place)
        history = book.history(account, place)
        assert len(history) == len(entries)
        flowed = fees = funding = ZERO
        before: Row = {"size": ZERO, "cost": ZERO, "realized": ZERO}
        for entry, held in zip(entries, history, strict=True):
            quantity = ZERO if entry.is_absolute else before["size"]
            flowed -= value_added(entry, before, received.instrument(place))
            funding += entry.amount or ZERO if entry.kind == "funding" else ZERO
            fees += entry.fee
            assert held["realized"] - held["cost"] == flowed
            assert (held["size"], held["funding"]) == (quantity + entry.quantity, funding)
            assert held["fees_open"] + held["fees_close"] == fees
            assert held["size"] != 0 or (held["cost"], held["realized"]) == (0, flowed)
            before = held


@examples(100)
@given(shapes.flatmap(adjusted), chances, st.integers(0, 11))
def test_the_history_of_a_leg_is_the_same_from_any_start(
    book: Book, messages: list[Message], chance: random.Random, cut: int
) -> None:
    [account] = book.deliver(shuffled(messages, chance))

    received = journal(messages)
    for place in received.places():
        entries = received.entries(place)
        after = [state(leg) for leg in states(entries, received.instrument(place))]
        assert book.history(account, place) == after
        if entries:
            since = time_of(entries[cut % len(entries)])
            # The history may start earlier, at the checkpoint before.
            tail = book.history(account, place, since)
            assert len(tail) >= sum(time_of(entry) >= since for entry in entries)
            assert tail == after[len(after) - len(tail) :]


@examples(120)
@given(shapes.flatmap(histories), chances)
def test_mirrored_messages_give_mirrored_rows(
    book: Book, messages: list[Message], chance: random.Random
) -> None:
    accounts = book.deliver(shuffled(messages, chance), shuffled(mirrored(messages), chance))

    there, back = book.stored(*accounts)
    assert back == {
        place: row | {name: -row[name] for name in ("size", "cost", "realized")}
        for place, row in there.items()
    }


@examples(120)
@given(shapes.flatmap(fills), st.integers(0, 99), st.integers(1, 99), chances)
def test_two_partial_fills_equal_the_whole_fill(
    book: Book, trades: list[Fill], which: int, percent: int, chance: random.Random
) -> None:
    cut = trades[which % len(trades)]
    parts = halves(cut, percent)
    split = [*(fill for fill in trades if fill is not cut), *parts]
    # The parts have the same time, so the first must arrive first.
    accounts = book.deliver(shuffled(trades, chance), [parts, *shuffled(split, chance)])

    whole, in_parts = book.stored(*accounts)
    for place, row in whole.items():
        other = in_parts[place]
        assert is_near(row, other)
        assert (row["size"], row["opened_at"]) == (other["size"], other["opened_at"])
        assert other["version"] - row["version"] == (len(parts) - 1 if place == cut.place else 0)


@examples(120)
@given(shapes.flatmap(simultaneous), chances)
def test_simultaneous_fills_of_one_side_commute(
    book: Book, generated: tuple[list[Fill], list[Fill]], chance: random.Random
) -> None:
    before, together = generated
    accounts = book.deliver(
        [[*before, *together]],
        [[*before, *chance.sample(together, len(together))]],
        shuffled([*before, *together], chance),
    )

    one, *others = book.stored(*accounts)
    for other in others:
        for place, row in one.items():
            assert is_near(row, other[place])
            assert row["realized"] - row["cost"] == other[place]["realized"] - other[place]["cost"]
            for name in row.keys() - {"cost", "realized"}:
                assert row[name] == other[place][name]


def mirrored(messages: list[Message]) -> list[Message]:
    """Purchases for sales, and sales for purchases."""
    fills = [message for message in messages if isinstance(message, Fill)]
    # A fee that was taken from the quantity is added to it.
    in_base = {fill.identity for fill in fills if fill.fee_is_in_base}

    def mirror(message: Message) -> Message:
        if not isinstance(message, Fill | Correction):
            return message
        if message.fee is not None and message.identity in in_base:
            message = replace(message, fee=-message.fee)
        if isinstance(message, Fill):
            return replace(message, quantity=-message.quantity)
        return message if message.side is None else replace(message, side=-message.side)

    return list(map(mirror, messages))


def halves(fill: Fill, percent: int) -> list[Fill]:
    """Two parts of a fill with their shares of the fee; one when it is too small for two."""
    part = rounded(fill.quantity * percent / 100)
    fee = share(fill.fee, part, fill.quantity)
    rest = fill.quantity - part
    if 0 in (part, rest) or (fill.fee_is_in_base and (part == fee or rest == fill.fee - fee)):
        return [fill]
    return [
        replace(fill, identity="first part", quantity=part, fee=fee),
        replace(fill, identity="second part", quantity=rest, fee=fill.fee - fee),
    ]


def is_near(one: Row, other: Row) -> bool:
    return all(abs(one[name] - other[name]) <= DUST for name in AMOUNTS)
