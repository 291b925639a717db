"""The independent computation of messages: which entries live, whatever order they came in.

Keeps no state but what was received, and works everything out anew when asked: the state of a leg
at any event time, as it was known at any time, is a fold of what the messages received until then
leave alive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from position_manager.reference.fold import (
    LINEAR,
    ZERO,
    Entry,
    Instrument,
    Leg,
    fee_in_base,
    fold,
    time_of,
)

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Place(NamedTuple):
    """What names a leg of an account."""

    asset: str
    leg: str


@dataclass(frozen=True, slots=True)
class Posting:
    """What is an entry as it stands: funding, a transfer. Its identity names it forever."""

    identity: str
    place: Place
    entry: Entry

    def entry_in(self, instrument: Instrument) -> Entry:
        """The entry it becomes."""
        return self.entry


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade as it is told; `quantity` is signed."""

    identity: str
    place: Place
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    fee: Decimal = ZERO
    fee_is_in_base: bool = False

    def entry_in(self, instrument: Instrument) -> Entry:
        """The entry it becomes."""
        if not self.fee_is_in_base:
            return Entry(self.quantity, self.price, self.fee, self.executed_at)
        quantity, amount = fee_in_base(self.quantity, self.price, self.fee, instrument)
        return Entry(quantity, self.price, ZERO, self.executed_at, amount=amount)


@dataclass(frozen=True, slots=True)
class Bust:
    """The trade never was. Final, whatever else is said of it, and whenever."""

    identity: str


@dataclass(frozen=True, slots=True)
class Correction:
    """The trade was another: what is not named stays as it was first told.

    `side` is 1 or -1, `quantity` unsigned. Of several the newest told counts.
    """

    identity: str
    correction_id: str
    told_at: datetime
    side: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    fee: Decimal | None = None
    executed_at: datetime | None = None

    def of(self, fill: Fill) -> Fill:
        """The fill as corrected."""
        size = fill.quantity if self.quantity is None else self.quantity
        return replace(
            fill,
            quantity=size.copy_sign(fill.quantity if self.side is None else Decimal(self.side)),
            price=fill.price if self.price is None else self.price,
            fee=fill.fee if self.fee is None else self.fee,
            executed_at=fill.executed_at if self.executed_at is None else self.executed_at,
        )


Message = Fill | Posting | Bust | Correction


@dataclass(slots=True)
class _Told:
    """Everything that was said under one identity."""

    posting: Fill | Posting | None = None
    arrived: int = 0
    is_busted: bool = False
    corrections: dict[str, tuple[int, Correction]] = field(default_factory=dict)

    def live(self) -> tuple[int, Fill | Posting] | None:
        """What counts, and its place in the order of arrival."""
        if self.posting is None or self.is_busted:
            return None
        if not self.corrections or not isinstance(self.posting, Fill):
            return self.arrived, self.posting
        arrived, newest = max(
            self.corrections.values(), key=lambda each: (each[1].told_at, each[1].correction_id)
        )
        # A correction that came before its trade waited for it.
        return max(arrived, self.arrived), newest.of(self.posting)

    def version(self) -> int:
        """One for every entry, and one for every entry that no longer counts."""
        if self.posting is None:
            return 0
        entries = 1 + len(self.corrections)
        return 2 * entries if self.is_busted else 2 * entries - 1


@dataclass(slots=True)
class Journal:
    """The messages of one account in the order of arrival, and when each came."""

    instruments: dict[str, Instrument] = field(default_factory=dict)
    received: list[tuple[datetime, Message]] = field(default_factory=list)

    def take(self, message: Message, received_at: datetime = LONG_AGO) -> None:
        """Receive one message, perhaps again; it comes later than all before it."""
        self.received.append((received_at, message))

    def instrument(self, place: Place) -> Instrument:
        """How the contract of a leg is valued."""
        return self.instruments.get(place.asset, LINEAR)

    def entries(self, place: Place, known_at: datetime | None = None) -> list[Entry]:
        """The entries of a leg that live as known then, in the order of the fold.

        That is the order of their events; of arrival where those are of one time.
        """
        living = filter(None, (told.live() for told in self._told(place, known_at)))
        arrived = [(at, each.entry_in(self.instrument(place))) for at, each in living]
        return [entry for _, entry in sorted(arrived, key=lambda each: (time_of(each[1]), each[0]))]

    def leg(
        self, place: Place, at: datetime | None = None, known_at: datetime | None = None
    ) -> Leg:
        """The state of a leg at an event time, as known then; now, where none is given."""
        entries = self.entries(place, known_at)
        return fold(
            (entry for entry in entries if at is None or time_of(entry) <= at),
            self.instrument(place),
        )

    def version(self, place: Place, known_at: datetime | None = None) -> int:
        """How often the leg had changed until then."""
        return sum(told.version() for told in self._told(place, known_at))

    def places(self) -> set[Place]:
        """Every leg that was named."""
        return {each.place for _, each in self.received if isinstance(each, Fill | Posting)}

    def _told(self, place: Place, known_at: datetime | None) -> Iterable[_Told]:
        """What was said until then about each trade of a leg."""
        found: dict[str, _Told] = {}
        for arrived, (received_at, message) in enumerate(self.received):
            if known_at is not None and received_at > known_at:
                break
            told = found.setdefault(message.identity, _Told())
            match message:
                case Fill() | Posting():
                    # The first counts: the same again is a duplicate, another one a conflict.
                    if told.posting is None:
                        told.posting, told.arrived = message, arrived
                case Bust():
                    told.is_busted = True
                case Correction(correction_id=correction_id):
                    told.corrections.setdefault(correction_id, (arrived, message))
        return (
            told
            for told in found.values()
            if told.posting is not None and told.posting.place == place
        )
