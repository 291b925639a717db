"""Concurrent reports, fills, prices and validations: no deadlocks, and the last message counts."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.concurrency import PATIENCE, together, until_blocked
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.messages import at, buy
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.venue import Venue, snake

if TYPE_CHECKING:
    from tests.conftest import Database

ASSETS = [f"R{number}USDT" for number in range(6)]
ROUNDS = 25


def repeating_client(
    database: Database, role: str, send: Callable[[Ledger, int], Any]
) -> Callable[[], None]:
    """A client that repeats a message on its own connection."""

    def repeat() -> None:
        with psycopg.connect(database.dsn(role)) as connection:
            for number in range(ROUNDS):
                send(Ledger(connection, connection), number)

    return repeat


def test_concurrent_changes_of_a_position_are_consistent(
    database: Database, ledger: Ledger, queries: OwnerQueries, seed: int
) -> None:
    chance = random.Random(seed)
    some = [chance.sample(ASSETS, 4) for _ in range(4 * ROUNDS)]

    def fills(mine: Ledger, number: int) -> None:
        mine.apply(*(buy(f"{number}-{a}", "1", "100", number, asset=a) for a in some[number]))

    def reports(mine: Ledger, number: int) -> None:
        assets = some[ROUNDS + number]
        reports_ = [snake(str(number), "103", number, asset=a, markPrice="99") for a in assets]
        mine.judge("apply_venue_positions", reports_)

    def prices(mine: Ledger, number: int) -> None:
        mine.price(*(ticker("101", at(number, 30), a) for a in some[2 * ROUNDS + number]))

    def validations(mine: Ledger, number: int) -> None:
        with mine.worker.transaction():
            step = mine.worker.execute("SELECT pms.validate_positions(NULL)::text").fetchone()
        assert step is not None

    def requests(mine: Ledger, number: int) -> None:
        for asset in some[3 * ROUNDS + number]:
            answer = mine.call("validate_position", asset=asset)
            assert answer.get("error_code") in {None, "NOT_FOUND"}

    together(
        repeating_client(database, "pms_worker", fills),
        repeating_client(database, "pms_worker", reports),
        repeating_client(database, "pms_worker", prices),
        repeating_client(database, "pms_owner", validations),
        repeating_client(database, "pms_operator", requests),
    )

    with psycopg.connect(database.dsn(), autocommit=True) as conn:
        venue = Venue(ledger, conn, "main")
        venue.report(*(snake("7", "200", 2 * ROUNDS, asset=asset) for asset in ASSETS))
        for asset in ASSETS:
            assert venue.validate(asset=asset)["is_valid"] is True
            assert (venue.held(asset=asset) or ())[:2] == (7, 200)
    queries.assert_sound()


@pytest.mark.parametrize(
    ("table", "function", "message"),
    [
        ("prices", "apply_prices", lambda when, asset: ticker("101", at(when), asset)),
        (
            "venue_positions",
            "apply_venue_positions",
            lambda when, asset: snake("1", "100", when, asset=asset),
        ),
    ],
)
def test_batches_with_rows_that_are_new_to_both_do_not_wait_for_each_other(
    database: Database,
    ledger: Ledger,
    table: str,
    function: str,
    message: Callable[[int, str], dict[str, Any]],
) -> None:
    def send(when: int, *assets: str) -> list[str]:
        with psycopg.connect(database.dsn("pms_worker")) as conn:
            judged = Ledger(conn, conn).judge(function, [message(when, asset) for asset in assets])
        return [outcome for outcome, _, _ in judged]

    ledger.judge(function, [message(1, "AUSD"), message(1, "DUSD")])
    with (
        psycopg.connect(database.dsn(), autocommit=True) as watcher,
        psycopg.connect(database.dsn()) as first,
        psycopg.connect(database.dsn()) as last,
        ThreadPoolExecutor(3) as pool,
    ):
        for holder, asset in ((first, "AUSD"), (last, "DUSD")):
            lock = f"SELECT 1 FROM pms.{table} WHERE asset = %s FOR UPDATE"
            holder.execute(lock.encode(), [asset])
        # Has seen what exists, without CUSD, and waits.
        one = pool.submit(send, 3, "AUSD", "BUSD", "CUSD")
        until_blocked(watcher)
        new = pool.submit(send, 2, "CUSD")
        until_blocked(watcher, 2, unless=new.done)
        # Holds CUSD, if it is there by now, and waits.
        other = pool.submit(send, 4, "BUSD", "CUSD", "DUSD")
        until_blocked(watcher, 2 if new.done() else 3)
        first.rollback()
        until_blocked(watcher, 2, unless=one.done)
        last.rollback()

        assert one.result(timeout=PATIENCE)[:2] == ["applied", "applied"]
        # It came after a newer one.
        assert new.result(timeout=PATIENCE) == ["stale"]
        assert other.result(timeout=PATIENCE) == ["applied", "applied", "applied"]
