"""The private schema, as the owner queries it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

LEG = {"account": "main", "asset": "BTCUSDT", "mode": "one-way", "leg": "net"}
STATE = "size", "cost", "realized", "fees_open", "fees_close", "funding"

STORED = """
    SELECT p.size, p.cost, p.realized, p.fees_open, p.fees_close, p.funding, p.version, p.entries
    FROM pms.positions p
    WHERE (p.account, p.asset, p.mode, p.leg) = (%(account)s, %(asset)s, %(mode)s, %(leg)s)
"""
# Differences between the stored rows, a full replay and the rules.
DISCREPANCIES = """
    SELECT d.*
    FROM (SELECT DISTINCT p.account, p.asset, p.mode FROM pms.positions p) p
    CROSS JOIN LATERAL (
        SELECT * FROM pms.stored_row_findings(p.account, p.asset, p.mode)
        UNION ALL
        SELECT * FROM pms.rule_findings(p.account, p.asset, p.mode)
    ) d
"""
WRONG_TOTALS = """
    SELECT w.*
    FROM pms.wrong_account_totals(ARRAY(SELECT DISTINCT p.account FROM pms.positions p)) w
"""
MOMENT = """
    SELECT
        (h.state).size, (h.state).cost, (h.state).realized, (h.state).fees_open,
        (h.state).fees_close, (h.state).funding, h.ordinal
    FROM pms.leg_history(
        %(account)s, %(asset)s, %(mode)s, %(leg)s, %(since)s, %(until)s, %(known_at)s
    ) h
    ORDER BY h.ordinal DESC
    LIMIT 1
"""
RESTATEMENTS = """
    SELECT r.cause, r.realized_pnl_before, r.realized_pnl_after
    FROM pms.restatements r
    ORDER BY r.account, r.id
"""


@dataclass(frozen=True)
class OwnerQueries:
    """The owner's connection to the private schema."""

    owner: psycopg.Connection[Any]

    def rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of a query."""
        with self.owner.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), parameters).fetchall()

    def value(self, statement: str, **parameters: object) -> Any:
        """The single value of a query."""
        ((answer,),) = (tuple(row.values()) for row in self.rows(statement, **parameters))
        return answer

    def leg(self, asset: str = "BTCUSDT", **key: str) -> dict[str, Any]:
        """The stored row of a leg."""
        (row,) = self.rows(STORED, **(LEG | {"asset": asset} | key))
        return row

    def state(self, asset: str = "BTCUSDT", **key: str) -> dict[str, Decimal]:
        """The amounts of a leg, without its version."""
        stored = self.leg(asset, **key)
        return {name: stored[name] for name in STATE}

    def moment(
        self, until: object = "infinity", known_at: object = "infinity", since: object = None
    ) -> dict[str, Any]:
        """The leg of BTCUSDT at an event time, as known then, from the last checkpoint."""
        (row,) = self.rows(
            MOMENT,
            **LEG,
            since=until if since is None else since,
            until=until,
            known_at=known_at,
        )
        return row

    def restatements(self) -> list[tuple[str, Decimal, Decimal]]:
        """The cause and the realized PnL before and after of each restatement, in order."""
        rows: list[tuple[str, Decimal, Decimal]] = self.owner.execute(RESTATEMENTS).fetchall()
        return rows

    def events(self, type: str | None = None) -> list[dict[str, Any]]:
        """The payloads in the outbox, in order."""
        found = self.rows("SELECT o.type, o.payload FROM pms.outbox o ORDER BY o.sequence")
        return [row["payload"] for row in found if type in (None, row["type"])]

    def forget_events(self) -> None:
        """Empty the outbox, as the relay does."""
        self.owner.execute("DELETE FROM pms.outbox")

    def now(self) -> Any:
        """The current time of the database."""
        return self.value("SELECT clock_timestamp()")

    def assert_sound(self) -> None:
        """Assert that every stored row is the fold of its entries and follows the rules."""
        assert self.rows(DISCREPANCIES) == []
        assert self.rows(WRONG_TOTALS) == []
