"""Sessions that act at the same moment, or wait for each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

BLOCKED = """
    SELECT count(*)
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND cardinality(pg_blocking_pids(a.pid)) > 0
"""
PATIENCE = 60.0


def until_blocked(
    connection: psycopg.Connection[Any], count: int = 1, *, unless: Callable[[], bool] | None = None
) -> None:
    """Wait until this number of sessions is blocked by another, or `unless` holds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        row = connection.execute(BLOCKED).fetchone()
        assert row is not None
        if row[0] >= count or (unless is not None and unless()):
            return
        assert time.monotonic() < deadline, "no session is blocked"
        time.sleep(0.02)


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs at the same time, each in its own thread."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        gate.wait(timeout=PATIENCE)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [
            done.result(timeout=2 * PATIENCE) for done in [pool.submit(run, job) for job in jobs]
        ]
