"""Deliveries of generated messages in separate accounts, and their state in the database."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeGuard

import psycopg
from psycopg.rows import dict_row

from position_manager.reference.fold import (
    ZERO,
    Entry,
    Instrument,
    Leg,
    entry_value,
    share,
    time_of,
)
from position_manager.reference.journal import Journal
from position_manager.reference.messages import Fill, Message, Move, Place, Posting, Total
from tests.helpers.adjustments import post
from tests.helpers.encode import Sent, body
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.random_histories import (
    CONTRACTS,
    COUNTED,
    INSTRUMENTS,
    RATES,
    TOO_FAR,
    journal,
)

Row = dict[str, Any]
Batches = Sequence[Sequence[Message]]

STATE = (
    "size", "cost", "realized", "fees_open", "fees_close", "funding", "opened_at", "closed_at",
)  # fmt: skip
STORED = """
    SELECT p.account, p.asset, p.leg, p.size, p.cost, p.realized, p.fees_open, p.fees_close,
        p.funding, p.opened_at, p.closed_at, p.version, p.entries
    FROM pms.positions p
    WHERE p.account = ANY(%s)
"""
REPLAYED = """
    SELECT k.account, k.asset, f.leg, f.size, f.cost, f.realized, f.fees_open, f.fees_close,
        f.funding, f.opened_at, f.closed_at, f.entries
    FROM (
        SELECT DISTINCT p.account, p.asset, p.mode FROM pms.positions p WHERE p.account = ANY(%s)
    ) k
    CROSS JOIN LATERAL pms.legs_from_ledger(k.account, k.asset, k.mode) f
"""
FOLDED_ON = """
    SELECT p.account, p.asset, p.leg, (h.state).size, (h.state).cost, (h.state).realized,
        (h.state).fees_open, (h.state).fees_close, (h.state).funding, (h.state).opened_at,
        (h.state).closed_at
    FROM pms.positions p
    CROSS JOIN LATERAL (
        SELECT l.state
        FROM pms.leg_history(p.account, p.asset, p.mode, p.leg, 'infinity') l
        ORDER BY l.ordinal DESC
        LIMIT 1
    ) h
    WHERE p.account = ANY(%s)
"""
HISTORY = """
    SELECT (h.state).size, (h.state).cost, (h.state).realized, (h.state).fees_open,
        (h.state).fees_close, (h.state).funding, (h.state).opened_at, (h.state).closed_at
    FROM pms.positions p
    CROSS JOIN LATERAL pms.leg_history(p.account, p.asset, p.mode, p.leg, %s) h
    WHERE p.account = %s AND p.leg = %s AND h.entry_id IS NOT NULL
    ORDER BY h.ordinal
"""
RECORDED = """
    SELECT e.recorded_at FROM pms.ledger_entries e WHERE e.account = %(account)s
    UNION
    SELECT v.recorded_at
    FROM pms.voids v
    INNER JOIN pms.ledger_entries e ON v.entry_id = e.id
    WHERE e.account = %(account)s
    ORDER BY 1
"""
SUSPECTED = """
    SELECT s.id, s.order_id FROM pms.suspected_repeats s WHERE s.status = 'waiting' ORDER BY s.id
"""
SPACING = """
    CREATE OR REPLACE FUNCTION pms.checkpoint_spacing() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {spacing}
"""


@dataclass
class Book:
    """The database of a test; deliveries share it in separate accounts."""

    ledger: Ledger
    conn: psycopg.Connection[Any]
    numbers: Iterator[int]
    adjusted: set[tuple[str, str]] = field(default_factory=set)
    names: Iterator[str] = field(default_factory=lambda: itertools.cycle(("{}", "{}-PERP", "{}")))
    # The strategies that messages name, each fact always the same one; None: none.
    strategies: Sequence[str | None] = (None,)
    fields: Iterator[str] = field(
        default_factory=lambda: itertools.cycle(("strategy", "book", "tag"))
    )

    def prepare(self) -> None:
        """Define the contracts and an alias of each; frequent checkpoints, for short histories."""
        for asset, (kind, instrument) in CONTRACTS.items():
            self.define(asset, kind, instrument)
        for currency, rates in RATES.items():
            self.ledger.price(
                *(ticker(f"{rate}", at.isoformat(), f"{currency}USDT") for at, rate in rates)
            )
        self.keep_checkpoints_every(2)

    def define(self, asset: str, kind: str, instrument: Instrument) -> None:
        """Define a contract, and an alias of it."""
        self.ledger.define(asset, kind=kind, multiplier=instrument.multiplier)
        self.ledger.call("alias_instrument", alias=f"{asset}-PERP", asset=asset)

    def keep_checkpoints_every(self, entries: int) -> None:
        """Set the spacing of checkpoints."""
        self.conn.execute(SPACING.format(spacing=entries).encode())

    def new_account(self) -> str:
        """A new account."""
        return f"history-{next(self.numbers)}"

    def apply(self, batches: Mapping[str, Sequence[Message]]) -> None:
        """Apply messages in one call, those of several accounts together; then adjustments, moves.

        An adjustment that comes again is left out, as validation does. Some messages name their
        asset by its alias; one that is sent again may have the other name. Suspected repeats are
        settled: their order says how.
        """
        messages = [(account, each) for account, batch in batches.items() for each in batch]
        sent = [(account, each) for account, each in messages if is_sent(each)]
        bodies = [body(each, account) | self.named(each) for account, each in sent]
        for message in bodies:
            for fields in (message, message.get("order", {})):
                for name in sorted(fields.keys() & {"asset", "to_asset"}):
                    fields[name] = next(self.names).format(fields[name])
        judged = self.ledger.judge("apply_order_events", bodies)
        for (_, fact), (outcome, reason, _) in zip(sent, judged, strict=True):
            if isinstance(fact, Fill) and is_premature(fact):
                # A fill that was applied with its own time before is known.
                assert outcome in {"rejected", "duplicate"}
                assert reason == "time_in_future"
            else:
                assert outcome != "rejected", judged
        if any(outcome == "quarantined" for outcome, _, _ in judged):
            self.settle()
        for account, each in messages:
            if is_absolute(each) and (account, each.identity) not in self.adjusted:
                self.adjusted.add((account, each.identity))
                with self.conn.transaction():
                    post(self.conn, account, each)
        for account, each in messages:
            if isinstance(each, Move):
                self.move(account, each)

    def named(self, fact: Message) -> dict[str, str]:
        """The strategy that a message names, if it does."""
        strategy = self.strategies[zlib.crc32(fact.identity.encode()) % len(self.strategies)]
        if strategy is None or not isinstance(fact, Fill | Total | Posting):
            return {}
        return {next(self.fields): strategy}

    def move(self, account: str, move: Move) -> None:
        """Decide a move; there may be nothing to move, or it may not fit."""
        done = self.ledger.call(
            "move_fills",
            move_id=move.identity,
            asset=move.asset,
            to_mode=move.to_mode,
            account=account,
        )
        assert "outcome" in done or done["error_code"] == "CONFLICT", done

    def settle(self) -> None:
        """Count or drop all suspected repeats."""
        for repeat, order in self.conn.execute(SUSPECTED).fetchall():
            decision = "count" if order.startswith(COUNTED) else "drop"
            done = self.ledger.call("settle_suspected_repeat", id=repeat, decision=decision)
            assert done.get("outcome") in {"applied", "dropped"}, done

    def deliver(self, *deliveries: Batches) -> list[str]:
        """Deliver each sequence of batches to a new account; return the accounts."""
        accounts = [self.new_account() for _ in deliveries]
        # One call for the first batch of each, one for the second, …
        for batches in itertools.zip_longest(*deliveries, fillvalue=()):
            self.apply(dict(zip(accounts, batches, strict=True)))
        return accounts

    def clock(self) -> datetime:
        """The current time of the database."""
        [(now,)] = self.conn.execute("SELECT clock_timestamp()").fetchall()
        assert isinstance(now, datetime)
        return now

    def recorded(self, account: str) -> list[datetime]:
        """The recording times of an account, in order."""
        return [at for (at,) in self.conn.execute(RECORDED, {"account": account})]

    def stored(self, *accounts: str) -> list[dict[Place, Row]]:
        """The rows of each account."""
        return self._rows(STORED, accounts)

    def replayed(self, *accounts: str) -> list[dict[Place, Row]]:
        """The rows of each account after a full replay of the ledger."""
        return self._rows(REPLAYED, accounts)

    def folded_on(self, *accounts: str) -> list[dict[Place, Row]]:
        """The states of each account, folded from its newest checkpoints."""
        return self._rows(FOLDED_ON, accounts)

    def history(self, account: str, place: Place, since: object = "-infinity") -> list[Row]:
        """The state of a leg after every entry since then."""
        with self.conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(HISTORY, [since, account, place.leg]).fetchall()

    def _rows(self, statement: str, accounts: Sequence[str]) -> list[dict[Place, Row]]:
        found: dict[str, dict[Place, Row]] = {account: {} for account in accounts}
        with self.conn.cursor(row_factory=dict_row) as cursor:
            for row in cursor.execute(statement.encode(), [list(accounts)]):
                place = Place(row.pop("asset"), row.pop("leg"))
                found[row.pop("account")][place] = row
        return list(found.values())


def is_sent(message: Message) -> TypeGuard[Sent]:
    """Whether a message is one of the order feed."""
    return not (isinstance(message, Move) or is_absolute(message))


def is_premature(fill: Fill) -> bool:
    """Whether the clock of the venue was so far ahead that the fill is refused."""
    return fill.executed_at >= TOO_FAR


def is_absolute(message: Message) -> TypeGuard[Posting]:
    return isinstance(message, Posting) and message.entry.is_absolute


def value_added(entry: Entry, held: Row, instrument: Instrument) -> Decimal:
    """What an entry takes from realized - cost: the value of what it trades, closes and states."""
    if entry.kind == "funding":
        return ZERO
    if not entry.is_absolute:
        return entry_value(entry, entry.quantity, instrument)
    stated = entry_value(entry, entry.quantity, instrument) - (entry.realized or ZERO)
    size: Decimal = held["size"]
    cost: Decimal = held["cost"]
    turns = size * entry.quantity <= 0
    if entry.closing_price is None or (not turns and abs(entry.quantity) > abs(size)):
        return stated - cost
    closed = instrument.value(-size if turns else entry.quantity - size, entry.closing_price)
    if turns:
        return closed + stated
    kept = cost - share(cost, size - entry.quantity, size)
    # Without an average of the venue an adjustment states no cost: nothing but the closed part.
    return closed if entry.price is None else closed + stated - kept


def state(leg: Leg) -> Row:
    """A state of the reference implementation, as a row."""
    return {name: getattr(leg, name) for name in STATE}


def expected(
    messages: Sequence[Message], instruments: dict[str, Instrument] = INSTRUMENTS
) -> dict[Place, Row]:
    """The rows that must be stored after these messages, computed without the database."""
    received = journal(messages, instruments)
    return {
        place: {
            **state(received.leg(place)),
            "version": received.version(place),
            "entries": len(received.entries(place)),
        }
        for place in received.places()
    }


@dataclass(frozen=True)
class RecordedHistory:
    """A history in the database, and in the reference implementation beside it."""

    account: str
    journal: Journal
    recorded: list[datetime]

    @property
    def event_times(self) -> list[datetime]:
        """The current event times of all entries."""
        return sorted(
            time_of(entry)
            for place in self.journal.places()
            for entry in self.journal.entries(place)
        )


def record(
    book: Book, messages: Sequence[Message], after_each: Callable[[str], None] | None = None
) -> RecordedHistory:
    """Hand the messages over one by one, with the time when each was recorded.

    after_each: an action on the account between two messages.
    """
    account = book.new_account()
    handed: list[datetime] = []
    for message in messages:
        book.apply({account: [message]})
        handed.append(book.clock())
        if after_each is not None:
            after_each(account)
    history = RecordedHistory(account, Journal(INSTRUMENTS), book.recorded(account))
    times = iter([*history.recorded, datetime.max.replace(tzinfo=UTC)])
    due = next(times)
    for message, handed_at in zip(messages, handed, strict=True):
        # A duplicate or an amendment that waits for its trade records nothing.
        known_at = handed_at
        if due <= handed_at:
            known_at, due = due, next(times)
        history.journal.receive(message, known_at)
    return history
