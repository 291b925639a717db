"""The reference implementation of messages: which entries count, in any order of arrival.

The journal stores only the received messages and computes everything from them on request. The
state of a leg at any event time, as known at any time, is the fold of the entries that count
according to the messages received by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    converted,
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
    """A trade as first reported; `quantity` is signed.

    `identity` is its own. On the wire, fills may share `execution_id`: account, asset, leg, side,
    order and execution id together identify a fill, and one without an order id equals the one with
    the same content. A nameless fill has no execution id; an equal one in another message counts
    when a person counts it, unless it `is_repeat`.
    """

    identity: str
    place: Place
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    fee: Decimal = ZERO
    fee_is_in_base: bool = False
    execution_id: str | None = None
    order_id: str | None = None
    is_nameless: bool = False
    is_repeat: bool = False

    def entry_in(self, instrument: Instrument) -> Entry:
        """The entry it becomes."""
        if not self.fee_is_in_base:
            return Entry(self.quantity, self.price, self.fee, self.executed_at)
        quantity, amount = fee_in_base(self.quantity, self.price, self.fee, instrument)
        return Entry(quantity, self.price, ZERO, self.executed_at, amount=amount)


@dataclass(frozen=True, slots=True)
class Bust:
    """Voids a trade for good, regardless of any other message about it.

    Where fills share an execution id, it names the order as well.
    """

    identity: str
    execution_id: str | None = None


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
    execution_id: str | None = None

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


@dataclass(frozen=True, slots=True)
class Action:
    """A corporate action: an entry in every leg of its asset, whose effect depends on the leg.

    Of a split, a rename or a contract change, `amount` units become `price` units.
    """

    identity: str
    asset: str
    kind: str
    effective_at: datetime
    price: Decimal
    amount: Decimal | None = None
    multiplier: Decimal | None = None
    to_asset: str | None = None

    @property
    def entry(self) -> Entry:
        """The entry it becomes in a leg of its asset."""
        return Entry(
            ZERO,
            self.price,
            executed_at=self.effective_at,
            kind=self.kind,
            amount=self.amount,
            realized=self.multiplier,
        )

    def moved(self, leg: Leg) -> Entry:
        """The entry by which a rename moves a leg to the other asset."""
        return Entry(
            converted(leg.size, self.entry),
            None,
            executed_at=self.effective_at,
            kind="rename",
            amount=leg.cost,
            opened_at=leg.opened_at,
        )


Message = Fill | Posting | Bust | Correction | Action


# When a message was received, and its number.
Arrival = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry of the ledger, with the cause that voided it."""

    entry: Entry
    voided_by: str | None


@dataclass(slots=True)
class _Trade:
    """All messages about one identity."""

    posting: Fill | Posting | None = None
    arrived: Arrival = (LONG_AGO, 0)
    busted: Arrival | None = None
    corrections: dict[str, tuple[Arrival, Correction]] = field(default_factory=dict)

    def versions(self) -> list[tuple[Arrival, Fill | Posting, Arrival | None]]:
        """Every entry, the newest last, with its arrival and the first correction that beats it."""
        if self.posting is None:
            return []
        corrections: list[tuple[Arrival, Correction]] = []
        if isinstance(self.posting, Fill):
            corrections = sorted(
                self.corrections.values(),
                key=lambda each: (each[1].corrected_at, each[1].correction_id),
            )
        found: list[tuple[Arrival, Fill | Posting, Arrival | None]] = []
        beaten: Arrival | None = None
        for arrived, correction in reversed(corrections):
            assert isinstance(self.posting, Fill)
            # A correction that precedes its trade waits for it.
            effective = max(arrived, self.arrived)
            found.append((effective, correction.of(self.posting), beaten))
            beaten = effective if beaten is None else min(beaten, effective)
        return [(self.arrived, self.posting, beaten), *reversed(found)]

    def live(self) -> tuple[Arrival, Fill | Posting] | None:
        """The entry that counts, with its arrival."""
        if self.posting is None or self.busted is not None:
            return None
        arrived, posting, _ = self.versions()[-1]
        return arrived, posting

    def recorded(self) -> Iterator[tuple[Arrival, Fill | Posting, str | None]]:
        """Every entry with its arrival and the cause that voided it.

        Of a bust and a correction that are received together the bust is the cause.
        """
        for arrived, posting, beaten in self.versions():
            causes = [each for each in (self.busted, beaten) if each is not None]
            if not causes:
                yield arrived, posting, None
            else:
                (voided_at, _) = max(arrived, min(causes))
                is_bust = self.busted is not None and self.busted[0] <= voided_at
                yield arrived, posting, "bust" if is_bust else "correction"

    def version(self) -> int:
        """The number of entries made, plus the number of entries voided."""
        if self.posting is None:
            return 0
        entries = 1 + len(self.corrections)
        return 2 * entries if self.busted is not None else 2 * entries - 1


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
        living = filter(None, (trade.live() for trade in self._trades(place, known_at)))
        arrived = [(at, each.entry_in(self.instrument(place))) for at, each in living]
        for at, action in self._actions(known_at):
            if action.asset == place.asset:
                arrived.append((at, action.entry))
            if action.to_asset == place.asset:
                moved = action.moved(self._before(action, place.leg, known_at))
                if moved.quantity != 0:
                    arrived.append((at, moved))
        return [entry for _, entry in sorted(arrived, key=lambda each: (time_of(each[1]), each[0]))]

    def recorded(self, place: Place) -> list[Recorded]:
        """All entries of a leg, voided ones too, in the order of the fold."""
        found = [
            (arrived, Recorded(posting.entry_in(self.instrument(place)), cause))
            for trade in self._trades(place, None)
            for arrived, posting, cause in trade.recorded()
        ]
        found.sort(key=lambda each: (time_of(each[1].entry), each[0]))
        return [recorded for _, recorded in found]

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
        """How often the leg had changed until then."""
        return sum(trade.version() for trade in self._trades(place, known_at))

    def places(self) -> set[Place]:
        """Every leg named by a message."""
        return {each.place for _, each in self.received if isinstance(each, Fill | Posting)}

    def _actions(self, known_at: datetime | None) -> Iterable[tuple[Arrival, Action]]:
        """The actions received until then that no bust voids."""
        found: dict[str, tuple[Arrival, Action]] = {}
        busted = set()
        for number, (received_at, message) in enumerate(self.received):
            if known_at is not None and received_at > known_at:
                break
            match message:
                case Action():
                    found.setdefault(message.identity, ((received_at, number), message))
                case Bust():
                    busted.add(message.identity)
        return (each for identity, each in found.items() if identity not in busted)

    def _before(self, action: Action, leg: str, known_at: datetime | None) -> Leg:
        """A leg of the asset of an action right before it."""
        place = Place(action.asset, leg)
        entries = self.entries(place, known_at)
        return fold(entries[: entries.index(action.entry)], self.instrument(place))

    def _trades(self, place: Place, known_at: datetime | None) -> Iterable[_Trade]:
        """The messages received until then about each trade of a leg."""
        found: dict[str, _Trade] = {}
        for number, (received_at, message) in enumerate(self.received):
            if known_at is not None and received_at > known_at:
                break
            if isinstance(message, Fill) and message.is_repeat:
                continue
            arrived = (received_at, number)
            trade = found.setdefault(message.identity, _Trade())
            match message:
                case Fill() | Posting():
                    # The first counts: the same again is a duplicate, another one a conflict.
                    if trade.posting is None:
                        trade.posting, trade.arrived = message, arrived
                case Bust():
                    if trade.busted is None:
                        trade.busted = arrived
                case Correction(correction_id=correction_id):
                    trade.corrections.setdefault(correction_id, (arrived, message))
        return (
            trade
            for trade in found.values()
            if trade.posting is not None and trade.posting.place == place
        )
