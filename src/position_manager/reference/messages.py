"""The reference implementation of messages: which entries count, in any order of arrival.

The journal stores only the received messages and computes everything from them on request. The
state of a leg at any event time, as known at any time, is the fold of the entries that count
according to the messages received by then.
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
    """The key of a leg within an account."""

    asset: str
    leg: str


@dataclass(frozen=True, slots=True)
class Posting:
    """A message that is an entry itself, such as funding or a transfer; it is never corrected."""

    identity: str
    place: Place
    entry: Entry

    def entry_in(self, instrument: Instrument) -> Entry:
        """The entry it becomes."""
        return self.entry


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade as first reported; `quantity` is signed."""

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
    """Voids a trade for good, regardless of any other message about it."""

    identity: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Replaces the fields of a trade that are not None; the others stay as first reported.

    `side` is 1 or -1, `quantity` is unsigned. Of several corrections the newest counts.
    """

    identity: str
    correction_id: str
    corrected_at: datetime
    side: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    fee: Decimal | None = None
    executed_at: datetime | None = None

    def of(self, fill: Fill) -> Fill:
        """The corrected fill."""
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
class _Versions:
    """All messages received under one identity."""

    posting: Fill | Posting | None = None
    arrived: int = 0
    is_busted: bool = False
    corrections: dict[str, tuple[int, Correction]] = field(default_factory=dict)

    def current(self) -> tuple[int, Fill | Posting] | None:
        """The version that counts, with its place in the order of arrival; None when voided."""
        if self.posting is None or self.is_busted:
            return None
        if not self.corrections or not isinstance(self.posting, Fill):
            return self.arrived, self.posting
        arrived, newest = max(
            self.corrections.values(),
            key=lambda each: (each[1].corrected_at, each[1].correction_id),
        )
        # A correction that arrives before its trade waits for it.
        return max(arrived, self.arrived), newest.of(self.posting)

    def version(self) -> int:
        """The number of entries made, plus the number of entries voided."""
        if self.posting is None:
            return 0
        entries = 1 + len(self.corrections)
        return 2 * entries if self.is_busted else 2 * entries - 1


@dataclass(slots=True)
class Journal:
    """The messages of one account in the order of arrival, each with its time of arrival."""

    instruments: dict[str, Instrument] = field(default_factory=dict)
    received: list[tuple[datetime, Message]] = field(default_factory=list)

    def receive(self, message: Message, received_at: datetime = LONG_AGO) -> None:
        """Add a message, possibly a repeated one, after all earlier ones."""
        self.received.append((received_at, message))

    def instrument(self, place: Place) -> Instrument:
        """The instrument of a leg; linear by default."""
        return self.instruments.get(place.asset, LINEAR)

    def entries(self, place: Place, known_at: datetime | None = None) -> list[Entry]:
        """The entries of a leg that count as known at `known_at`, in the order of the fold.

        Entries are ordered by event time, then by arrival.
        """
        counting = filter(None, (each.current() for each in self._versions(place, known_at)))
        arrived = [(at, each.entry_in(self.instrument(place))) for at, each in counting]
        return [entry for _, entry in sorted(arrived, key=lambda each: (time_of(each[1]), each[0]))]

    def leg(
        self, place: Place, at: datetime | None = None, known_at: datetime | None = None
    ) -> Leg:
        """The state of a leg at the event time `at`, as known at `known_at`; None means now."""
        entries = self.entries(place, known_at)
        return fold(
            (entry for entry in entries if at is None or time_of(entry) <= at),
            self.instrument(place),
        )

    def version(self, place: Place, known_at: datetime | None = None) -> int:
        """The version of a leg as known at `known_at`."""
        return sum(each.version() for each in self._versions(place, known_at))

    def places(self) -> set[Place]:
        """Every leg named by a message."""
        return {each.place for _, each in self.received if isinstance(each, Fill | Posting)}

    def _versions(self, place: Place, known_at: datetime | None) -> Iterable[_Versions]:
        """The messages about each trade of a leg, received by `known_at`."""
        found: dict[str, _Versions] = {}
        for arrived, (received_at, message) in enumerate(self.received):
            if known_at is not None and received_at > known_at:
                break
            versions = found.setdefault(message.identity, _Versions())
            match message:
                case Fill() | Posting():
                    # The first one counts; the same again is a duplicate, another a conflict.
                    if versions.posting is None:
                        versions.posting, versions.arrived = message, arrived
                case Bust():
                    versions.is_busted = True
                case Correction(correction_id=correction_id):
                    versions.corrections.setdefault(correction_id, (arrived, message))
        return (
            each
            for each in found.values()
            if each.posting is not None and each.posting.place == place
        )
