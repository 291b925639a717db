"""The comparison of what was sent with ledger, positions, letters and events."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg

from faults.events import Watcher
from faults.stream import ACCOUNT, Queued, Requested
from position_manager.reference.fold import ZERO, Entry, fold, time_of
from position_manager.simulation.expectation import Figures
from position_manager.simulation.ledger import Service
from position_manager.stack.stack import Stack

POLL = 0.3
# Seconds without a change, after which nothing more is expected.
QUIET = 20.0
NEWEST = 2**62
COUNTS = """
    SELECT
        (SELECT count(*) FROM pms.ledger_entries e WHERE e.account = %s),
        (SELECT count(*) FROM pms.rejected_messages),
        pms.outbox_depth()
"""
LETTERS = "SELECT r.body, r.reason FROM pms.rejected_messages r"
UNEXPECTED = """
    SELECT e.asset, count(*)
    FROM pms.ledger_entries e
    WHERE e.account = %s AND e.asset <> ALL (%s)
    GROUP BY e.asset
"""
VERIFY = "SELECT api.verify_ledger()"

# A fill as the ledger has it; without a time where that is the time of arrival.
Key = tuple[str, Decimal, Decimal | None, Decimal, datetime | None]


@dataclass(slots=True)
class Findings:
    """What differs, as far as an earlier comparison has not shown it."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.unexplained)

    def new_since(self, known: Findings) -> Findings:
        """These without the known ones."""

        def rest(now: list[str], before: list[str]) -> list[str]:
            return list((Counter(now) - Counter(before)).elements())

        return Findings(
            rest(self.lost, known.lost),
            rest(self.doubled, known.doubled),
            rest(self.unexplained, known.unexplained),
        )


class Audit:
    """Compares a stack with the streams that were sent to it."""

    def __init__(
        self, stack: Stack, queued: Queued, requested: Requested, watchers: Sequence[Watcher]
    ) -> None:
        self._stack = stack
        self._queued = queued
        self._requested = requested
        self._watchers = watchers
        # Entries that a fault sent, by asset.
        self.others: dict[str, list[Entry]] = {}
        self._known = Findings()

    def arrivals(self) -> tuple[int, int]:
        """The number of events that the first has, and how often one came again to any."""
        arrivals = [watcher.arrivals for watcher in self._watchers]
        return len(arrivals[0].bodies), sum(each.repeats.total() for each in arrivals)

    def settle(self) -> float:
        """Wait until everything that was sent has arrived, or nothing changes; the seconds."""
        began = changed = time.monotonic()
        before: object = None
        while True:
            now = self._state()
            if now is not None and now == self._wanted():
                return time.monotonic() - began
            if now != before:
                before, changed = now, time.monotonic()
            if time.monotonic() - changed > QUIET:
                return time.monotonic() - began
            time.sleep(POLL)

    def _wanted(self) -> tuple[int, ...]:
        fills = sum(map(len, self._expected().values()))
        return fills, len(self._queued.bad), 0, 0, 0

    def _state(self) -> tuple[int, ...] | None:
        """Entries, letters, waiting events, waiting messages, missing events."""
        try:
            with psycopg.connect(self._stack.context.dsn(), connect_timeout=2) as connection:
                row = connection.execute(COUNTS, [ACCOUNT]).fetchone()
                missing = sum(len(watcher.missing(connection)) for watcher in self._watchers)
        except psycopg.OperationalError:
            return None
        depth = self._queued.depth()
        return None if row is None or depth is None else (*row, depth, missing)

    def compare(self) -> Findings:
        """What differs now and did not before."""
        found = Findings()
        with psycopg.connect(self._stack.context.dsn(), autocommit=True) as connection:
            service = Service(self._stack.context.dsn(), [ACCOUNT])
            try:
                expected = self._expected()
                differing = compare_ledger(expected, service.entries([*expected], NEWEST), found)
                self._compare_positions(service, differing, found)
            finally:
                service.close()
            others = connection.execute(UNEXPECTED, [ACCOUNT, [*expected]]).fetchall()
            found.unexplained += [f"fills: {count} of {asset}" for asset, count in others]
            self._compare_letters(connection, found)
            self._compare_events(connection, found)
            ((verified,),) = connection.execute(VERIFY).fetchall()
            found.unexplained += [f"verification: {each}" for each in verified["findings"]]
        found.unexplained += [f"request: {each}" for each in self._requested.refused]
        new = found.new_since(self._known)
        self._known = found
        return new

    def _expected(self) -> Mapping[str, list[Entry]]:
        return self._queued.expected.entries | self._requested.entries | self.others

    def _compare_positions(self, service: Service, differing: set[str], found: Findings) -> None:
        """Compare each position with the fold of what was sent; wrong ledgers are known."""
        computed = self._queued.expected.figures({}, datetime.now(UTC))
        for asset, entries in (self._requested.entries | self.others).items():
            if entries:
                computed[asset] = Figures.of(fold(sorted(entries, key=time_of)), None)
        held = service.figures([*computed])
        expected = self._expected()
        for asset, figures in computed.items():
            if asset not in differing:
                compare_position(asset, figures, held.get(asset), expected[asset], found)

    def _compare_letters(self, connection: psycopg.Connection[Any], found: Findings) -> None:
        letters = {bytes(body): reason for body, reason in connection.execute(LETTERS).fetchall()}
        found.lost += [f"letter: {body!r}" for body in self._queued.bad - letters.keys()]
        found.unexplained += [
            f"letter: {reason} {body!r}"
            for body, reason in letters.items()
            if body not in self._queued.bad
        ]

    def _compare_events(self, connection: psycopg.Connection[Any], found: Findings) -> None:
        for watcher in self._watchers:
            name = watcher.name
            found.lost += [f"{name}: {id}" for id in watcher.missing(connection)]
            found.unexplained += [
                f"{name}: in the wrong place: {id}" for id in watcher.out_of_order(connection)
            ]
            found.doubled += [f"{name}: {each}" for each in watcher.arrivals.doubled]


def compare_ledger(
    expected: Mapping[str, Iterable[Entry]],
    rows: Mapping[str, Iterable[Entry]],
    found: Findings,
) -> set[str]:
    """Compare the ledger with what was sent; return the assets that differ."""
    undated = {
        asset
        for asset, entries in expected.items()
        if any(entry.executed_at is None for entry in entries)
    }
    sent = Counter(_keys(expected, undated))
    kept = Counter(_keys(rows, undated))
    lost, more = sent - kept, kept - sent
    found.lost += [f"fill: {key}" for key in lost.elements()]
    for key in more.elements():
        (found.doubled if key in sent else found.unexplained).append(f"fill: {key}")
    return {key[0] for key in lost | more}


def compare_position(
    asset: str, wanted: Figures, held: Figures | None, entries: Iterable[Entry], found: Findings
) -> None:
    """Compare a position with the fold of its entries, which are in the ledger."""
    if held == wanted:
        return
    more = (ZERO if held is None else held.size) - wanted.size
    quantities = {entry.quantity for entry in entries}
    # One of them missing in the position may also be another one that counts twice.
    kind = (
        found.doubled
        if more in quantities
        else found.lost
        if -more in quantities
        else found.unexplained
    )
    kind.append(f"position: {asset} {held}, not {wanted}")


def _keys(ledger: Mapping[str, Iterable[Entry]], undated: set[str]) -> Iterable[Key]:
    for asset, entries in ledger.items():
        for each in entries:
            at = None if asset in undated else each.executed_at
            yield asset, each.quantity, each.price, each.fee or ZERO, at
