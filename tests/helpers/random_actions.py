"""Random corporate actions between the messages of random histories."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from position_manager.reference.messages import (
    Action,
    Bust,
    Correction,
    Fill,
    Journal,
    Message,
    Place,
    Posting,
)
from tests.helpers.account_harness import Book
from tests.helpers.random_histories import (
    CONTRACTS,
    SHORT,
    Amounts,
    Shape,
    after,
    happens,
    history,
)

# The last ones need rounding.
RATIOS = (("10", "1"), ("1", "4"), ("3", "2"), ("1000", "1"), ("1", "3"), ("7", "9"))
EXACT_RATIOS = RATIOS[:4]
numbers = itertools.count()


@dataclass(frozen=True)
class Acted:
    """Messages about an asset and the one that it may become: actions are of all accounts."""

    shape: Shape
    old: str
    new: str
    messages: list[Message]

    def define(self, book: Book) -> None:
        """Define both instruments."""
        kind, instrument = CONTRACTS[self.shape.asset]
        for asset in (self.old, self.new):
            book.ledger.define(asset, kind=kind, multiplier=instrument.multiplier)

    def journal(self) -> Journal:
        """The reference implementation after the messages."""
        instrument = self.shape.instrument
        received = Journal({self.old: instrument, self.new: instrument})
        for message in self.messages:
            received.receive(message)
        return received


def moved_to(message: Message, asset: str, prefix: str) -> Message:
    """The same message about another asset."""
    message = replace(message, identity=f"{prefix}{message.identity}")
    match message:
        case Fill() | Posting():
            return replace(message, place=Place(asset, message.place.leg))
        case Correction():
            return replace(message, correction_id=f"{prefix}{message.correction_id}")
    return message


def an_action(
    chance: random.Random,
    asset: str,
    other: str,
    number: int,
    kinds: Sequence[str],
    ratios: Sequence[tuple[str, str]],
) -> Action:
    """An action at a time of its own."""
    kind = chance.choice(kinds)
    to_asset = other if kind == "rename" else None
    units, for_units = map(Decimal, chance.choice(ratios))
    at = after(chance.randint(0, SHORT), microseconds=500_000 + number)
    identity = f"action:{asset}-{number}"
    match kind:
        case "settlement" | "distribution":
            price = Decimal(chance.randint(1, 12_000)).scaleb(-2)
            return Action(identity, asset, kind, at, price)
        case "contract":
            multiplier = Decimal(chance.choice(("0.1", "2", "5")))
            return Action(identity, asset, kind, at, units, for_units, multiplier)
    return Action(identity, asset, kind, at, units, for_units, to_asset=to_asset)


def with_actions(
    chance: random.Random,
    shape: Shape,
    amounts: Amounts,
    ratios: Sequence[tuple[str, str]] = RATIOS,
) -> Acted:
    """Histories of two assets, the first of which may become the second, and their actions."""
    old, new = (f"{name}{next(numbers)}USDT" for name in ("OLD", "NEW"))
    messages: list[Message] = [
        moved_to(message, asset, prefix)
        for asset, prefix, length in ((old, "", SHORT), (new, "new-", SHORT // 3))
        for message in history(chance, chance.randint(1, length), [shape], amounts)
    ]
    for number in range(chance.randint(1, 4)):
        # Nothing is renamed back, and a spot asset has no contract.
        is_old = happens(chance, 70)
        kinds = [
            "split", "settlement", "distribution", *["rename"] * is_old,
            *["contract"] * (CONTRACTS[shape.asset][0] != "spot"),
        ]  # fmt: skip
        action = an_action(chance, old if is_old else new, new, number, kinds, ratios)
        messages.append(action)
        if happens(chance, 20):
            messages.append(Bust(action.identity))
    return Acted(shape, old, new, messages)
