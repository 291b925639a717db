"""The state of every moment as it was known at any moment, against a brute-force fold."""

from __future__ import annotations

import bisect
import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import localcontext

import pytest
from psycopg.rows import dict_row

from position_manager.cli.reference import Leg, fold, states, time_of
from position_manager.cli.reference_messages import LONG_AGO, Correction, Place
from tests.db.book import Book, Row, state
from tests.db.histories import MOMENT, Told, history, tell

NOW = datetime.max.replace(tzinfo=UTC)
PAIRS = 3000

Question = tuple[datetime, datetime]
Answer = dict[Place, Row]

LEGS_AS_OF = """
    SELECT q.number - 1 AS number, p.asset, p.leg, (h.state).size, (h.state).cost,
        (h.state).realized, (h.state).fees_open, (h.state).fees_close, (h.state).funding,
        (h.state).opened_at, (h.state).closed_at
    FROM unnest(%(at)s::timestamptz[], %(known_at)s::timestamptz[])
        WITH ORDINALITY q (at, known_at, number)
    CROSS JOIN pms.positions p
    CROSS JOIN LATERAL (
        SELECT l.state
        FROM pms.leg_history(p.account, p.asset, p.mode, p.leg, q.at, q.at, q.known_at) l
        ORDER BY l.ordinal DESC
        LIMIT 1
    ) h
    WHERE p.account = %(account)s
"""


@pytest.fixture
def told(book: Book, seed: int) -> Iterator[Told]:
    with localcontext(prec=400):
        yield tell(book, history(random.Random(seed)))


def text(at: datetime) -> str:
    return "infinity" if at == NOW else at.isoformat()


def legs_as_of(book: Book, told: Told, questions: list[Question]) -> list[Answer]:
    """What the database says of each question."""
    answers: list[Answer] = [{} for _ in questions]
    with book.conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(
            LEGS_AS_OF,
            {
                "at": [text(at) for at, _ in questions],
                "known_at": [text(known_at) for _, known_at in questions],
                "account": told.account,
            },
        ):
            place = Place(row.pop("asset"), row.pop("leg"))
            answers[row.pop("number")][place] = row
    return answers


def folded(told: Told, questions: Iterable[Question]) -> Iterator[Answer]:
    """What a fold of everything says of each question; quickest when one knowledge is asked of
    many times in a row."""
    known: tuple[datetime, dict[Place, tuple[list[datetime], list[Leg]]]] | None = None
    for at, known_at in questions:
        if known is None or known[0] != known_at:
            known = (known_at, {})
            for place in told.journal.places():
                entries = told.journal.entries(place, known_at)
                instrument = told.journal.instrument(place)
                known[1][place] = (
                    [time_of(entry) for entry in entries],
                    [Leg(instrument), *states(entries, instrument)],
                )
        yield {
            place: state(after[bisect.bisect_right(times, at)])
            for place, (times, after) in known[1].items()
        }


def assert_alike(book: Book, told: Told, questions: list[Question]) -> None:
    answers = legs_as_of(book, told, questions)
    for question, answer, expected in zip(questions, answers, folded(told, questions), strict=True):
        assert answer == expected, question


def test_the_state_at_every_event_time_as_known_now(book: Book, told: Told) -> None:
    assert_alike(book, told, [(at, NOW) for at in told.event_times])


def test_the_state_as_known_at_every_time_something_was_recorded(book: Book, told: Told) -> None:
    assert_alike(book, told, [(NOW, known_at) for known_at in told.recorded])


def test_the_state_at_any_time_as_known_at_any(book: Book, told: Told, seed: int) -> None:
    chance = random.Random(seed)

    def near(times: list[datetime]) -> datetime:
        """At one of these times, or right before or after it."""
        return chance.choice(times) + MOMENT * chance.choice((-1, 0, 1))

    assert_alike(
        book,
        told,
        [
            (near(told.event_times), known_at)
            for known_at in [near(told.recorded) for _ in range(PAIRS // 20)]
            for _ in range(20)
        ],
    )


RESTATED = """
    SELECT r.recorded_at, r.asset, r.leg, r.realized_pnl_before, r.realized_pnl_after
    FROM pms.restatements r
    WHERE r.account = %s
"""


def test_every_change_of_the_past_is_kept_with_its_realised_pnl_before_and_after(
    book: Book, told: Told
) -> None:
    restated = defaultdict(list)
    for at, asset, leg, before, after in book.conn.execute(RESTATED, [told.account]):
        restated[at, Place(asset, leg)].append((before, after))
    assert restated.keys() <= set(itertools.product(told.recorded, told.journal.places()))

    came = {at: message for at, message in told.journal.received}
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
