"""The reference implementation of the ledger: which entries count, in any order of arrival.

The journal stores only the received messages and computes everything from them on request. The
state of a leg at any event time, as known at any time, is the fold of the entries that count
according to the messages received by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from position_manager.reference.fees import Rates, converted_fee
from position_manager.reference.fold import (
    EXACT,
    LINEAR,
    ZERO,
    Entry,
    Instrument,
    Leg,
    fee_in_base,
    fold,
    time_of,
)
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
from position_manager.reference.orders import Orders

LONG_AGO = datetime.min.replace(tzinfo=UTC)
FAR_AHEAD = datetime.max.replace(tzinfo=UTC)


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
    """The messages of one account in the order of arrival, each with its time of arrival.

    Fills of after `latest` are refused.
    """

    instruments: dict[str, Instrument] = field(default_factory=dict)
    rates: Rates = field(default_factory=dict)
    latest: datetime = FAR_AHEAD
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
        arrived = [(at, self._entry(each)) for at, each in living]
        for at, action in self._actions(known_at):
            if action.asset == place.asset:
                arrived.append((at, action.entry))
            if action.to_asset == place.asset:
                moved = action.moved(self._before(action, place.leg, known_at))
                if moved.quantity != 0:
                    arrived.append((at, moved))
        arrived += [(at, entry) for at, to, entry in self._moves(known_at) if to == place]
        return [entry for _, entry in sorted(arrived, key=lambda each: (time_of(each[1]), each[0]))]

    def recorded(self, place: Place) -> list[Recorded]:
        """All entries of a leg, voided ones too, in the order of the fold."""
        found = [
            (arrived, Recorded(self._entry(posting), cause))
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
        return {each.place for _, each in self.received if isinstance(each, Fill | Total | Posting)}

    def _entry(self, posting: Fill | Posting) -> Entry:
        """The entry that a message becomes."""
        if isinstance(posting, Posting):
            return posting.entry
        instrument = self.instrument(posting.place)
        at, price, fee, amount = posting.executed_at, posting.price, posting.fee, posting.value
        if posting.fee_is_in_base:
            quantity, amount = fee_in_base(posting.quantity, price, fee, instrument)
            return Entry(quantity, price, ZERO, at, amount=amount)
        if posting.fee_currency:
            is_traded = posting.place.asset == f"{posting.fee_currency}USDT"
            own_rate = price if is_traded and not instrument.is_inverse else None
            fee = converted_fee(fee, posting.fee_currency, at, self.rates, own_rate)
        return Entry(posting.quantity, price, fee, at, amount=amount)

    def _moves(self, known_at: datetime | None) -> Iterator[tuple[Arrival, Place, Entry]]:
        """The entries by which positions were moved to the other mode, at what was known then."""
        done = set()
        for number, (received_at, move) in enumerate(self.received):
            if known_at is not None and received_at > known_at:
                break
            if isinstance(move, Move) and move.identity not in done:
                before = replace(self, received=self.received[:number])
                for place, entry in before.moved(move):
                    done.add(move.identity)
                    yield (received_at, number), place, entry

    def moved(self, move: Move) -> list[tuple[Place, Entry]]:
        """The entries of a move: each leg of the other mode leaves as of its newest entry.

        None when a leg of the hedge would cross zero.
        """
        found = []
        for leg in ("net",) if move.to_mode == "hedge" else ("long", "short"):
            place = Place(move.asset, leg)
            entries = self.entries(place)
            held = fold(entries, self.instrument(place))
            if held.size == 0:
                continue
            side = "long" if held.size > 0 else "short"
            other = Place(move.asset, side if move.to_mode == "hedge" else "net")
            taken = EXACT.add(self.leg(other).size, held.size)
            if other.leg != "net" and taken != 0 and (taken > 0) != (other.leg == "long"):
                return []
            arriving = Entry(
                held.size, None, executed_at=time_of(entries[-1]), kind="transfer", amount=held.cost
            )
            leaving = replace(
                arriving, quantity=held.size.copy_negate(), amount=held.cost.copy_negate()
            )
            found += [(place, leaving), (other, arriving)]
        return found

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
        orders = Orders([each for at, each in self.received if known_at is None or at <= known_at])
        executed = set()
        for number, (received_at, message) in enumerate(self.received):
            if known_at is not None and received_at > known_at:
                break
            identity = message.identity
            if isinstance(message, Fill):
                if message.executed_at > self.latest:
                    continue
                identity = message.repeats or identity
            arrived = (received_at, number)
            trade = found.setdefault(identity, _Trade())
            if isinstance(message, Total) or (
                isinstance(message, Fill) and orders.send_totals(message)
            ):
                if message.identity not in executed:
                    executed.add(message.identity)
                    step = orders.add(message, self.instrument(message.place))
                    trade.posting, trade.arrived = step, arrived
                continue
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
