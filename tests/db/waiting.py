"""Wait for what another session waits for."""

from __future__ import annotations

import time
from typing import Any

import psycopg

BLOCKED = """
    SELECT count(*)
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND cardinality(pg_blocking_pids(a.pid)) > 0
"""
PATIENCE = 20.0


def until_blocked(connection: psycopg.Connection[Any], count: int = 1) -> None:
    """Until so many sessions of the database are held up by another."""
    deadline = time.monotonic() + PATIENCE
    while True:
        row = connection.execute(BLOCKED).fetchone()
        assert row is not None
        if row[0] >= count:
            return
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)
