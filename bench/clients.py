"""Rates of single transactions, measured with pgbench."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

from bench.errors import MeasureError
from position_manager.stack import postgres
from position_manager.stack.context import LOCALHOST, SUPERUSER, Context
from position_manager.stack.parts import CLEAN_ENV

SINGLE_APPLY = r"""
\set asset random(1, 40)
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[jsonb_build_object(
    'event_type', 'order_executed', 'order_id', gen_random_uuid(),
    'execution_id', gen_random_uuid(), 'asset', 'BENCH' || :asset, 'side', 'BUY',
    'execution_price', '100.5', 'execution_quantity', '1', 'execution_fees', '0.055',
    'trace_id', 'bench'
)]) o;
"""
# A row for each client: they must not wait for one another.
ONE_ROW_UPDATE = "UPDATE public.counter SET n = n + 1 WHERE id = :client_id;\n"
COUNTER = """
    CREATE TABLE IF NOT EXISTS public.counter (id integer PRIMARY KEY, n bigint NOT NULL);
    INSERT INTO public.counter SELECT i, 0 FROM generate_series(0, 99) i ON CONFLICT DO NOTHING
"""
TPS = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)", re.MULTILINE)


def single_applies_per_second(
    context: Context, dbname: str, seconds: int, clients: int = 1
) -> float:
    """Transactions per second of one fill per commit, on a connection for each client."""
    # As when the relay is busy: a waiting one must be notified, which makes commits take turns.
    with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as connection:
        connection.execute("SELECT pms.set_outbox_reader(FALSE)")
    return _pgbench(context, dbname, "pms_worker", SINGLE_APPLY, seconds, clients)


def updates_per_second(context: Context, dbname: str, seconds: int, clients: int = 1) -> float:
    """Transactions per second of a durable one-row update, the upper bound of any commit rate."""
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:
        connection.execute(COUNTER)
    return _pgbench(context, dbname, SUPERUSER, ONE_ROW_UPDATE, seconds, clients)


def _pgbench(
    context: Context, dbname: str, user: str, script: str, seconds: int, clients: int
) -> float:
    program = postgres.bin_dir(context.data / "postgres" / "cluster") / "pgbench"
    env = CLEAN_ENV | {
        "PGHOST": LOCALHOST,
        "PGPORT": str(context.ports.postgres_port),
        "PGUSER": user,
        "PGPASSWORD": getattr(context.secrets, user),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [
                program,
                "--no-vacuum",
                f"--client={clients}",
                f"--time={seconds}",
                f"--file={Path(file.name)}",
                dbname,
            ],
            env=env,
            capture_output=True,
            text=True,
        )
    found = TPS.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise MeasureError(f"pgbench: {done.stdout}{done.stderr}")
    return float(found[1])
