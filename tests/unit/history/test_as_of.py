"""The state at every event time as known at any time, against a brute-force fold."""

from __future__ import annotations

import bisect
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.rows import dict_row

from position_manager.reference.fifo import total
from position_manager.reference.fold import (
    EXACT,
    ZERO,
    Leg,
    break_even,
    fold,
    states,
    time_of,
)
from position_manager.reference.journal import LONG_AGO
from position_manager.reference.messages import Correction, Fill, Place
from tests.helpers.account_harness import Book, RecordedHistory, Row, record
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.partitions import divide
from tests.helpers.random_histories import LEGS, MORNING, SHAPES, history
from tests.helpers.soak import sized

if TYPE_CHECKING:
    from tests.conftest import Database

# One recording, not one in each process.
pytestmark = pytest.mark.xdist_group("as-of")
# The number of random recording times, and of event times for each.
KNOWLEDGES, MOMENTS = sized(40, 120), 20
TICK = timedelta(microseconds=1)

Moment = tuple[datetime, datetime]
# By asset and mode.
Positions = dict[tuple[str, str], Row]
# For every leg the times of its entries, and its state before the first and after each.
Past = dict[Place, tuple[list[datetime], list[Leg]]]

COLUMNS = (
    "size", "average_entry_price", "break_even_price", "cost_basis", "realized_pnl", "fees_paid",
    "funding", "long_size", "short_size", "time_held_minutes", "closed_at",
)  # fmt: skip
AS_OF = """
    SELECT q.number - 1 AS number, p.*
    FROM unnest(%(at)s::timestamptz[], %(known_at)s::timestamptz[])
        WITH ORDINALITY q (at, known_at, number)
    CROSS JOIN LATERAL api.positions_as_of(q.at, q.known_at, %(account)s) p
"""
# Checkpoints off the regular spacing.
OFF_SPACING = """
    SELECT count(*)
    FROM pms.checkpoints c
    WHERE c.account = %(account)s AND c.ordinal %% pms.checkpoint_spacing() <> 0
"""
WRONG = """
    SELECT p.asset, p.mode, d.*
    FROM (
        SELECT DISTINCT p.account, p.asset, p.mode
        FROM pms.positions p
        WHERE p.account = %(account)s
    ) p
    CROSS JOIN LATERAL pms.position_legs(p.mode) l
    CROSS JOIN LATERAL pms.checkpoint_findings(p.account, p.asset, p.mode, l.leg) d
"""
RESTATED = """
    SELECT r.recorded_at, r.asset, r.leg, r.realized_pnl_before, r.realized_pnl_after
    FROM pms.restatements r
    WHERE r.account = %s
"""


@pytest.fixture(scope="module")
def kept(shared_database: Database) -> Iterator[Book]:
    """The ledger of the recording, in three partitions."""
    with (
        psycopg.connect(shared_database.dsn("pms_worker")) as worker,
        psycopg.connect(shared_database.dsn("pms_operator")) as operator,
        psycopg.connect(shared_database.dsn(), autocommit=True) as conn,
    ):
        kept = Book(Ledger(worker, operator), conn, itertools.count())
        kept.prepare()
        kept.keep_checkpoints_every(7)
        divide(conn, [MORNING + timedelta(minutes=minutes) for minutes in (20, 40)])
        yield kept


@pytest.fixture(scope="module")
def recording(kept: Book, seed: int) -> Iterator[RecordedHistory]:
    with localcontext(prec=400):
        yield record(kept, history(random.Random(seed), adjustments=5))


def answers(book: Book, recording: RecordedHistory, moments: Sequence[Moment]) -> list[Positions]:
    """The positions at each moment in the database."""
    found: list[Positions] = [{} for _ in moments]
    with book.conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(
            AS_OF,
            {
                "at": [at for at, _ in moments],
                "known_at": [known_at for _, known_at in moments],
                "account": recording.account,
            },
        ):
            position = {name: row[name] for name in COLUMNS}
            found[row["number"]][row["asset"], row["mode"]] = position
    return found


def folded(recording: RecordedHistory, moments: Sequence[Moment]) -> Iterator[Positions]:
    """The positions at each moment in the reference implementation."""
    past: dict[datetime, Past] = {}
    for at, known_at in moments:
        if known_at not in past:
            past = {known_at: past_of(recording, known_at)}
        legs = {
            place: after[bisect.bisect_right(times, at)]
            for place, (times, after) in past[known_at].items()
        }
        yield {
            (asset, mode): published(found, mode, at)
            for asset in {place.asset for place in legs}
            for mode, names in LEGS.items()
            if (
                found := {
                    leg.leg: legs[leg] for leg in legs if leg.asset == asset and leg.leg in names
                }
            )
        }


def past_of(recording: RecordedHistory, known_at: datetime) -> Past:
    """The legs as known then."""
    past: Past = {}
    for place in recording.journal.places():
        entries = recording.journal.entries(place, known_at)
        instrument = recording.journal.instrument(place)
        past[place] = (
            [time_of(entry) for entry in entries],
            [Leg(instrument), *states(entries, instrument)],
        )
    return past


def published(legs: dict[str, Leg], mode: str, at: datetime) -> Row:
    """The position of these legs, as published."""
    held = list(legs.values())
    opened = [leg for leg in held if leg.size != 0]
    closed = [leg.closed_at for leg in held if leg.closed_at is not None]
    longs = total(max(leg.size, ZERO) for leg in held)
    shorts = total(max(leg.size.copy_negate(), ZERO) for leg in held)
    since = min((leg.opened_at for leg in opened if leg.opened_at is not None), default=None)
    return {
        "size": EXACT.subtract(longs, shorts),
        "average_entry_price": opened[0].average if len(opened) == 1 else None,
        "break_even_price": break_even(held),
        "cost_basis": total(leg.cost.copy_abs() for leg in held),
        "realized_pnl": total(leg.realized_pnl for leg in held),
        "fees_paid": total(leg.fees_paid for leg in held),
        "funding": total(leg.funding for leg in held),
        "long_size": longs if mode == "hedge" else None,
        "short_size": shorts if mode == "hedge" else None,
        "time_held_minutes": None if since is None else (at - since).total_seconds() // 60,
        "closed_at": max(closed) if closed and not opened else None,
    }


def is_nothing(row: Row) -> bool:
    """The position was unknown, or without entries that count."""
    return not any(row.values())


def assert_alike(book: Book, recording: RecordedHistory, moments: Sequence[Moment]) -> None:
    found = answers(book, recording, moments)
    for moment, answer, expected in zip(moments, found, folded(recording, moments), strict=True):
        assert answer.keys() <= expected.keys()
        for key, row in expected.items():
            assert answer[key] == row if key in answer else is_nothing(row), (moment, key)


def test_the_state_at_every_event_time_matches_the_reference(
    kept: Book, recording: RecordedHistory
) -> None:
    now = kept.clock()
    assert_alike(kept, recording, [(at, now) for at in recording.event_times])


def test_the_state_known_at_every_recording_time_matches_the_reference(
    kept: Book, recording: RecordedHistory
) -> None:
    now = kept.clock()
    assert_alike(kept, recording, [(now, known_at) for known_at in recording.recorded])


def test_the_state_at_random_event_and_recording_times_matches_the_reference(
    kept: Book, recording: RecordedHistory, seed: int
) -> None:
    chance = random.Random(seed)

    def near(times: list[datetime]) -> datetime:
        """At one of these times, or right before or after it."""
        return chance.choice(times) + TICK * chance.choice((-1, 0, 1))

    knowledges = [near(recording.recorded) for _ in range(KNOWLEDGES)]
    assert_alike(
        kept,
        recording,
        [
            (near(recording.event_times), known_at)
            for known_at in knowledges
            for _ in range(MOMENTS)
        ],
    )


def test_checkpoints_of_snapshots_change_no_state(book: Book, seed: int) -> None:
    book.keep_checkpoints_every(8)
    minutes = (f"2026-03-01T{number // 60:02}:{number % 60:02}:00Z" for number in itertools.count())
    turns = itertools.cycle((False, False, True))

    def snapshot(account: str) -> None:
        if next(turns):
            # A price after the newest entry: only the row has its version, no entry has.
            minute = next(minutes)
            book.ledger.price(*(ticker("7", minute, shape.asset) for shape in SHAPES))
            book.ledger.call("create_snapshots", account=account)

    with localcontext(prec=400):
        recording = record(book, history(random.Random(seed), 200, adjustments=5), snapshot)
        moments = [
            (at, known_at)
            for known_at in random.Random(seed).sample(recording.recorded, 30)
            for at in random.Random(seed).sample(recording.event_times, 10)
        ]
        assert_alike(book, recording, moments)

    extra = book.conn.execute(OFF_SPACING, {"account": recording.account}).fetchone()
    assert extra is not None
    assert extra[0] > 10
    assert book.conn.execute(WRONG, {"account": recording.account}).fetchall() == []


def test_every_restatement_has_its_realized_pnl_before_and_after(
    kept: Book, recording: RecordedHistory
) -> None:
    arrived = {at: message for at, message in recording.journal.received}
    restated: dict[tuple[datetime, Place], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for at, asset, leg, before, after in kept.conn.execute(RESTATED, [recording.account]):
        restated[at, Place(asset, leg)].append((before, after))
    assert restated.keys() <= set(itertools.product(recording.recorded, recording.journal.places()))

    for earlier, at in itertools.pairwise(recording.recorded):
        for place in recording.journal.places():
            past = recording.journal.entries(place, earlier)
            before = fold(past, recording.journal.instrument(place)).realized_pnl
            # A fill in order does not change the past; a correction does.
            newest = time_of(past[-1]) if past else LONG_AGO
            amended = isinstance(arrived[at], Correction)
            after = recording.journal.leg(place, None if amended else newest, at).realized_pnl
            rows = restated[at, place]
            message = arrived[at]
            if isinstance(message, Fill) and message.is_nameless and message.executed_at == newest:
                # The twin of the newest fill is in order, too.
                assert rows == []
                continue
            assert rows == [(before, after)] or (not rows and before == after)
