"""The ledger, positions and counters of the service, read as an operator."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from position_manager.reference.fold import Entry
from position_manager.simulation.comparison import BOOK_FIGURES, FIGURES
from position_manager.simulation.expectation import Figures
from position_manager.simulation.facts import Feed, Holding, Price

Rows = dict[str, list[Entry]]
# The most entries that the service lists at once.
PAGE = 1000
Counts = dict[Feed, Counter[str]]

NEWEST = """
    SELECT coalesce(max(f.id), 0), max(f.executed_at)
    FROM api.fills f
    WHERE f.account = ANY(%(accounts)s)
"""
ENTRIES = """
    SELECT f.asset, f.quantity, f.price, f.fee, f.amount, f.carried_realized AS realized, f.kind,
        f.executed_at, f.closing_price
    FROM api.fills f
    WHERE f.account = ANY(%(accounts)s)
        AND f.mode = 'one-way'
        AND f.asset = ANY(%(assets)s)
        AND f.id <= %(newest)s
        AND f.voided_at IS NULL
    ORDER BY f.executed_at, f.id
"""
APPLIED = """
    SELECT count(*)
    FROM api.fills f
    WHERE f.account = ANY(%(accounts)s)
        AND f.id > %(after)s
        AND f.trace_id LIKE %(traces)s
"""
OTHERS = """
    SELECT count(*)
    FROM api.fills f
    WHERE f.account = ANY(%(accounts)s)
        AND f.id > %(after)s
        AND f.asset = ANY(%(assets)s)
        AND f.trace_id NOT LIKE %(traces)s
"""
PRICES = """
    SELECT p.asset, p.mark_price AS price, p.priced_at AS at
    FROM api.prices p
    WHERE p.asset = ANY(%(assets)s)
"""
POSITIONS = """
    SELECT p.*
    FROM api.positions p
    WHERE p.account = ANY(%(accounts)s)
        AND p.mode = 'one-way'
        AND p.asset = ANY(%(assets)s)
"""
BOOKS = "SELECT b.book FROM api.books b WHERE b.account = %(account)s ORDER BY b.book"
BOOK_ENTRIES = """
    SELECT api.get_position_entries(
        %(asset)s, account => %(account)s, book => %(book)s, page_limit => %(limit)s,
        before => %(before)s
    )
"""
BOOK_POSITIONS = """
    SELECT api.get_positions(account => %(account)s, book => %(book)s, mode => 'one-way')
"""
ACTIONS = "SELECT count(*) FROM api.corporate_actions a WHERE a.asset = %(asset)s"
METRICS = "SELECT api.get_metrics()"

CONNECT_SECONDS = 2


class Service:
    """A connection to the service's database that is reopened when it was lost."""

    def __init__(self, database: str, accounts: Sequence[str]) -> None:
        self._database = database
        self._accounts = list(accounts)
        self._connection: psycopg.Connection[Any] | None = None

    def query(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query, as tuples."""
        return self._connected().execute(statement.encode(), self._with(parameters)).fetchall()

    def rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of a query, as dictionaries by column name."""
        with self._connected().cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), self._with(parameters)).fetchall()

    def wait_until_available(self, seconds: float) -> None:
        """Wait until the database answers; raises its error after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.query("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                self.close()
                time.sleep(0.3)
            else:
                return

    def newest(self) -> tuple[int, datetime | None]:
        """The id of the accounts' newest entry (0: none) and its latest event time."""
        ((number, at),) = self.query(NEWEST)
        return number, at

    def entries(self, assets: list[str], newest: int) -> Rows:
        """The entries of `assets` up to the id `newest`, by asset, in the order of the fold."""
        found: Rows = {}
        for row in self.rows(ENTRIES, assets=assets, newest=newest):
            found.setdefault(row.pop("asset"), []).append(Entry(**row))
        return found

    def prices(self, assets: list[str]) -> list[Price]:
        """The mark prices of `assets`."""
        with self._connected().cursor(row_factory=class_row(Price)) as cursor:
            return cursor.execute(PRICES, {"assets": assets}).fetchall()

    def is_split(self, asset: str) -> bool:
        """Whether another session has split an asset: an action is one of all accounts."""
        ((count,),) = self.query(ACTIONS, asset=asset)
        return bool(count)

    def applied(self, run: str, after: int) -> int:
        """The number of fills of a session in the ledger, after the entry `after`."""
        ((count,),) = self.query(APPLIED, after=after, traces=f"demo-{run}-%")
        return int(count)

    def others(self, run: str, after: int, assets: list[str]) -> int:
        """The number of entries from other sources in `assets`, after the entry `after`."""
        ((count,),) = self.query(OTHERS, after=after, assets=assets, traces=f"demo-{run}-%")
        return int(count)

    def figures(self, assets: list[str]) -> dict[str, Figures]:
        """The published figures by asset."""
        return {
            row["asset"]: Figures(**{name: row[name] for name in FIGURES})
            for row in self.rows(POSITIONS, assets=assets)
        }

    def books(self, account: str) -> list[str]:
        """The books of an account; none if no strategy was ever named in it."""
        return [book for (book,) in self.query(BOOKS, account=account)]

    def book_entries(self, account: str, assets: list[str]) -> dict[Holding, list[Entry]]:
        """The entries of `assets` in each book of an account, in the order of the fold."""
        held = self.book_figures(account)
        return {
            each: self._entries_in(account, each.asset, book)
            for each in held
            if each.asset in assets and (book := each.book) is not None
        }

    def _entries_in(self, account: str, asset: str, book: str) -> list[Entry]:
        found: list[Entry] = []
        before: str | None = None
        while True:
            ((page,),) = self.query(
                BOOK_ENTRIES, account=account, asset=asset, book=book, limit=str(PAGE),
                before=before,
            )  # fmt: skip
            found += [_entry(each) for each in page["entries"] if not each["is_voided"]]
            if page["next_before"] is None:
                return found[::-1]
            before = str(page["next_before"])

    def book_figures(self, account: str) -> dict[Holding, dict[str, Decimal | None]]:
        """The published figures of what each book of an account holds."""
        return {
            Holding(each["asset"], book): {name: _decimal(each[name]) for name in BOOK_FIGURES}
            for book in self.books(account)
            for ((answer,),) in [self.query(BOOK_POSITIONS, account=account, book=book)]
            for each in answer["positions"]
        }

    def outcomes(self) -> Counts:
        """The worker's counts of outcomes since its start, by feed."""
        ((metrics,),) = self.query(METRICS)
        messages = metrics["worker"].get("ingest", {}).get("messages", {})
        return {feed: Counter(messages.get(feed, {})) for feed in Feed}

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._database,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                application_name="position-manager demo",
            )
        return self._connection

    def _with(self, parameters: dict[str, object]) -> dict[str, object]:
        return {"accounts": self._accounts} | parameters


def _decimal(literal: str | None) -> Decimal | None:
    return None if literal is None else Decimal(literal)


def _entry(row: dict[str, Any]) -> Entry:
    """An entry as the contract writes it."""
    return Entry(
        Decimal(row["quantity"]),
        _decimal(row["price"]),
        Decimal(row["fee"]),
        datetime.fromisoformat(row["executed_at"]),
        row["kind"],
        _decimal(row["amount"]),
        closing_price=_decimal(row["closing_price"]),
    )


class Tally:
    """The worker's counts of a session, summed over restarts of the worker.

    The worker counts from its start and reports every second. Outcomes between its last report and
    a crash are missing; messages it had not acknowledged are redelivered and counted again.
    """

    def __init__(self, start: Counts) -> None:
        self._last = start
        self.total: Counts = {feed: Counter() for feed in Feed}
        self.restarted = False

    def update(self, now: Counts) -> None:
        """Add the difference between `now` and the previous counts."""
        if any(
            now[feed][name] < count for feed in Feed for name, count in self._last[feed].items()
        ):
            self.restarted = True
            self._last = {feed: Counter() for feed in Feed}
        for feed in Feed:
            self.total[feed].update(now[feed] - self._last[feed])
        self._last = now

    def messages(self) -> int:
        """The total number of messages."""
        return sum(count.total() for count in self.total.values())
