"""The size of the ledger."""

from __future__ import annotations

import psycopg

from bench.batches import apply
from bench.messages import executions
from position_manager.stack.context import Context

FILLS, LEAST, BATCH = 30_000, 2_000, 1000
# With all partitions, if there are any.
BYTES = """
    SELECT
        (
            SELECT sum(pg_total_relation_size(r.relid))
            FROM (
                SELECT 'pms.entries'::regclass AS relid
                UNION SELECT t.relid FROM pg_partition_tree('pms.entries') t
            ) r
        )
        / (SELECT count(*) FROM pms.entries)
"""


def bytes_of_a_fill(context: Context, dbname: str, scale: float) -> float:
    """The bytes of a fill in the ledger, with its indexes."""
    count = max(int(FILLS * scale), LEAST)
    with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as connection:
        for start in range(0, count, BATCH):
            apply(connection, executions(min(BATCH, count - start), first=start))
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        row = connection.execute(BYTES).fetchone()
        assert row is not None
        return float(row[0])
