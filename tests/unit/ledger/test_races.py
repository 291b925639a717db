"""Amendments that race their fills: the result is the same, without deadlocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal as D
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.helpers.concurrency import together
from tests.helpers.ledger import Ledger, Message, bust, correction, fill
from tests.helpers.owner_queries import OwnerQueries

if TYPE_CHECKING:
    from tests.conftest import Database

ROUNDS = 60


def writer(database: Database, batches: Sequence[Sequence[Message]]) -> Callable[[], list[str]]:
    """A writer of these batches, one after the other, on its own connection."""

    def write() -> list[str]:
        with psycopg.connect(database.dsn("pms_worker")) as connection:
            mine = Ledger(connection, connection)
            return [outcome for batch in batches for outcome in mine.apply(*batch)]

    return write


def test_a_bust_that_races_its_fill_always_wins(
    database: Database, ledger: Ledger, queries: OwnerQueries
) -> None:
    fills = [[fill(f"f{place}", "Buy", "1", "100")] for place in range(ROUNDS)]
    busts = [[bust(f"f{place}")] for place in range(ROUNDS)]

    outcomes = together(writer(database, fills), writer(database, busts))

    assert outcomes == [["applied"] * ROUNDS, ["applied"] * ROUNDS]
    held = queries.leg()
    assert (held["size"], held["entries"], held["version"]) == (D(0), 0, 2 * ROUNDS)
    assert queries.value("SELECT count(*) FROM pms.amendments WHERE applied_at IS NULL") == 0
    queries.assert_sound()


@pytest.mark.parametrize("late", [False, True], ids=["fills first", "corrections first"])
def test_concurrent_messages_end_like_sequential_ones(
    late: bool, database: Database, ledger: Ledger, queries: OwnerQueries
) -> None:
    names = [f"f{place}" for place in range(ROUNDS)]
    fills = [fill(name, "Buy", "1", "100") for name in names]
    corrections = [correction(name, f"c-{name}", execution_price="90") for name in names]
    newer = [
        correction(name, f"d-{name}", "2026-01-03T00:00:00Z", execution_quantity="2")
        for name in names
    ]
    busts = [bust(name) for name in names[::3]]
    streams: list[Sequence[Sequence[Message]]] = [
        # In batches that overlap in all their legs, and each from both ends.
        [fills[start : start + 5] for start in range(0, ROUNDS, 5)],
        [fills[start : start + 4] for start in reversed(range(0, ROUNDS, 4))],
        [corrections[start : start + 3] for start in range(0, ROUNDS, 3)],
        [[each] for each in reversed(newer)],
        [[each] for each in busts],
    ]
    ledger.apply(*(corrections if late else fills)[::2])

    together(*(writer(database, stream) for stream in streams))

    held = queries.leg()
    kept = ROUNDS - len(busts)
    assert (held["size"], held["cost"], held["entries"]) == (D(2 * kept), D(200 * kept), kept)
    # Three entries of each fill; all of them void but the one that stands.
    assert held["version"] == 3 * ROUNDS + 3 * len(busts) + 2 * kept
    queries.assert_sound()


def test_opposite_concurrent_transfers_do_not_deadlock(
    database: Database, ledger: Ledger, queries: OwnerQueries
) -> None:
    rounds = 40
    for account in ("main", "other"):
        ledger.apply(fill("1", "Buy", "100", "10", account=account))

    def move(origin: str, target: str) -> None:
        with psycopg.connect(database.dsn("pms_operator")) as connection:
            mine = Ledger(connection, connection)
            for place in range(rounds):
                answer = mine.call(
                    "record_transfer", transfer_id=f"{origin}-{target}-{place}", asset="BTCUSDT",
                    quantity="1", from_account=origin, to_account=target,
                )  # fmt: skip
                assert answer["outcome"] == "applied"

    ways = [("main", "other"), ("other", "main"), ("main", "third"), ("other", "third")]
    together(*(partial(move, *way) for way in ways))

    sizes = [queries.state(account=name)["size"] for name in ("main", "other", "third")]
    assert sizes == [D(60), D(60), D(80)]
    queries.assert_sound()
