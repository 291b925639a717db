"""A database clock that is set back, as the rows show it."""

from __future__ import annotations

from typing import Any

import psycopg

# Columns with times that the service takes from the clock of the database.
RECORDED = (
    "applied_at", "began_at", "closed_at", "close_recorded_at", "covered_since", "created_at",
    "entered_at", "ended_at", "finished_at", "first_seen_at", "known_from", "known_to",
    "last_seen_at", "last_snapshot_at", "open_recorded_at", "opened_at", "pass_started_at",
    "peak_at", "read_at", "recorded_at", "started_at", "thinned_before", "unexplained_since",
    "updated_at", "verified_at",
)  # fmt: skip
# opened_at and closed_at of a leg are times of events.
OF_EVENTS = (("positions", "opened_at"), ("positions", "closed_at"))
REPORTED = ("worker_reports", "reported_at")
COLUMNS = """
    SELECT c.table_name, array_agg(c.column_name::text)
    FROM information_schema.columns c
    INNER JOIN pg_class r
        ON r.oid = format('pms.%%I', c.table_name)::regclass
        AND NOT r.relispartition
        AND r.relkind IN ('r', 'p')
    WHERE c.table_schema = 'pms'
        AND c.data_type = 'timestamp with time zone'
        AND (c.column_name = ANY (%s) OR (c.table_name, c.column_name) = (%s, %s))
    GROUP BY c.table_name
"""


def set_back(connection: psycopg.Connection[Any], by: str) -> None:
    """Have all that was recorded lie in the future, as after a clock that was ahead by this."""
    tables = connection.execute(COLUMNS, [list(RECORDED), *REPORTED]).fetchall()
    for table, columns in tables:
        moved = ", ".join(
            f"{column} = {column} + interval '{by}'"
            for column in columns
            if (table, column) not in OF_EVENTS
        )
        connection.execute(f"UPDATE pms.{table} SET {moved}".encode())
