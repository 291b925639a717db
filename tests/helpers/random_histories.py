"""Random histories of positions, as messages of the reference implementation.

Every choice is made by a `random.Random`: a seed gives the same history again. The strategies below
pass one that hypothesis controls, so that it can shrink a failing history.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from position_manager.reference.fold import EXACT, ZERO, Entry, Instrument
from position_manager.reference.journal import Journal
from position_manager.reference.messages import Bust, Correction, Fill, Message, Place, Posting
from tests.helpers.encode import NO_ORDER

# Each asset's kind and instrument, as they must be defined.
CONTRACTS = {
    "LINEARUSDT": ("linear", Instrument()),
    "MILLIUSDT": ("linear", Instrument(Decimal("0.001"))),
    "INVERSEUSD": ("inverse", Instrument(Decimal(100), is_inverse=True)),
    "COINUSDT": ("spot", Instrument()),
}
INSTRUMENTS = {asset: instrument for asset, (_, instrument) in CONTRACTS.items()}
LEGS = {"one-way": ("net",), "hedge": ("long", "short")}
MORNING = datetime(2026, 1, 1, tzinfo=UTC)
# No clock is that far behind: a message of this time is refused.
TOO_FAR = datetime(2100, 1, 1, tzinfo=UTC)
CORRECTED = datetime(2026, 2, 1, tzinfo=UTC)
# The length of a history that hypothesis makes, and of a long one.
SHORT, LONG = 12, 500
# A message is at most this many minutes late.
LATENESS = 60
# The beginning of the order id of a nameless fill whose twin is counted or dropped.
COUNTED, DROPPED = "counted", "dropped"
DOWNWARD = Context(prec=EXACT.prec, rounding=ROUND_DOWN)

Made = TypeVar("Made")


@dataclass(frozen=True)
class Shape:
    """The position of a history."""

    asset: str
    mode: str

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(Place(self.asset, leg) for leg in LEGS[self.mode])

    @property
    def instrument(self) -> Instrument:
        return INSTRUMENTS[self.asset]


SHAPES = [Shape(asset, mode) for asset in CONTRACTS for mode in LEGS]


@dataclass(frozen=True)
class Amounts:
    """The percentage of awkward amounts; extreme ones use the whole range of the input."""

    awkward: int
    are_extreme: bool = False
    # Those in which some fees are charged.
    currencies: tuple[str, ...] = ()


# Round amounts make legs flat and flip; awkward ones make quotients that must be rounded.
ROUND, MIXED, EXTREME = Amounts(3), Amounts(50), Amounts(60, are_extreme=True)


def journal(
    messages: Sequence[Message], instruments: dict[str, Instrument] = INSTRUMENTS
) -> Journal:
    """The reference implementation after these messages."""
    received = Journal(instruments)
    for message in messages:
        received.receive(message)
    return received


def after(minutes: int, microseconds: int = 0) -> datetime:
    return MORNING + timedelta(minutes=minutes, microseconds=microseconds)


# Of one currency from before the first entry on, of the other only later.
RATES = {
    "BNB": [(after(minute), Decimal(600 + minute)) for minute in range(-60, 120, 3)],
    "KCS": [(after(minute), Decimal(100 + minute).scaleb(-1)) for minute in range(7, 120, 5)],
}


def history(
    chance: random.Random,
    entries: int = LONG,
    shapes: Sequence[Shape] = SHAPES,
    amounts: Amounts = MIXED,
    minutes: int | None = None,
    adjustments: int = 0,
) -> list[Message]:
    """Fills and funding, busts and corrections of fills, in the order of arrival.

    Each entry has its own time, and amendments may precede their fill. With `minutes`, entries
    share that many minutes, and amendments follow their fill. `adjustments` is their percentage.
    Some fills share an execution id and some come again without their order id; without `minutes`,
    some have no execution id and an equal twin, which is recorded when it is counted.
    """
    arriving: list[tuple[int, Message]] = []
    for number in range(entries):
        shape = chance.choice(shapes)
        minute = number if minutes is None else chance.randrange(minutes)
        make: Callable[..., Fill | Posting] = a_funding if happens(chance, 15) else a_fill
        if adjustments and happens(chance, adjustments):
            make = an_adjustment
        entry = make(chance, shape, number, amounts, minute)
        arrival = number + happens(chance, 30) * chance.randint(1, LATENESS)
        arriving.append((arrival, entry))
        if isinstance(entry, Fill):
            if minutes is None and happens(chance, 15):
                arriving[-1] = (arrival, nameless := _nameless(chance, entry))
                arriving.append((arrival + chance.randint(0, LATENESS), _twin(nameless)))
                continue
            if happens(chance, 20):
                # Of the whole history: across assets, legs and sides.
                entry = replace(entry, execution_id=f"match-{number % 3}")
                arriving[-1] = (arrival, entry)
                if minutes is not None:
                    # The order of its amendments within a batch is not that of their fills.
                    continue
            elif happens(chance, 20):
                again = replace(entry, order_id=NO_ORDER)
                arriving.append((arrival + chance.randint(0, LATENESS), again))
            earliest = -LATENESS // 3 if minutes is None else 0
            arriving += [
                (
                    arrival + chance.randint(earliest, LATENESS),
                    replace(each, execution_id=entry.execution_id),
                )
                for each in _amendments(chance, entry, number, amounts, minutes)
            ]
    return [message for _, message in sorted(arriving, key=lambda each: each[0])]


def a_fill(
    chance: random.Random, shape: Shape, number: int, amounts: Amounts, minute: int | None = None
) -> Fill:
    """A fill; the fee of a spot fill may be taken from its quantity."""
    size = a_quantity(chance, amounts)
    in_base = CONTRACTS[shape.asset][0] == "spot" and happens(chance, 50)
    is_foreign = amounts.currencies and not in_base and happens(chance, 40)
    return Fill(
        f"fill-{number}",
        chance.choice(shape.places),
        size.copy_sign(a_sign(chance)),
        a_price(chance, amounts),
        after(number if minute is None else minute),
        _base_fee(chance, size) if in_base else a_fee(chance, amounts),
        in_base,
        fee_currency=chance.choice(amounts.currencies) if is_foreign else "",
    )


def a_funding(
    chance: random.Random, shape: Shape, number: int, amounts: Amounts, minute: int | None = None
) -> Posting:
    """Funding received or paid."""
    most = 10**10 if amounts.are_extreme or happens(chance, amounts.awkward) else 500
    entry = Entry(
        ZERO,
        None,
        executed_at=after(number if minute is None else minute),
        kind="funding",
        amount=Decimal(chance.randint(-most, most)).scaleb(-8 if most > 500 else -2),
    )
    return Posting(f"funding-{number}", chance.choice(shape.places), entry)


def an_adjustment(
    chance: random.Random, shape: Shape, number: int, amounts: Amounts, minute: int | None = None
) -> Posting:
    """An adjustment to any size; most realize what they close, some at the venue's average."""
    price, average = a_price(chance, amounts), a_price(chance, amounts)
    size = ZERO if happens(chance, 30) else a_quantity(chance, amounts) * a_sign(chance)
    entry = Entry(
        size,
        average if size != 0 and happens(chance, 30) else None,
        executed_at=after(number if minute is None else minute),
        kind="adjustment",
        amount=shape.instrument.value(size, average),
        closing_price=None if happens(chance, 25) else price,
    )
    return Posting(f"adjustment-{number}", chance.choice(shape.places), entry)


def _nameless(chance: random.Random, entry: Fill) -> Fill:
    """A fill without an execution id; its order says whether its twin is counted."""
    fate = chance.choice((COUNTED, DROPPED))
    return replace(entry, is_nameless=True, order_id=f"{fate}-{entry.identity}")


def _twin(entry: Fill) -> Fill:
    """An equal fill in another message: another one, or the same."""
    assert entry.order_id is not None
    repeats = entry.identity if entry.order_id.startswith(DROPPED) else ""
    return replace(entry, identity=f"{entry.identity}-twin", repeats=repeats)


def _amendments(
    chance: random.Random, fill: Fill, number: int, amounts: Amounts, minutes: int | None
) -> list[Bust | Correction]:
    fate = chance.choice(("", "", "", "", "b", "c", "cc", "cb"))
    return [
        Bust(fill.identity)
        if each == "b"
        else _correction(chance, fill, number, place, amounts, minutes)
        for place, each in enumerate(fate)
    ]


def _correction(
    chance: random.Random,
    fill: Fill,
    number: int,
    place: int,
    amounts: Amounts,
    minutes: int | None,
) -> Correction:
    """Other values of a fill, or the same again."""
    names = ("quantity", "price", "fee", "side", "time")
    changed = {chance.choice(names), chance.choice(names)}
    if fill.fee_is_in_base:
        # Never less than the fee that is taken from it.
        quantity = fill.quantity.copy_abs() * chance.randint(1, 9)
        fee = _base_fee(chance, fill.quantity)
    else:
        quantity, fee = a_quantity(chance, amounts), a_fee(chance, amounts)
    if minutes is None:
        minute = max(number + chance.randint(-LATENESS, LATENESS), 0)
        moved = after(minute, microseconds=2 * number + place + 1)
    else:
        moved = after(chance.randrange(minutes))
    return Correction(
        fill.identity,
        f"{fill.identity}-correction-{place}",
        # Of two at the same time the greater id wins.
        CORRECTED + timedelta(hours=chance.randint(0, 1)),
        side=chance.choice((1, -1)) if "side" in changed else None,
        quantity=quantity if "quantity" in changed else None,
        price=a_price(chance, amounts) if "price" in changed else None,
        fee=fee if "fee" in changed else None,
        executed_at=moved if "time" in changed else None,
    )


def happens(chance: random.Random, percent: int) -> bool:
    """An event of this probability; hypothesis shrinks toward False."""
    return chance.randrange(100) >= 100 - percent


def digits(chance: random.Random, places: int, most: int, least: int = 1) -> Decimal:
    """`least` to `most` * 10**`places` units of the last of `places` fractional digits."""
    return Decimal(chance.randint(least, most * 10**places)).scaleb(-places, context=EXACT)


def a_sign(chance: random.Random) -> Decimal:
    return Decimal(chance.choice((1, -1)))


def a_quantity(chance: random.Random, amounts: Amounts) -> Decimal:
    if not happens(chance, amounts.awkward):
        return Decimal(chance.choice(("1", "1", "2", "3", "0.5", "7")))
    if not amounts.are_extreme:
        return digits(chance, 8, 5)
    return digits(chance, *chance.choice(((8, 1000), (18, 1), (0, 10**19))))


def a_price(chance: random.Random, amounts: Amounts) -> Decimal:
    if not happens(chance, amounts.awkward):
        return Decimal(chance.randint(9_000, 11_000)).scaleb(-2)
    if not amounts.are_extreme:
        return Decimal(chance.randint(9_000, 11_000))
    return digits(chance, *chance.choice(((2, 100_000), (18, 1, 10**9), (9, 10**10))))


def a_fee(chance: random.Random, amounts: Amounts) -> Decimal:
    if not happens(chance, amounts.awkward):
        return Decimal(chance.randint(-100, 300)).scaleb(-3)
    if not amounts.are_extreme:
        return Decimal(chance.randint(-(10**6), 10**7)).scaleb(-6)
    return digits(chance, *chance.choice(((6, 5, -5_000_000), (18, 1))))


def _base_fee(chance: random.Random, quantity: Decimal) -> Decimal:
    return part_of(chance, quantity.copy_abs()) * a_sign(chance)


def part_of(chance: random.Random, size: Decimal) -> Decimal:
    """At most a quarter, so that four do not exceed it."""
    part = Decimal(chance.randint(1, 10**4)).scaleb(-4) / 4
    return EXACT.multiply(size, part).quantize(Decimal("1e-18"), context=DOWNWARD)


def shuffled(messages: Sequence[Message], chance: random.Random) -> list[list[Message]]:
    """The messages in any order, some of them twice, in batches of any size."""
    arriving = [*messages, *chance.sample(messages, chance.randint(0, len(messages)))]
    chance.shuffle(arriving)
    return batched(arriving, chance, chance.choice((1, 3, len(arriving))))


def batched(
    messages: Sequence[Message], chance: random.Random, largest: int
) -> list[list[Message]]:
    """The messages in this order, in batches of up to `largest`."""
    batches = []
    rest = list(messages)
    while rest:
        size = chance.randint(1, largest)
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


# Strategies of hypothesis


def drawn(make: Callable[..., Made], *arguments: Any) -> st.SearchStrategy[Made]:
    """The results of a function whose choices hypothesis makes."""
    return st.randoms(use_true_random=False).map(lambda chance: make(chance, *arguments))


def histories(shape: Shape, adjustments: int = 0) -> st.SearchStrategy[list[Message]]:
    """Short histories of a position with extreme amounts."""
    return st.integers(1, SHORT).flatmap(
        lambda length: drawn(history, length, [shape], EXTREME, None, adjustments)
    )


def adjusted(shape: Shape) -> st.SearchStrategy[list[Message]]:
    """Short histories of a position, with adjustments between late fills."""
    return histories(shape, 15)


def fills(shape: Shape) -> st.SearchStrategy[list[Fill]]:
    """Fills of a position, each at its own time, in the order of their times."""
    return drawn(_fills, shape)


def simultaneous(shape: Shape) -> st.SearchStrategy[tuple[list[Fill], list[Fill]]]:
    """Fills, then several of one side at one time that together do not flip the leg."""
    return drawn(_simultaneous, shape)


def _fills(chance: random.Random, shape: Shape) -> list[Fill]:
    return [a_fill(chance, shape, number, EXTREME) for number in range(chance.randint(1, SHORT))]


def _simultaneous(chance: random.Random, shape: Shape) -> tuple[list[Fill], list[Fill]]:
    before = _fills(chance, shape)
    place = chance.choice(shape.places)
    held = journal(before).leg(place).size
    side = a_sign(chance)
    # Too small a position cannot be shared out: it grows.
    closing = held * side < 0 and held.copy_abs() >= Decimal("1e-9")
    if not closing and held != 0:
        side = Decimal(1).copy_sign(held)
    together = [
        Fill(
            f"together-{number}",
            place,
            (
                part_of(chance, held.copy_abs()) if closing else a_quantity(chance, EXTREME)
            ).copy_sign(side),
            a_price(chance, EXTREME),
            after(SHORT + 1),
            a_fee(chance, EXTREME),
        )
        for number in range(chance.randint(2, 4))
    ]
    return before, together
