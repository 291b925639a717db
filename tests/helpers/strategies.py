"""Stories of generated messages: what happened to one position, and what was said of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

from hypothesis import strategies as st

from position_manager.reference.fold import EXACT, ZERO, Entry, Instrument
from position_manager.reference.messages import (
    Bust,
    Correction,
    Fill,
    Journal,
    Message,
    Place,
    Posting,
)

# How they must be defined: the kind, and the multiplier.
CONTRACTS = {
    "LINEARUSDT": ("linear", Instrument()),
    "MILLIUSDT": ("linear", Instrument(Decimal("0.001"))),
    "INVERSEUSD": ("inverse", Instrument(Decimal(100), is_inverse=True)),
    "COINUSDT": ("spot", Instrument()),
}
INSTRUMENTS = {asset: instrument for asset, (_, instrument) in CONTRACTS.items()}
LEGS = {"one-way": ("net",), "hedge": ("long", "short")}
MORNING = datetime(2026, 1, 1, tzinfo=UTC)
MOST_FILLS = 9


def decimals(places: int, most: int, least: int = 1) -> st.SearchStrategy[Decimal]:
    """Decimals of so many fractional digits, up to `most` units of the first digit before them."""
    return st.integers(least, most * 10**places).map(
        lambda units: Decimal(units).scaleb(-places, context=EXACT)
    )


# Few and small, so that legs become flat and flip; awkward, so that quotients must be rounded;
# as large and as fine as the input may be.
quantities = (
    st.sampled_from([Decimal(each) for each in ("1", "2", "3", "0.5", "7")])
    | decimals(8, 1000)
    | decimals(18, 1)
    | decimals(0, 10**19)
)
prices = (
    st.sampled_from([Decimal(each) for each in ("100", "101.5", "99.99", "50000")])
    | decimals(2, 100_000)
    | decimals(18, 1, least=10**9)
    | decimals(9, 10**10)
)
fees = st.just(ZERO) | decimals(6, 5, least=-5_000_000) | decimals(18, 1)


@dataclass(frozen=True)
class Shape:
    """Which position a story is about."""

    asset: str
    mode: str

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(Place(self.asset, leg) for leg in LEGS[self.mode])

    @property
    def instrument(self) -> Instrument:
        return INSTRUMENTS[self.asset]


def journal(messages: Sequence[Message]) -> Journal:
    """The independent computation of these messages."""
    received = Journal(INSTRUMENTS)
    for message in messages:
        received.receive(message)
    return received


def after(minutes: int, microseconds: int = 0) -> datetime:
    return MORNING + timedelta(minutes=minutes, microseconds=microseconds)


@st.composite
def fills(draw: st.DrawFn, shape: Shape, least: int = 1, most: int = MOST_FILLS) -> list[Fill]:
    """Fills, each at a time of its own, in the order of their times."""
    return [draw(a_fill(shape, place)) for place in range(draw(st.integers(least, most)))]


@st.composite
def a_fill(draw: st.DrawFn, shape: Shape, number: int) -> Fill:
    """One fill; of what is bought or sold on the spot, the fee may be taken out of it."""
    quantity = draw(quantities)
    in_base = CONTRACTS[shape.asset][0] == "spot" and draw(st.booleans())
    return Fill(
        f"fill-{number}",
        draw(st.sampled_from(shape.places)),
        quantity.copy_sign(Decimal(draw(st.sampled_from([1, -1])))),
        draw(prices),
        after(number),
        draw(parts_of(quantity)) if in_base else draw(fees),
        in_base,
    )


@st.composite
def fundings(draw: st.DrawFn, shape: Shape) -> list[Posting]:
    """Funding received or paid, between the fills."""
    return [
        Posting(
            f"funding-{place}",
            draw(st.sampled_from(shape.places)),
            Entry(
                ZERO,
                None,
                executed_at=after(draw(st.integers(0, MOST_FILLS)), 60_000 + place),
                kind="funding",
                amount=draw(decimals(8, 10, least=-(10**9)) | decimals(18, 1)),
            ),
        )
        for place in range(draw(st.integers(0, 3)))
    ]


@st.composite
def corrections(draw: st.DrawFn, fill: Fill, number: int) -> Correction:
    """Something else about a fill, or the same again; it may move it to another time."""
    minute = draw(st.integers(0, MOST_FILLS))
    parts: dict[str, st.SearchStrategy[Any]] = {
        "side": st.sampled_from([1, -1]),
        "quantity": quantities,
        "price": prices,
        "fee": fees,
        "executed_at": st.just(after(minute, _odd(fill, number))),
    }
    if fill.fee_is_in_base:
        # The fee is not to be more than what it is taken out of.
        del parts["fee"]
        parts["quantity"] = st.integers(1, 9).map(lambda times: fill.quantity.copy_abs() * times)
    named = draw(st.sets(st.sampled_from(sorted(parts)), min_size=1))
    return Correction(
        fill.identity,
        f"{fill.identity}-correction-{number}",
        # Two may be told at one time: then the id decides.
        datetime(2026, 2, draw(st.integers(1, 2)), tzinfo=UTC),
        **{name: draw(parts[name]) for name in sorted(named)},
    )


def _odd(fill: Fill, number: int) -> int:
    """Microseconds that no other correction has."""
    return 1 + int(fill.executed_at.timestamp()) // 60 % 100 * 10 + number


@st.composite
def amendments(draw: st.DrawFn, fill: Fill) -> list[Message]:
    """What is said of a fill afterwards."""
    fate = draw(st.sampled_from(["", "", "", "b", "c", "cc", "cb"]))
    return [
        Bust(fill.identity) if each == "b" else draw(corrections(fill, number))
        for number, each in enumerate(fate)
    ]


@st.composite
def stories(draw: st.DrawFn, shape: Shape) -> list[Message]:
    """Fills, funding, busts and corrections, as they would come if nothing were late."""
    told: list[Message] = []
    for fill in draw(fills(shape)):
        told.append(fill)
        told += draw(amendments(fill))
    return [*told, *draw(fundings(shape))]


def shuffled(messages: Sequence[Message], chance: random.Random) -> list[list[Message]]:
    """The messages in any order, some of them twice, in batches of any size."""
    arriving = [*messages, *chance.sample(messages, chance.randint(0, len(messages)))]
    chance.shuffle(arriving)
    batches = []
    largest = chance.choice((1, 3, len(arriving)))
    while arriving:
        size = chance.randint(1, largest)
        batches.append(arriving[:size])
        arriving = arriving[size:]
    return batches


DOWNWARD = Context(prec=EXACT.prec, rounding=ROUND_DOWN)


def parts_of(held: Decimal) -> st.SearchStrategy[Decimal]:
    """At most a quarter of it, so that four do not exceed it."""
    return (st.just(Decimal("0.25")) | decimals(4, 1).map(lambda part: part / 4)).map(
        lambda part: EXACT.multiply(held, part).quantize(Decimal("1e-18"), context=DOWNWARD)
    )


SHAPES = [Shape(asset, mode) for asset in CONTRACTS for mode in LEGS]


@st.composite
def simultaneous(draw: st.DrawFn, shape: Shape) -> tuple[list[Fill], list[Fill]]:
    """Fills, and then some of one side at one time that together do not turn the leg around."""
    before = draw(fills(shape))
    place = draw(st.sampled_from(shape.places))
    held = journal(before).leg(place).size.copy_abs()
    side = draw(st.sampled_from([1, -1]))
    # What is too small to be shared out grows.
    closing = journal(before).leg(place).size * side < 0 and held >= Decimal("1e-9")
    if not closing and held != 0:
        side = 1 if journal(before).leg(place).size > 0 else -1
    together = [
        Fill(
            f"together-{number}",
            place,
            (draw(parts_of(held)) if closing else draw(quantities)).copy_sign(Decimal(side)),
            draw(prices),
            after(MOST_FILLS + 1),
            draw(fees),
        )
        for number in range(draw(st.integers(2, 4)))
    ]
    return before, together
