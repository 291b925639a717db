"""Send a session through the service, wait until all of it is applied, and hold it to account."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

import psycopg

from position_manager.simulation import shapes
from position_manager.simulation.delivery import Delivery, batches
from position_manager.simulation.expectation import Figures
from position_manager.simulation.facts import Message, Price, Queue
from position_manager.simulation.ledger import Rows, Service, Tally
from position_manager.simulation.session import Plan, Session

SPAN = timedelta(minutes=10)
SHORTEST_SPAN = timedelta(seconds=1)
POLL = 0.1
# Without counts that add up, this long without news is the end: longer than the worker waits
# before it tries the database or the broker again.
QUIET = 8.0
# The worker tells its counts every second.
BREATH = 2.0
# This long without news, while something is missing, is a failure.
STALLED = 60.0
DATABASE_PATIENCE = 90.0
DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants to see."""

    seed: int
    assets: int
    fills: int
    ticks: int
    account: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A figure on which service and computation do not agree."""

    asset: str
    field: str
    service: str
    computed: str


@dataclass(slots=True)
class Report:
    """What came of a session."""

    run: str
    earlier: int
    tally: Tally
    session: Session
    published_seconds: float = 0.0
    applied_seconds: float = 0.0
    applied: int = 0
    others: int = 0
    interruptions: int = 0
    positions: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def is_exact(self) -> bool:
        return not self.mismatches and self.applied == self.session.expected.fills


Progress = Callable[[int, int], None]
"""Told how many messages are published and how many fills applied."""


class Run:
    """One session, from the first message to the verdict."""

    def __init__(self, wish: Wish, service: Service, delivery: Delivery) -> None:
        self._service = service
        self._delivery = delivery
        end = datetime.now(UTC)
        self._after, latest = service.newest()
        run = secrets.token_hex(4)
        plan = Plan(
            wish.seed, run, wish.assets, wish.fills, wish.ticks,
            _begin(end, latest), end, wish.account,
        )  # fmt: skip
        self.session = Session(plan)
        self._assets = self.session.assets
        self._before: Rows = service.entries(self._assets, self._after)
        for price in service.prices(self._assets):
            self.session.expected.mark(price)
        earlier = sum(map(len, self._before.values()))
        self.report = Report(run, earlier, Tally(service.outcomes()), self.session)
        self._published = 0
        self._news = time.monotonic()
        self._looked = self._trouble = 0.0

    def play(self, progress: Progress) -> Report:
        """Publish everything, await everything, compare everything."""
        began = time.monotonic()
        self._publish(self.session.messages, progress)
        self.report.published_seconds = time.monotonic() - began
        self._await(progress)
        self.report.applied_seconds = self._news - began
        if self.report.applied >= self.session.expected.fills:
            self._publish(self._venue_reports(), progress)
            self._settle(progress)
        self._compare()
        return self.report

    def _publish(self, messages: list[Message], progress: Progress) -> None:
        for batch in batches(messages):
            self._delivery.send(batch)
            self._published += len(batch)
            if time.monotonic() - self._looked > POLL:
                self._look(progress)
        self._news = time.monotonic()
        self._look(progress)

    def _look(self, progress: Progress) -> None:
        """See how far the service is; a database that is away now is asked again later."""
        report = self.report
        counted = report.tally.messages()
        try:
            applied = self._service.applied(report.run, self._after)
            report.tally.note(self._service.outcomes())
        except DATABASE_ERRORS:
            self._service.close()
            self._trouble = time.monotonic()
        else:
            if (applied, report.tally.messages()) != (report.applied, counted):
                self._news = time.monotonic()
            report.applied = applied
        self._looked = time.monotonic()
        progress(self._published, report.applied)

    def _await(self, progress: Progress) -> None:
        """Wait until every fill is in the ledger, or until nothing has moved for too long."""
        while self.report.applied < self.session.expected.fills and not self._silent(STALLED):
            time.sleep(POLL)
            self._look(progress)

    def _settle(self, progress: Progress) -> None:
        """Wait until the messages that move nothing are done with, too."""
        while not (self._is_settled() or self._silent(STALLED)):
            time.sleep(POLL)
            self._look(progress)

    def _is_settled(self) -> bool:
        tally = self.report.tally
        if not self._is_disturbed():
            return tally.messages() >= self._published or self._is_done(QUIET)
        # What is delivered again is counted again, and a count can die with the worker: counts do
        # not tell when all is done, but positions do.
        return self._is_done(QUIET) or (self._is_done(BREATH) and not self._mismatches())

    def _is_disturbed(self) -> bool:
        return self.report.tally.restarted or self._delivery.interruptions > 0

    def _is_done(self, seconds: float) -> bool:
        """Whether the database answers and has had no news for so long, and no message waits."""
        quiet = time.monotonic() - max(self._news, self._trouble) > seconds
        return quiet and self._delivery.depth() == 0

    def _silent(self, seconds: float) -> bool:
        return time.monotonic() - self._news > seconds

    def _venue_reports(self) -> list[Message]:
        """What the venue says at the end of the day: the same as we, if we are right."""
        at = datetime.now(UTC)
        messages = []
        for number, (asset, held) in enumerate(self._computed().items()):
            if number % 2 or held.current_price is None:
                continue
            ids = {"event_id": self.session.uuid(), "trace_id": self.session.trace()}
            amounts = (
                held.size, held.average_entry_price, held.current_price, held.unrealized_pnl
            )  # fmt: skip
            body = shapes.venue_position(ids, asset, amounts, at, camel=number % 4 == 0)
            if self.session.account != "main":
                (body.get("payload") or body["data"])["account"] = self.session.account
            price = Price(asset, held.current_price, at)
            messages.append(Message(Queue.POSITION, shapes.encoded(body), price))
        for message in messages:
            self.session.expected.take(message)
        return messages

    def _compare(self) -> None:
        self._service.patiently(DATABASE_PATIENCE)
        report = self.report
        report.applied = self._service.applied(report.run, self._after)
        report.others = self._service.others(report.run, self._after, self._assets)
        report.positions = len(self._computed())
        report.mismatches = self._mismatches()
        report.interruptions = self._delivery.interruptions

    def _computed(self) -> dict[str, Figures]:
        return self.session.expected.figures(self._before, datetime.now(UTC))

    def _mismatches(self) -> list[Mismatch]:
        self._service.patiently(DATABASE_PATIENCE)
        found = self._service.figures(self._assets)
        return [
            Mismatch(asset, name, str(theirs), str(ours))
            for asset, computed in self._computed().items()
            for name in (each.name for each in fields(Figures))
            for ours, theirs in [(getattr(computed, name), getattr(found.get(asset), name, None))]
            if ours != theirs
        ]


def _begin(end: datetime, latest: datetime | None) -> datetime:
    """After what is known already: only what is meant to be late is late."""
    begin = end - SPAN
    if latest is not None and latest < end - SHORTEST_SPAN:
        begin = max(begin, latest + timedelta(milliseconds=1))
    return begin
