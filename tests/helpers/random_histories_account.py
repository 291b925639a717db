"""A long random history that is told message by message, late ones too, and when each was known."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from position_manager.reference.fold import ZERO, Entry, time_of
from position_manager.reference.messages import Bust, Correction, Fill, Journal, Message, Posting
from tests.helpers.account_harness import Book
from tests.helpers.strategies import CONTRACTS, INSTRUMENTS, SHAPES, Shape, after

ENTRIES = 500
# How far, in minutes, one comes after what happened later: most not at all, some hours.
LATENESS = 20
TOLD = datetime(2026, 2, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def history(
    chance: random.Random, entries: int = ENTRIES, shapes: Sequence[Shape] = SHAPES
) -> list[Message]:
    """Fills and funding of such positions, busts and corrections, as they arrive."""
    arriving: list[tuple[float, Message]] = []
    for minute in range(entries):
        shape = chance.choice(shapes)
        told = (_funding if chance.random() < 0.15 else _fill)(shape, minute, chance)
        arrival = minute + chance.expovariate(1 / LATENESS) * (chance.random() < 0.3)
        arriving.append((arrival, told))
        if isinstance(told, Fill):
            arriving += [
                # Some of them arrive before what they are about.
                (arrival + chance.uniform(-LATENESS, 3 * LATENESS), each)
                for each in _amendments(told, minute, chance)
            ]
    return [message for _, message in sorted(arriving, key=lambda each: each[0])]


def _fill(shape: Shape, minute: int, chance: random.Random) -> Fill:
    in_base = CONTRACTS[shape.asset][0] == "spot" and chance.random() < 0.5
    return Fill(
        f"fill-{minute}",
        chance.choice(shape.places),
        _quantity(chance) * chance.choice((1, -1)),
        _price(chance),
        after(minute),
        # Less than the least quantity, where it is taken out of it.
        Decimal(chance.randint(-9, 9)).scaleb(-9)
        if in_base
        else Decimal(chance.randint(-(10**6), 10**7)).scaleb(-6),
        in_base,
    )


def _funding(shape: Shape, minute: int, chance: random.Random) -> Posting:
    amount = Decimal(chance.randint(-(10**10), 10**10)).scaleb(-8)
    entry = Entry(ZERO, None, executed_at=after(minute), kind="funding", amount=amount)
    return Posting(f"funding-{minute}", chance.choice(shape.places), entry)


def _amendments(fill: Fill, minute: int, chance: random.Random) -> list[Message]:
    fate = chance.choices(["", "b", "c", "cc", "cb"], [50, 12, 12, 14, 12])[0]
    return [
        Bust(fill.identity) if each == "b" else _correction(fill, minute, number, chance)
        for number, each in enumerate(fate)
    ]


def _correction(fill: Fill, minute: int, number: int, chance: random.Random) -> Correction:
    names = ("quantity", "price", "fee", "side", "time")
    changed = {chance.choice(names), chance.choice(names)}
    moved = after(max(minute + chance.randint(-60, 60), 0), microseconds=2 * minute + number + 1)
    return Correction(
        fill.identity,
        f"{fill.identity}-correction-{number}",
        TOLD + timedelta(hours=chance.randint(0, 1)),
        side=chance.choice((1, -1)) if "side" in changed else None,
        quantity=_quantity(chance) if "quantity" in changed else None,
        price=_price(chance) if "price" in changed else None,
        fee=Decimal(chance.randint(-9, 9)).scaleb(-9) if "fee" in changed else None,
        executed_at=moved if "time" in changed else None,
    )


def _quantity(chance: random.Random) -> Decimal:
    """Round ones, so that legs become flat, and awkward ones."""
    if chance.random() < 0.5:
        return Decimal(chance.choice(("1", "2", "3", "0.5")))
    return Decimal(chance.randint(1, 5 * 10**8)).scaleb(-8)


def _price(chance: random.Random) -> Decimal:
    return Decimal(chance.randint(9_000, 11_000)).scaleb(-chance.choice((0, 2)))


@dataclass
class Told:
    """A history in the database, and beside it the independent account of it."""

    account: str
    journal: Journal = field(default_factory=lambda: Journal(INSTRUMENTS))
    recorded: list[datetime] = field(default_factory=list)

    @property
    def event_times(self) -> list[datetime]:
        """When something happened, as known now."""
        return sorted(
            time_of(entry)
            for place in self.journal.places()
            for entry in self.journal.entries(place)
        )


def tell(
    book: Book, messages: Sequence[Message], after_each: Callable[[str], None] | None = None
) -> Told:
    """Hand the messages over one by one, and note when each was recorded.

    after_each: something else that happens in between, to the account.
    """
    account = book.new_account()
    heard: list[datetime] = []
    for message in messages:
        book.hand({account: [message]})
        heard.append(book.clock())
        if after_each is not None:
            after_each(account)
    told = Told(account, recorded=book.recorded(account))
    times = iter([*told.recorded, datetime.max.replace(tzinfo=UTC)])
    due = next(times)
    for message, by in zip(messages, heard, strict=True):
        # What waits for its trade, or is known already, is not recorded.
        known_at = by
        if due <= by:
            known_at, due = due, next(times)
        told.journal.receive(message, known_at)
    return told
