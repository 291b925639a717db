"""The state of every moment as it was known at any moment, against a brute-force fold."""

from __future__ import annotations

import bisect
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal, localcontext

import pytest
from psycopg.rows import dict_row

from position_manager.reference.fifo import total
from position_manager.reference.fold import EXACT, ZERO, Leg, fold, states, time_of
from position_manager.reference.messages import LONG_AGO, Correction, Place
from tests.helpers.account_harness import Book, Row
from tests.helpers.ledger import ticker
from tests.helpers.random_histories_account import MOMENT, Told, history, tell
from tests.helpers.strategies import LEGS, SHAPES

# So many random moments, each asked of as known at so many times.
MOMENTS, KNOWLEDGES = 20, 120

Moment = tuple[datetime, datetime]
# By asset and mode.
Positions = dict[tuple[str, str], Row]
# For every leg, when something happened to it, and its state before all of it and after each.
Past = dict[Place, tuple[list[datetime], list[Leg]]]

COLUMNS = (
    "size", "average_entry_price", "cost_basis", "realized_pnl", "fees_paid", "funding",
    "long_size", "short_size", "time_held_minutes", "closed_at",
)  # fmt: skip
AS_OF = """
    SELECT q.number - 1 AS number, p.*
    FROM unnest(%(at)s::timestamptz[], %(known_at)s::timestamptz[])
        WITH ORDINALITY q (at, known_at, number)
    CROSS JOIN LATERAL api.positions_as_of(q.at, q.known_at, %(account)s) p
"""
# Checkpoints where none falls due by itself.
KEPT_BETWEEN = """
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
    CROSS JOIN LATERAL pms.checkpoint_findings(p.account, p.asset, p.mode) d
"""
RESTATED = """
    SELECT r.recorded_at, r.asset, r.leg, r.realized_pnl_before, r.realized_pnl_after
    FROM pms.restatements r
    WHERE r.account = %s
"""


@pytest.fixture
def told(book: Book, seed: int) -> Iterator[Told]:
    book.keep_checkpoints_every(7)
    with localcontext(prec=400):
        yield tell(book, history(random.Random(seed)))


def answers(book: Book, told: Told, moments: Sequence[Moment]) -> list[Positions]:
    """What the database says of each moment."""
    found: list[Positions] = [{} for _ in moments]
    with book.conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(
            AS_OF,
            {
                "at": [at for at, _ in moments],
                "known_at": [known_at for _, known_at in moments],
                "account": told.account,
            },
        ):
            position = {name: row[name] for name in COLUMNS}
            found[row["number"]][row["asset"], row["mode"]] = position
    return found


def folded(told: Told, moments: Sequence[Moment]) -> Iterator[Positions]:
    """What a fold of everything says of each moment."""
    past: dict[datetime, Past] = {}
    for at, known_at in moments:
        if known_at not in past:
            past = {known_at: past_of(told, known_at)}
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


def past_of(told: Told, known_at: datetime) -> Past:
    """Everything that was known then."""
    past: Past = {}
    for place in told.journal.places():
        entries = told.journal.entries(place, known_at)
        instrument = told.journal.instrument(place)
        past[place] = (
            [time_of(entry) for entry in entries],
            [Leg(instrument), *states(entries, instrument)],
        )
    return past


def published(legs: dict[str, Leg], mode: str, at: datetime) -> Row:
    """The position of some legs, as it must be published."""
    held = list(legs.values())
    opened = [leg for leg in held if leg.size != 0]
    closed = [leg.closed_at for leg in held if leg.closed_at is not None]
    longs = total(max(leg.size, ZERO) for leg in held)
    shorts = total(max(leg.size.copy_negate(), ZERO) for leg in held)
    since = min((leg.opened_at for leg in opened if leg.opened_at is not None), default=None)
    return {
        "size": EXACT.subtract(longs, shorts),
        "average_entry_price": opened[0].average if len(opened) == 1 else None,
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
    """Nothing was known of it, or nothing that counts."""
    return not any(row.values())


def assert_alike(book: Book, told: Told, moments: Sequence[Moment]) -> None:
    found = answers(book, told, moments)
    for moment, answer, expected in zip(moments, found, folded(told, moments), strict=True):
        assert answer.keys() <= expected.keys()
        for key, row in expected.items():
            assert answer[key] == row if key in answer else is_nothing(row), (moment, key)


def test_the_state_at_every_event_time_matches_the_reference(book: Book, told: Told) -> None:
    now = book.clock()
    assert_alike(book, told, [(at, now) for at in told.event_times])


def test_the_state_known_at_every_recording_time_matches_the_reference(
    book: Book, told: Told
) -> None:
    now = book.clock()
    assert_alike(book, told, [(now, known_at) for known_at in told.recorded])


def test_the_state_at_random_event_and_recording_times_matches_the_reference(
    book: Book, told: Told, seed: int
) -> None:
    chance = random.Random(seed)

    def near(times: list[datetime]) -> datetime:
        """At one of these times, or right before or after it."""
        return chance.choice(times) + MOMENT * chance.choice((-1, 0, 1))

    knowledges = [near(told.recorded) for _ in range(KNOWLEDGES)]
    assert_alike(
        book,
        told,
        [(near(told.event_times), known_at) for known_at in knowledges for _ in range(MOMENTS)],
    )


def test_checkpoints_of_snapshots_change_no_state(book: Book, seed: int) -> None:
    book.keep_checkpoints_every(8)
    minutes = (f"2026-03-01T{number // 60:02}:{number % 60:02}:00Z" for number in itertools.count())
    turns = itertools.cycle((False, False, True))

    def snapshot(account: str) -> None:
        if next(turns):
            # A price that came after the newest entry: the row tells its version, no entry does.
            minute = next(minutes)
            book.ledger.price(*(ticker("7", minute, shape.asset) for shape in SHAPES))
            book.ledger.ask("create_snapshots", account=account)

    with localcontext(prec=400):
        told = tell(book, history(random.Random(seed), 200), snapshot)
        moments = [
            (at, known_at)
            for known_at in random.Random(seed).sample(told.recorded, 30)
            for at in random.Random(seed).sample(told.event_times, 10)
        ]
        assert_alike(book, told, moments)

    kept = book.conn.execute(KEPT_BETWEEN, {"account": told.account}).fetchone()
    assert kept is not None
    assert kept[0] > 10
    assert book.conn.execute(WRONG, {"account": told.account}).fetchall() == []


def test_every_restatement_has_its_realized_pnl_before_and_after(book: Book, told: Told) -> None:
    came = {at: message for at, message in told.journal.received}
    restated: dict[tuple[datetime, Place], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for at, asset, leg, before, after in book.conn.execute(RESTATED, [told.account]):
        restated[at, Place(asset, leg)].append((before, after))
    assert restated.keys() <= set(itertools.product(told.recorded, told.journal.places()))

    for earlier, at in itertools.pairwise(told.recorded):
        for place in told.journal.places():
            past = told.journal.entries(place, earlier)
            before = fold(past, told.journal.instrument(place)).realized_pnl
            # What came in order is not the past; what stands for something of the past is.
            newest = time_of(past[-1]) if past else LONG_AGO
            amended = isinstance(came[at], Correction)
            after = told.journal.leg(place, None if amended else newest, at).realized_pnl
            rows = restated[at, place]
            assert rows == [(before, after)] or (not rows and before == after)
