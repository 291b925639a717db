"""Concurrent writers on the same rows: each fill counts once, and no writer waits forever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from typing import TYPE_CHECKING

import psycopg

from tests.helpers.ledger import Ledger, fill, ticker

if TYPE_CHECKING:
    from tests.conftest import Database

WRITERS = 8
ROUNDS = 25
ASSETS = ["AAA", "BBB", "CCC"]


def test_concurrent_writers_apply_every_fill_once(database: Database, ledger: Ledger) -> None:
    def write(writer: int) -> None:
        with psycopg.connect(database.dsn("pms_worker")) as conn:
            mine = Ledger(conn, conn)
            for place in range(ROUNDS):
                # Each writer has its own order of assets; every fill is sent twice.
                assets = ASSETS[writer % 3 :] + ASSETS[: writer % 3]
                batch = [
                    fill(f"{asset}-{writer}-{place}", "Buy", "1", "10", asset=asset)
                    for asset in assets
                ]
                mine.apply(*batch)
                mine.apply(*reversed(batch))
                mine.price(*(ticker(str(place + 1), f"2026-01-01T00:{writer:02}:{place:02}Z", a)
                             for a in assets))  # fmt: skip

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, writer) for writer in range(WRITERS)]:
            done.result(timeout=120)

    for asset in ASSETS:
        held = ledger.position(asset)
        assert held["size"] == D(WRITERS * ROUNDS)
        assert held["cost_basis"] == D(WRITERS * ROUNDS * 10)


def test_a_fill_from_two_concurrent_writers_counts_once(database: Database, ledger: Ledger) -> None:
    one = fill("1", "Buy", "1", "10")
    with (
        psycopg.connect(database.dsn("pms_worker")) as other,
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(database.dsn()) as watcher,
    ):
        watcher.autocommit = True
        with ledger.worker.transaction():
            assert ledger.apply(one) == ["applied"]
            waiting = pool.submit(Ledger(other, other).apply, one)
            # The first writer holds the row until it commits: the second must be seen waiting.
            while (
                watcher.execute(
                    "SELECT 1 FROM pg_stat_activity a"
                    " WHERE a.wait_event_type = 'Lock' AND a.datname = current_database()"
                ).fetchone()
                is None
            ):
                assert not waiting.done()
        assert waiting.result(timeout=60) == ["duplicate"]

    assert ledger.position()["size"] == D(1)
