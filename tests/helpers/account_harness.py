"""Deliveries of generated messages side by side, and what the database makes of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from position_manager.reference.fold import Leg
from position_manager.reference.messages import Message, Place
from tests.helpers.encode import body
from tests.helpers.ledger import Ledger
from tests.helpers.strategies import CONTRACTS, journal

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
    SELECT e.recorded_at FROM pms.entries e WHERE e.account = %(account)s
    UNION
    SELECT v.recorded_at FROM pms.voids v WHERE v.account = %(account)s
    ORDER BY 1
"""
SPACING = """
    CREATE OR REPLACE FUNCTION pms.checkpoint_spacing() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {spacing}
"""


@dataclass
class Book:
    """The database of a test: each delivery has an account of its own, so all can share it."""

    ledger: Ledger
    conn: psycopg.Connection[Any]
    numbers: Iterator[int]

    def prepare(self) -> None:
        """Define the contracts of the stories; short stories must meet checkpoints too."""
        for asset, (kind, instrument) in CONTRACTS.items():
            self.ledger.define(asset, kind=kind, multiplier=instrument.multiplier)
        self.keep_checkpoints_every(2)

    def keep_checkpoints_every(self, entries: int) -> None:
        """Let the ledger keep its checkpoints as often as that."""
        self.conn.execute(SPACING.format(spacing=entries).encode())

    def new_account(self) -> str:
        """An account that nobody has used."""
        return f"story-{next(self.numbers)}"

    def hand(self, batches: Mapping[str, Sequence[Message]]) -> None:
        """Hand messages over in one call; those of several accounts, side by side."""
        bodies = [body(each, account) for account, batch in batches.items() for each in batch]
        judged = self.ledger.judge("apply_order_events", bodies)
        assert "rejected" not in {outcome for outcome, _, _ in judged}, judged

    def deliver(self, *deliveries: Batches) -> list[str]:
        """Deliver each of these to an account of its own; return the accounts."""
        accounts = [self.new_account() for _ in deliveries]
        # One call for the first batch of each, one for the second, …
        for batches in itertools.zip_longest(*deliveries, fillvalue=()):
            self.hand(dict(zip(accounts, batches, strict=True)))
        return accounts

    def clock(self) -> datetime:
        """What time it is there."""
        [(now,)] = self.conn.execute("SELECT clock_timestamp()").fetchall()
        assert isinstance(now, datetime)
        return now

    def recorded(self, account: str) -> list[datetime]:
        """When something was recorded in an account, in order."""
        return [at for (at,) in self.conn.execute(RECORDED, {"account": account})]

    def stored(self, *accounts: str) -> list[dict[Place, Row]]:
        """The rows of each account."""
        return self._rows(STORED, accounts)

    def replayed(self, *accounts: str) -> list[dict[Place, Row]]:
        """The rows of each account as the whole ledger, folded again, would have them."""
        return self._rows(REPLAYED, accounts)

    def folded_on(self, *accounts: str) -> list[dict[Place, Row]]:
        """The states that each account comes to from its newest checkpoints."""
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


def state(leg: Leg) -> Row:
    """A state of the independent computation, as a row."""
    return {name: getattr(leg, name) for name in STATE}


def expected(messages: Sequence[Message]) -> dict[Place, Row]:
    """The rows that must be stored after these messages, computed without the database."""
    told = journal(messages)
    return {
        place: {
            **state(told.leg(place)),
            "version": told.version(place),
            "entries": len(told.entries(place)),
        }
        for place in told.places()
    }
