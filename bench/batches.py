"""The batch function against COPY of the rows that it leaves in the ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg

from position_manager.stack.context import Context
from position_manager.worker.apply import APPLY

LIKE_ENTRIES = "CREATE TABLE public.copied (LIKE pms.entries INCLUDING ALL)"
# PostgreSQL plans the first five calls of a connection anew: a worker's stays for days.
WARM_UP_CALLS = 8


class MeasureError(Exception):
    """What was measured is not what was meant."""


def seconds(dsn: str, feed: str, texts: Sequence[str], size: int) -> list[float]:
    """Apply the messages in batches of a size, one commit each, as the worker does it.

    The first batches are not among those whose times are returned.
    """
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("SET jit = off")
        warm_up = WARM_UP_CALLS * size
        for start in range(0, warm_up, size):
            apply(connection, texts[start : start + size], feed)
        taken = []
        for start in range(warm_up, len(texts), size):
            began = time.perf_counter()
            apply(connection, texts[start : start + size], feed)
            taken.append(time.perf_counter() - began)
        return taken


def apply(
    connection: psycopg.Connection[tuple[Any, ...]],
    texts: Sequence[str],
    feed: str = "order_events",
) -> None:
    """Hand one batch over as the worker does, and commit; all of it must be applied."""
    with connection.transaction():
        rows = connection.execute(APPLY[feed], {"messages": list(texts)}).fetchall()
    wrong = [row for row in rows if row[1] != "applied"]
    if wrong or len(rows) != len(texts):
        raise MeasureError(f"not all were applied: {wrong[:1]}")


def copied_per_second(context: Context, dbname: str) -> float:
    """COPY what is in the ledger into an empty table with the same columns, checks and indexes."""
    with psycopg.connect(context.dsn(dbname=dbname)) as connection, connection.cursor() as cursor:
        with cursor.copy("COPY pms.entries TO STDOUT") as out:
            rows = b"".join(out)
        cursor.execute(LIKE_ENTRIES)
        connection.commit()
        cursor.execute("SELECT 1")
        began = time.perf_counter()
        with cursor.copy("COPY public.copied FROM STDIN") as into:
            into.write(rows)
        connection.commit()
        return rows.count(b"\n") / (time.perf_counter() - began)
