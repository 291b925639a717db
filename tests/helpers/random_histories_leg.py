"""Random stories of one position, and what the rules make of them, without the database.

Fills, late ones and ones at the same time among them, funding, busts and corrections, in batches.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from position_manager.reference.fold import ZERO, Entry, Instrument, Leg, quotient
from tests.helpers.ledger import fill
from tests.helpers.messages import bust, correction, funding

MINUTES = 40
MORNING = datetime(2026, 1, 1, tzinfo=UTC)
CONTRACTS = {
    "LINEARUSDT": ("linear", Instrument(Decimal("0.1"))),
    "INVERSEUSD": ("inverse", Instrument(Decimal(100), is_inverse=True)),
}
LEGS = {"one-way": ("net",), "hedge": ("long", "short")}


@dataclass
class Told:
    """An entry that the ledger must have; `arrived` orders those of one time."""

    identity: str
    leg: str
    entry: Entry
    arrived: tuple[int, ...]
    voided_by: str | None = None

    @property
    def place(self) -> tuple[datetime, tuple[int, ...]]:
        assert self.entry.executed_at is not None
        return self.entry.executed_at, self.arrived


@dataclass
class Chronicle:
    """The messages in batches, and the entries they end in."""

    instrument: Instrument
    batches: list[list[dict[str, Any]]]
    told: list[Told]

    def entries(self, leg: str) -> list[Told]:
        """All entries of a leg in the order of events, voided ones too."""
        return sorted((each for each in self.told if each.leg == leg), key=lambda it: it.place)

    def live(self, leg: str) -> list[Entry]:
        """The entries of a leg that count."""
        return [each.entry for each in self.entries(leg) if each.voided_by is None]


def chronicle(chance: random.Random, account: str, asset: str, mode: str) -> Chronicle:
    """A story of up to fifty messages."""
    batches: list[list[dict[str, Any]]] = []
    told: list[Told] = []
    fills: list[Told] = []
    number = 0
    for batch in range(chance.randint(1, 12)):
        messages = []
        for _ in range(chance.randint(1, 5)):
            number += 1
            name = f"{account}-{number}"
            leg = chance.choice(LEGS[mode])
            common = {"account": account, "asset": asset, "mode": mode}
            if mode == "hedge":
                common["position_side"] = leg
            doubtful = [each for each in fills if each.voided_by is None]
            match chance.choices(["fill", "funding", "bust", "correction"], [70, 12, 8, 10])[0]:
                case "bust" if doubtful:
                    wrong = chance.choice(doubtful)
                    wrong.voided_by = "bust"
                    messages.append(bust(wrong.identity, account=account))
                case "correction" if doubtful:
                    wrong = chance.choice(doubtful)
                    fills.remove(wrong)
                    price = _price(chance)
                    right = replace(
                        wrong,
                        identity=f"correction:{wrong.identity}-1",
                        entry=replace(wrong.entry, price=price),
                        arrived=(batch, 1, number),
                    )
                    wrong.voided_by = "correction"
                    told.append(right)
                    messages.append(
                        correction(wrong.identity, account=account, execution_price=str(price))
                    )
                case "funding":
                    at = _time(chance)
                    paid = Decimal(chance.randint(-500, 500)).scaleb(-2)
                    # Two of one id at one time would be one.
                    messages.append(funding(name, str(paid), at.isoformat(), **common))
                    entry = Entry(ZERO, None, executed_at=at, kind="funding", amount=paid)
                    told.append(Told(name, leg, entry, (batch, 0, number)))
                case _:
                    entry = _trade(chance)
                    assert entry.executed_at is not None
                    messages.append(
                        fill(
                            name,
                            "Buy" if entry.quantity > 0 else "Sell",
                            str(abs(entry.quantity)),
                            str(entry.price),
                            str(entry.fee),
                            at=entry.executed_at.isoformat(),
                            **common,
                        )
                    )
                    fills.append(Told(name, leg, entry, (batch, 0, number)))
                    told.append(fills[-1])
        batches.append(messages)
    return Chronicle(CONTRACTS[asset][1], batches, told)


def _time(chance: random.Random) -> datetime:
    """Whole minutes, so that the range of a minute belongs to one state."""
    return MORNING + timedelta(minutes=chance.randrange(MINUTES))


def _price(chance: random.Random) -> Decimal:
    return Decimal(chance.randint(900, 1100)).scaleb(-1)


def _trade(chance: random.Random) -> Entry:
    # Few and small, so that the leg is often flat; and now and then one that leaves a residue.
    quantity = Decimal(chance.choices(("1", "2", "3", "0.7000000001"), (60, 25, 12, 3))[0])
    return Entry(
        quantity * chance.choice((1, -1)),
        _price(chance),
        Decimal(chance.randint(-100, 300)).scaleb(-3),
        _time(chance),
    )


@dataclass
class Cycle:
    """A cycle, part by part."""

    direction: str
    opened_at: datetime | None
    closed_at: datetime | None = None
    entries: int = 0
    entry_quantity: Decimal = ZERO
    entry_value: Decimal = ZERO
    exit_quantity: Decimal = ZERO
    exit_value: Decimal = ZERO
    peak_size: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    worths: list[Decimal] = field(default_factory=list)

    @property
    def realized(self) -> Decimal:
        """Once it is closed: what came in for what went out."""
        return -(self.entry_value + self.exit_value)


def cycles(
    entries: Sequence[Entry], instrument: Instrument, ticks: Sequence[tuple[datetime, Decimal]]
) -> list[Cycle]:
    """The cycles of a leg; the last one may be open."""
    found: list[Cycle] = []
    early, early_entries = ZERO, 0
    leg = Leg(instrument)
    for place, entry in enumerate(entries):
        if entry.kind == "funding":
            if found:
                found[-1].funding += entry.amount or ZERO
                found[-1].entries += 1
            else:
                early, early_entries = early + (entry.amount or ZERO), early_entries + 1
        else:
            assert entry.price is not None
            held, rest = leg.size, entry.quantity
            worth, fee = instrument.value(rest, entry.price), entry.fee
            if held * rest < 0:
                part = -held if abs(rest) > abs(held) else rest
                value = instrument.value(part, entry.price)
                paid = fee if part == rest else quotient(fee * abs(part), abs(rest))
                found[-1].exit_quantity += part
                found[-1].exit_value += value
                found[-1].fees += paid
                found[-1].entries += 1
                if part == -held:
                    found[-1].closed_at = entry.executed_at
                held, rest, worth, fee = held + part, rest - part, worth - value, fee - paid
            if rest != 0:
                if held == 0:
                    found.append(Cycle("long" if rest > 0 else "short", entry.executed_at))
                found[-1].entry_quantity += rest
                found[-1].entry_value += worth
                found[-1].fees += fee
                found[-1].entries += 1
                found[-1].peak_size = max(found[-1].peak_size, abs(held + rest))
        leg.apply(entry)
        if found and leg.size != 0:
            until = entries[place + 1].executed_at if place + 1 < len(entries) else None
            found[-1].worths += _worths(found[-1], leg, entry.executed_at, until, ticks)
    if found:
        found[0].funding += early
        found[0].entries += early_entries
    return found


def _worths(
    cycle: Cycle,
    leg: Leg,
    since: datetime | None,
    until: datetime | None,
    ticks: Sequence[tuple[datetime, Decimal]],
) -> Iterator[Decimal]:
    """What a cycle came to at every price while the leg was what it is."""
    assert since is not None
    for at, price in ticks:
        if since <= at and (until is None or at < until):
            value = leg.instrument.value(leg.size, price)
            yield value - cycle.entry_value - cycle.exit_value


@dataclass
class Lot:
    """An entry, and how much of it is open."""

    entry: Entry
    left: Decimal
    worth: Decimal

    @property
    def cost(self) -> Decimal:
        if self.left == self.entry.quantity:
            return self.worth
        return quotient(self.worth * self.left, self.entry.quantity)


def lots(entries: Sequence[Entry], instrument: Instrument) -> list[Lot]:
    """The open lots of a leg, the newest first."""
    queue: deque[Lot] = deque()
    for entry in entries:
        if entry.kind == "funding":
            continue
        assert entry.price is not None
        rest = entry.quantity
        while queue and queue[0].left * rest < 0:
            oldest = queue[0]
            taken = min(abs(oldest.left), abs(rest)).copy_sign(rest)
            oldest.left += taken
            rest -= taken
            if oldest.left == 0:
                queue.popleft()
        if rest != 0:
            queue.append(Lot(entry, rest, instrument.value(entry.quantity, entry.price)))
    return list(reversed(queue))
