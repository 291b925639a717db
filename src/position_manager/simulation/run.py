"""Publish a session, wait until the service has applied it, and compare the positions."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg

from position_manager.simulation import cash, market, shapes
from position_manager.simulation.comparison import (
    Mismatch,
    compare_books,
    compare_positions,
    compare_sums,
)
from position_manager.simulation.delivery import Delivery, batches
from position_manager.simulation.expectation import Figures, Ledger
from position_manager.simulation.facts import UNASSIGNED, Holding, Message, Price, Queue
from position_manager.simulation.ledger import Rows, Service, Tally
from position_manager.simulation.session import Plan, Session

SHORTEST_SPAN = timedelta(seconds=1)
POLL_SECONDS = 0.1
# When the counts do not add up, the session ends after this time without a change. It is longer
# than the worker's longest wait before it retries the database or the broker.
QUIET_SECONDS = 8.0
# Twice the interval of the worker's reports.
REPORT_SECONDS = 2.0
# The session fails after this time without a change while fills are missing.
STALLED_SECONDS = 60.0
DATABASE_WAIT_SECONDS = 90.0
DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError)


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The seed, size and length of a session, the accounts that trade, and strategies.

    The strategies trade in the first account.
    """

    seed: int
    assets: int
    fills: int
    ticks: int
    accounts: tuple[str, ...]
    strategies: tuple[str, ...] = ()
    span: timedelta = timedelta(minutes=10)


@dataclass(slots=True)
class Report:
    """The result of a session."""

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
    books: list[str] = field(default_factory=list)
    book_positions: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def is_exact(self) -> bool:
        return not self.mismatches and self.applied == self.session.expected.fills


Progress = Callable[[int, int], None]
"""Called with the number of messages published and of fills applied."""


class Run:
    """One session, from the first message to the comparison."""

    def __init__(self, options: SessionOptions, service: Service, delivery: Delivery) -> None:
        self._service = service
        self._delivery = delivery
        end = datetime.now(UTC)
        self._after, latest = service.newest()
        run = secrets.token_hex(4)
        plan = Plan(
            options.seed, run, options.assets, options.fills, options.ticks,
            _begin(end - options.span, end, latest), end, options.accounts,
            not service.is_split(market.share().symbol), options.strategies,
        )  # fmt: skip
        self.session = Session(plan)
        self._assets = self.session.assets
        rows = service.entries(self._assets, self._after)
        self._before: Ledger = {
            **{Holding(asset): entries for asset, entries in rows.items()},
            **self._before_in_books(rows),
        }
        for price in service.prices(self.session.quoted):
            self.session.expected.add_price(price)
        earlier = sum(map(len, rows.values()))
        self.report = Report(run, earlier, Tally(service.outcomes()), self.session)
        self._published = 0
        self._news = time.monotonic()
        self._looked = self._trouble = 0.0

    @property
    def divided(self) -> str | None:
        """The account that has books; None without strategies."""
        return self.session.accounts[0] if self.session.strategies else None

    def _before_in_books(self, rows: Rows) -> Ledger:
        """The entries of books; the first strategy of an account leaves its history in one."""
        if self.divided is None:
            return {}
        if self._service.books(self.divided):
            return self._service.book_entries(self.divided, self._assets)
        return {
            Holding(asset, UNASSIGNED): entries
            for asset, entries in rows.items()
            if self.session.account_named(asset) == self.divided
        }

    def play(self, progress: Progress) -> Report:
        """Publish the session, wait until it is applied, and report the comparison."""
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
            if time.monotonic() - self._looked > POLL_SECONDS:
                self._look(progress)
        self._news = time.monotonic()
        self._look(progress)

    def _look(self, progress: Progress) -> None:
        """Read the progress of the service; an unavailable database is read again later."""
        report = self.report
        counted = report.tally.messages()
        try:
            applied = self._service.applied(report.run, self._after)
            report.tally.update(self._service.outcomes())
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
        """Wait until the ledger has every fill, or until nothing has changed for too long."""
        while self.report.applied < self.session.expected.fills and not self._silent(
            STALLED_SECONDS
        ):
            time.sleep(POLL_SECONDS)
            self._look(progress)

    def _settle(self, progress: Progress) -> None:
        """Wait until the messages that change no position are processed as well."""
        while not (self._is_settled() or self._silent(STALLED_SECONDS)):
            time.sleep(POLL_SECONDS)
            self._look(progress)

    def _is_settled(self) -> bool:
        tally = self.report.tally
        if not self._is_disturbed():
            return tally.messages() >= self._published or self._is_done(QUIET_SECONDS)
        # Redelivered messages are counted again, and a crash loses counts, so after a disturbance
        # only the positions show that everything is applied.
        return self._is_done(QUIET_SECONDS) or (
            self._is_done(REPORT_SECONDS) and not self._mismatches()
        )

    def _is_disturbed(self) -> bool:
        return self.report.tally.restarted or self._delivery.interruptions > 0

    def _is_done(self, seconds: float) -> bool:
        """Whether the queues are empty and the database has answered unchanged for `seconds`."""
        quiet = time.monotonic() - max(self._news, self._trouble) > seconds
        return quiet and self._delivery.depth() == 0

    def _silent(self, seconds: float) -> bool:
        return time.monotonic() - self._news > seconds

    def move_cash(self) -> None:
        """Record deposits and the like in the first account, which has no cash yet; compare it."""
        made, account = self.session, self.session.accounts[0]
        euro = made.expected.price(cash.RATE)
        assert euro is not None
        cash.record(self._service, account, self.report.run, made.begin, made.end)
        held = self.held_by(account).values()
        self.report.mismatches += cash.compare_cash(self._service, account, held, euro)

    def _venue_reports(self) -> list[Message]:
        """The venue's position reports at the end, equal to the expected positions."""
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
            if (account := self.session.account_named(asset)) != "main":
                (body.get("payload") or body["data"])["account"] = account
            price = Price(asset, held.current_price, at)
            messages.append(Message(Queue.POSITION, shapes.encoded(body), price))
        for message in messages:
            self.session.expected.add(message)
        return messages

    def _compare(self) -> None:
        self._service.wait_until_available(DATABASE_WAIT_SECONDS)
        report = self.report
        report.applied = self._service.applied(report.run, self._after)
        report.others = self._service.others(report.run, self._after, self._assets)
        report.positions = len(self._computed())
        if self.divided is not None:
            report.books = self._service.books(self.divided)
            report.book_positions = len(self._computed_books())
        report.mismatches = self._mismatches()
        report.interruptions = self._delivery.interruptions

    def held_by(self, account: str) -> dict[str, Figures]:
        """The computed figures of the assets that an account trades."""
        return {
            asset: figures
            for asset, figures in self._computed().items()
            if self.session.account_named(asset) == account
        }

    def _computed(self) -> dict[str, Figures]:
        return self.session.expected.figures(self._before, datetime.now(UTC))

    def _computed_books(self) -> dict[Holding, Figures]:
        """The computed figures of what each book holds.

        Without assets whose account was adjusted: what such a statement leaves in which book is
        the service's to say, and only the sum of the books is compared.
        """
        figures = self.session.expected.book_figures(self._before, datetime.now(UTC))
        return {
            holding: each
            for holding, each in figures.items()
            if not any(e.is_absolute for e in self._before.get(Holding(holding.asset), ()))
        }

    def _mismatches(self) -> list[Mismatch]:
        self._service.wait_until_available(DATABASE_WAIT_SECONDS)
        found = [*compare_positions(self._computed(), self._service.figures(self._assets))]
        if self.divided is not None:
            books = self._service.book_figures(self.divided)
            found += compare_books(self._computed_books(), books)
            found += compare_sums(self.held_by(self.divided), books)
        return found


def _begin(begin: datetime, end: datetime, latest: datetime | None) -> datetime:
    """The start of the session, after the latest known event, so that only late fills are late."""
    if latest is not None and latest < end - SHORTEST_SPAN:
        begin = max(begin, latest + timedelta(milliseconds=1))
    return begin
