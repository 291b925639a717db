"""Periods, restatements and fills of random histories match the reference implementation."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal as D
from decimal import localcontext
from zoneinfo import ZoneInfo

import pytest

from position_manager.reference.fold import EXACT, Entry, Leg
from position_manager.reference.journal import Journal
from position_manager.reference.periods import Flow, flows
from tests.helpers.account_harness import Book
from tests.helpers.analyst import Analyst, Row
from tests.helpers.random_histories import INSTRUMENTS, MIXED, MORNING, SHAPES, Shape, history

HISTORIES = 2
ENTRIES = 25
# January to April: New York and Berlin change their clocks in March, Lord Howe by half an hour.
MINUTES = 120 * 24 * 60
ZONES = (
    "UTC", "Asia/Kathmandu", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe",
    "America/St_Johns", "Pacific/Kiritimati",
)  # fmt: skip
FIGURES = ("realized", "fees_paid", "funding", "realized_pnl")


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """Python's decimals round to 28 digits by default."""
    with localcontext(prec=400):
        yield


def by_period(journal: Journal, shape: Shape, unit: str, zone: ZoneInfo) -> dict[date, Flow]:
    """What the entries of a position changed in each period."""
    found: dict[date, Flow] = defaultdict(Flow)
    for place in shape.places:
        entries = journal.entries(place)
        for day, flow in flows(entries, unit, zone, shape.instrument).items():
            found[day] = added(found[day], flow, 1)
    return found


def added(one: Flow, other: Flow, factor: int) -> Flow:
    return Flow(*(getattr(one, name) + factor * getattr(other, name) for name in FIGURES))


def shown(rows: Iterable[Row], name: str) -> dict[date, D]:
    """The periods in which an amount is not 0."""
    return {row["period_start"]: row[name] for row in rows if row[name]}


@pytest.mark.parametrize("seed", range(HISTORIES))
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.asset}-{shape.mode}")
def test_periods_match_the_reference(shape: Shape, seed: int, book: Book, analyst: Analyst) -> None:
    chance = random.Random(f"{shape}-{seed}")
    unit, name = chance.choice(("day", "week", "month")), chance.choice(ZONES)
    zone = ZoneInfo(name)
    book.keep_checkpoints_every(3)
    account, journal = book.new_account(), Journal(INSTRUMENTS)
    restated: dict[date, D] = defaultdict(D)
    restatements = 0
    for number, message in enumerate(
        history(chance, chance.randint(1, ENTRIES), [shape], MIXED, MINUTES)
    ):
        before = by_period(journal, shape, unit, zone)
        book.apply({account: [message]})
        journal.receive(message, MORNING + timedelta(days=number))
        after = by_period(journal, shape, unit, zone)
        newest = len(analyst.view("restatements", account=account))
        if newest > restatements:
            for day in {*before, *after}:
                restated[day] += after[day].realized_pnl - before[day].realized_pnl
        restatements = newest
        if chance.random() < 0.3:
            book.conn.execute("SELECT pms.sum_pnl()")

        if chance.random() < 0.3:
            rows = analyst._call(
                "position_pnl_by_period", unit=unit, time_zone=name, account=account
            )
            for figure in FIGURES:
                assert shown(rows, figure) == {
                    day: amount for day, flow in after.items() if (amount := getattr(flow, figure))
                }, (figure, number)
            assert shown(rows, "restated_realized_pnl") == {
                day: amount for day, amount in restated.items() if amount
            }
            everywhere = analyst._call("position_pnl_by_period", unit=unit, time_zone=name)
            of_all = {
                day: sum(row["realized_pnl"] for row in everywhere if row["period_start"] == day)
                for day in after
            }
            assert of_all == {day: flow.realized_pnl for day, flow in after.items()}

    days = analyst._call("position_pnl_by_period", unit="day", account=account)
    assert sum(row["restated_realized_pnl"] or 0 for row in days) == sum(
        row["realized_pnl_change"] for row in analyst.view("restatements", account=account)
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.asset}-{shape.mode}")
def test_the_realized_pnl_of_each_fill_matches_the_reference(
    shape: Shape, book: Book, analyst: Analyst
) -> None:
    book.keep_checkpoints_every(3)
    for seed in range(HISTORIES):
        chance = random.Random(f"{shape}-{seed}")
        account, journal = book.new_account(), Journal(INSTRUMENTS)
        for number, message in enumerate(history(chance, ENTRIES, [shape], MIXED, MINUTES)):
            book.apply({account: [message]})
            journal.receive(message, MORNING + timedelta(days=number))
        rows = analyst.view("fills", account=account)
        for place in shape.places:
            expected = []
            leg = Leg(shape.instrument)
            for recorded in journal.recorded(place):
                expected.append(change(leg, recorded.entry, recorded.voided_by))
            own = [row for row in rows if row["leg"] == place.leg]
            own.sort(key=lambda row: (row["executed_at"], row["id"]))
            assert [row["realized_pnl"] for row in own] == expected


def change(leg: Leg, entry: Entry, voided_by: str | None) -> D:
    """What an entry changes in the realized PnL of a leg, which it changes."""
    if voided_by is not None:
        return D(0)
    before = leg.realized_pnl
    leg.apply(entry)
    return EXACT.subtract(leg.realized_pnl, before)
