"""Rates of the batch function, and of COPY of the ledger rows that it writes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg

from bench.errors import MeasureError
from position_manager.stack.context import Context
from position_manager.worker.apply import APPLY

LIKE_ENTRIES = "CREATE TABLE public.copied (LIKE pms.entries_first INCLUDING ALL)"
# PostgreSQL plans the first five calls on a connection separately; a worker's connection lasts.
WARM_UP_CALLS = 8


def seconds(dsn: str, feed: str, texts: Sequence[str], size: int) -> list[float]:
    """Apply the messages in batches of `size`, one commit each, as the worker does.

    Returns the seconds of each batch, without the warm-up batches.
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
    """Apply one batch and commit; raises MeasureError unless all messages are applied."""
    with connection.transaction():
        rows = connection.execute(APPLY[feed], {"messages": list(texts)}).fetchall()
    wrong = [row for row in rows if row[1] != "applied"]
    if wrong or len(rows) != len(texts):
        raise MeasureError(f"not all messages were applied: {wrong[:1]}")


def copied_per_second(context: Context, dbname: str) -> float:
    """Rows per second of COPY of the ledger into an empty table of the same definition."""
    with psycopg.connect(context.dsn(dbname=dbname)) as connection, connection.cursor() as cursor:
        with cursor.copy("COPY (SELECT e.* FROM pms.entries e) TO STDOUT") as out:
            rows = b"".join(out)
        cursor.execute(LIKE_ENTRIES)
        connection.commit()
        cursor.execute("SELECT 1")
        began = time.perf_counter()
        with cursor.copy("COPY public.copied FROM STDIN") as into:
            into.write(rows)
        connection.commit()
        return rows.count(b"\n") / (time.perf_counter() - began)
