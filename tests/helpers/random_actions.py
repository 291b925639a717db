"""Random corporate actions, orders, moves between the modes between random histories."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from position_manager.reference.fold import EXACT, ZERO, quotient
from position_manager.reference.journal import Journal
from position_manager.reference.messages import (
    Action,
    Bust,
    Correction,
    Fill,
    Message,
    Move,
    Place,
    Posting,
    Total,
)
from tests.helpers.account_harness import Batches, Book, is_absolute, is_premature, is_sent
from tests.helpers.random_histories import (
    CONTRACTS,
    LEGS,
    MORNING,
    RATES,
    ROUND,
    SHORT,
    TOO_FAR,
    Amounts,
    Shape,
    a_fill,
    a_price,
    a_quantity,
    a_sign,
    after,
    happens,
    history,
)

# The last ones need rounding.
RATIOS = (("10", "1"), ("1", "4"), ("3", "2"), ("1000", "1"), ("1", "3"), ("7", "9"))
EXACT_RATIOS = RATIOS[:4]
numbers = itertools.count()


@dataclass(frozen=True)
class Mixture:
    """Messages about an asset and the one that it may become: actions are of all accounts."""

    shape: Shape
    old: str
    new: str
    messages: list[Message]

    def define(self, book: Book) -> None:
        """Define both instruments."""
        kind, instrument = CONTRACTS[self.shape.asset]
        for asset in (self.old, self.new):
            book.define(asset, kind, instrument)

    def journal(self, batches: Batches) -> Journal:
        """The reference implementation after these batches of the messages."""
        instrument = self.shape.instrument
        latest = TOO_FAR - timedelta(days=1)
        received = Journal({self.old: instrument, self.new: instrument}, RATES, latest)
        for batch in batches:
            for message in sorted(batch, key=place_in_batch):
                received.receive(message)
        return received


def place_in_batch(message: Message) -> int:
    """Actions come after all else that is sent, then statements, then moves."""
    if is_sent(message):
        return int(isinstance(message, Action))
    return 2 if is_absolute(message) else 3


def at_once(chance: random.Random, messages: Sequence[Message], asset: str) -> list[Message]:
    """Messages of which some fills of an asset happen at the moment of its actions."""
    fills = [
        each.identity
        for each in messages
        if isinstance(each, Fill) and each.place.asset == asset and not each.is_nameless
    ]
    moments = [
        each.effective_at
        for each in messages
        if isinstance(each, Action) and each.asset == asset and happens(chance, 40)
    ]
    moved = dict(zip(chance.sample(fills, min(len(fills), len(moments))), moments, strict=False))
    return [
        replace(each, executed_at=moved[each.identity])
        if isinstance(each, Fill) and each.identity in moved and not is_premature(each)
        else each
        for each in messages
    ]


def moved_to(message: Message, asset: str, prefix: str) -> Message:
    """The same message about another asset."""
    message = replace(message, identity=f"{prefix}{message.identity}")
    match message:
        case Fill():
            repeats = message.repeats and f"{prefix}{message.repeats}"
            return replace(message, place=Place(asset, message.place.leg), repeats=repeats)
        case Posting():
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


def actions(
    chance: random.Random,
    old: str,
    new: str,
    kinds: Sequence[str],
    ratios: Sequence[tuple[str, str]],
) -> list[Message]:
    """Up to four actions of two assets, the first of which may become the second; some busted."""
    found: list[Message] = []
    for number in range(chance.randint(0, 4)):
        # Nothing is renamed back.
        is_old = happens(chance, 70)
        possible = [kind for kind in kinds if is_old or kind != "rename"]
        action = an_action(chance, old if is_old else new, new, number, possible, ratios)
        found.append(action)
        if happens(chance, 20):
            found.append(Bust(action.identity))
    return found


def an_order(
    chance: random.Random, place: Place, number: int, currencies: Sequence[str], is_rounded: bool
) -> list[Message]:
    """The totals of an order, and some of its executions.

    Some averages are rounded to few digits: the implied price of a part would be absurd. Each part
    may pay its fee in another currency. Ids of orders without executions restart.
    """
    side, start = a_sign(chance), chance.randint(0, SHORT)
    is_cheap = is_rounded and happens(chance, 60)
    has_executions = happens(chance, 50)
    order_id = f"order-{place.asset}-{number}" if has_executions else "order"
    created_at = MORNING - timedelta(days=number + 1)
    places = chance.randint(6, 8) if is_rounded else 18
    quantity = value = ZERO
    fees: dict[str, Decimal] = {}
    found: list[Message] = []
    for part in range(chance.randint(1, 4)):
        size = Decimal(chance.choice((1, 3, 20_000))) if is_cheap else a_quantity(chance, ROUND)
        price = Decimal(chance.randint(700, 900)).scaleb(-8) if is_cheap else a_price(chance, ROUND)
        # A fee of zero is of no currency.
        fee = Decimal(chance.randint(1, 300)).scaleb(-3)
        currency = chance.choice(currencies)
        quantity, value = quantity + size, EXACT.add(value, EXACT.multiply(size, price))
        fees[currency] = fees.get(currency, ZERO) + fee
        at = after(start + part, microseconds=100_000 * (part + 1) + 2 * number)
        unit = Decimal(1).scaleb(-places)
        off = unit * chance.randint(-1, 1) if is_cheap else ZERO
        average = max(quotient(value, quantity, places) + off, unit)
        name = f"{place.asset}-{number}-{part}"
        if not has_executions or happens(chance, 60):
            found.append(
                Total(
                    f"total-{name}", place, order_id, created_at, quantity.copy_sign(side), average,
                    at + timedelta(microseconds=1),
                    fees[currency] if happens(chance, 90) else None, currency,
                )
            )  # fmt: skip
        if has_executions and happens(chance, 60):
            found.append(
                Fill(
                    f"part-{name}", place, size.copy_sign(side), price, at, fee,
                    order_id=order_id, fee_currency=currency,
                )
            )  # fmt: skip
    return found


def mixture(
    chance: random.Random,
    shape: Shape,
    now: datetime,
    amounts: Amounts,
    ratios: Sequence[tuple[str, str]] = RATIOS,
) -> Mixture:
    """Everything at once: histories of two assets in one mode or both, with adjustments, aliases,
    fees in other currencies, orders, corporate actions, moves, clocks that are ahead.
    """
    old, new = (f"{name}{next(numbers)}USDT" for name in ("OLD", "NEW"))
    kind = CONTRACTS[shape.asset][0]
    # In a spot asset such a fee is taken from the quantity.
    traded = () if kind == "spot" else (old.removesuffix("USDT"),)
    amounts = replace(amounts, currencies=(*RATES, *traded))
    shapes = [replace(shape, mode=mode) for mode in LEGS] if happens(chance, 30) else [shape]
    kinds = ["split", "rename", "settlement", "distribution"]
    # The value of a step that is not quantity times price is in the contract of its time.
    if kind != "spot" and happens(chance, 50):
        kinds.append("contract")
    messages: list[Message] = []
    for asset, prefix, length in ((old, "", SHORT), (new, "new-", SHORT // 3)):
        of_asset = [
            moved_to(message, asset, prefix)
            for message in history(
                chance, chance.randint(1, length), shapes, amounts, adjustments=8
            )
        ]
        fills = [each for each in of_asset if isinstance(each, Fill) and not each.is_nameless]
        messages += of_asset
        messages += [replace(each, executed_at=TOO_FAR) for each in fills if happens(chance, 10)]
        places = [place for each in shapes for place in each.places]
        for number in range(chance.randint(0, 2)):
            place = Place(asset, chance.choice(places).leg)
            messages += an_order(
                chance, place, number, ("", *RATES), is_rounded="contract" not in kinds
            )
    if happens(chance, 20):
        ahead = now + timedelta(seconds=chance.randint(1, 30))
        fill = replace(a_fill(chance, shapes[0], SHORT, amounts), executed_at=ahead)
        messages.append(moved_to(fill, old, "ahead-"))
    messages += actions(chance, old, new, kinds, ratios)
    messages += [
        Move(f"move-{old}-{number}", old, chance.choice(list(LEGS)))
        for number in range(chance.randint(0, 2))
    ]
    # What a rename brings to the other asset may be replaced later, and then comes last.
    return Mixture(shape, old, new, at_once(chance, messages, old))
