"""Venue reports in both formats, and the resulting discrepancies."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from tests.helpers.ledger import Ledger
from tests.helpers.messages import at

if TYPE_CHECKING:
    from tests.conftest import Database

Row = dict[str, Any]

MODES = {"net": 0, "long": 1, "short": 2}
LATER = """
    UPDATE pms.venue_positions
    SET recorded_at = recorded_at - INTERVAL '1 minute',
        unexplained_since = unexplained_since - INTERVAL '1 minute'
    WHERE account = %s
"""
HELD = """
    SELECT p.size,
        trim_scale(pms.average_price(p.size, p.cost, i.multiplier, i.kind = 'inverse')),
        p.realized, p.needs_review
    FROM pms.positions p
    INNER JOIN pms.instruments i USING (asset)
    WHERE p.account = %s AND p.leg = %s AND p.asset = %s AND p.version > 0
"""
STATED = """
    SELECT e.leg, e.cause, e.quantity, trim_scale(coalesce(e.amount, e.quantity * e.price))
    FROM pms.ledger_entries e
    WHERE e.account = %s AND e.kind IN ('opening', 'adjustment')
    ORDER BY e.id
"""


def snake(
    size: str, average: str | None, minute: int, leg: str = "net", asset: str = "BTCUSDT",
    second: int = 0, **more: Any,
) -> Row:  # fmt: skip
    """As ws-gateway sends it; `size` is signed here."""
    return {
        "event_type": "position",
        "topic": "position.position",
        "trace_id": f"report-{minute}",
        "payload": {
            "symbol": asset, "size": size.lstrip("-"), "side": side(size), "avg_price": None,
            "mode": MODES[leg], "timestamp": at(minute, second),
            "raw": {"entryPrice": average or "0", **more.pop("raw", {})}, **more,
        },
    }  # fmt: skip


def camel(
    size: str, average: str | None, minute: int, leg: str = "net", asset: str = "BTCUSDT",
    second: int = 0, **more: Any,
) -> Row:  # fmt: skip
    """The other shape."""
    return {
        "event_type": "position",
        "channel": "position",
        "trace_id": f"report-{minute}",
        "data": {
            "symbol": asset, "size": size.lstrip("-"), "side": side(size),
            "avgPrice": average or "0",
            "mode": {"net": "one-way", "long": "1", "short": "2"}[leg],
            "timestamp": at(minute, second), **more,
        },
    }  # fmt: skip


SHAPES = [snake, camel]


def side(size: str) -> str:
    return "" if float(size) == 0 else "Sell" if size.startswith("-") else "Buy"


@dataclass(frozen=True)
class Venue:
    """An account, and the venue that reports of it."""

    ledger: Ledger
    conn: psycopg.Connection[Any]
    account: str

    def fill(self, *messages: Mapping[str, Any]) -> list[str]:
        """Hand order events of the account over; return the outcomes."""
        return self.ledger.apply(*({**each, "account": self.account} for each in messages))

    def report(self, *messages: Row) -> list[str]:
        """Hand one batch of reports over; return the outcomes."""
        for each in messages:
            (each.get("payload") or each["data"])["account"] = self.account
        return [outcome for outcome, _, _ in self.ledger.judge("apply_venue_positions", messages)]

    def wait(self) -> int:
        """Let a minute pass and run the worker's tick; return the number of adoptions."""
        self.conn.execute(LATER, [self.account])
        with self.ledger.worker.transaction():
            adopt = "SELECT pms.adopt_unexplained_positions()"
            row = self.ledger.worker.execute(adopt).fetchone()
        assert row is not None
        adopted: int = row[0]
        return adopted

    @contextmanager
    def tuned(self, **settings: object) -> Iterator[None]:
        """For a while, what an operator has tuned."""
        for name, value in settings.items():
            self.conn.execute(f"UPDATE pms.settings SET {name} = %s".encode(), [value])
        try:
            yield
        finally:
            for name in settings:
                self.conn.execute(f"UPDATE pms.settings SET {name} = DEFAULT".encode())

    def held(self, leg: str = "net", asset: str = "BTCUSDT") -> tuple[Any, ...] | None:
        """Size, average and realized PnL of a leg, and whether it needs review."""
        return self.conn.execute(HELD, [self.account, leg, asset]).fetchone()

    def stated(self) -> list[tuple[Any, ...]]:
        """The leg, cause, size and cost of each adjustment in the ledger, in order of arrival."""
        return self.conn.execute(STATED, [self.account]).fetchall()

    def discrepancies(self) -> list[Row]:
        """The discrepancies, in the order they were first seen."""
        return self._rows(
            """
            SELECT d.* FROM pms.discrepancies d
            WHERE d.account = %s
            ORDER BY d.first_seen_at, d.leg, d.kind, d.field
            """,
            [self.account],
        )

    def findings(self) -> list[tuple[Any, ...]]:
        """The leg, kind, ours, theirs and status of each discrepancy."""
        return [
            (row["leg"], row["kind"], row["ours"], row["theirs"], row["status"])
            for row in self.discrepancies()
        ]

    def events(self, kind: str) -> list[Row]:
        """The account's events in the outbox."""
        found = self._rows(
            """
            SELECT o.payload FROM pms.outbox o
            WHERE o.type = %s AND o.payload ->> 'account' = %s
            ORDER BY o.sequence
            """,
            [kind, self.account],
        )
        return [row["payload"] for row in found]

    def validate(self, **asked: object) -> Row:
        """Validate the position, as an operator."""
        return self.ledger.call(
            "validate_position", **({"asset": "BTCUSDT", "account": self.account} | asked)
        )

    def _rows(self, statement: str, arguments: Sequence[object] = ()) -> list[Row]:
        with self.conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), arguments).fetchall()


@contextmanager
def separate_venues(database: Database) -> Iterator[Callable[[], Venue]]:
    """Make venues in one database, each with an account of its own."""
    with (
        psycopg.connect(database.dsn("pms_worker")) as worker,
        psycopg.connect(database.dsn("pms_operator")) as operator,
        psycopg.connect(database.dsn(), autocommit=True) as conn,
    ):
        numbers = itertools.count()
        yield lambda: Venue(Ledger(worker, operator), conn, f"venue-{next(numbers)}")
