"""Archive a partition of the ledger and restore it, by the functions of the commands."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from tests.helpers.ledger import fill

LOCATION, DIGEST = "/archive/manifest.json", "0" * 64
ROWS = """
    SELECT to_jsonb(r)
    FROM api.archive_rows r
    WHERE r.executed_at >= %(since)s::timestamptz AND r.executed_at < %(until)s::timestamptz
    ORDER BY r.leg_id, r.executed_at, r.id
"""
Rows = list[dict[str, Any]]
JANUARY_FILL = fill("a", "Buy", "4", "100", "1", at="2026-01-05T00:00:00Z")


def archive(operator: psycopg.Connection[Any], partition: str) -> Rows:
    """Archive a partition; return its rows."""
    closed = call(operator, "close_ledger_partition", partition)
    call(operator, "prepare_ledger_archive", partition)
    span = {"since": closed["since"] or "-infinity", "until": closed["until"]}
    with operator.transaction():
        found: Rows = [row for (row,) in operator.execute(ROWS, span)]
    call(operator, "finish_ledger_archive", partition, closed["archive_id"], LOCATION, DIGEST)
    call(operator, "drop_archived_partition", partition)
    return found


def restore(operator: psycopg.Connection[Any], partition: str, rows: Rows) -> None:
    """Restore a partition from its rows."""
    call(operator, "begin_ledger_restore", partition)
    call(operator, "restore_ledger_entries", partition, json.dumps(rows))
    call(operator, "finish_ledger_restore", partition)


def call(operator: psycopg.Connection[Any], function: str, *arguments: str | int) -> Any:
    """Call a function of the commands in a transaction of its own."""
    marks = ", ".join(["%s"] * len(arguments))
    with operator.transaction():
        row = operator.execute(f"SELECT api.{function}({marks})".encode(), arguments).fetchone()
    assert row is not None
    return row[0]
