"""Latency of reads: PostgREST on a database with 100 positions, without the gateway."""

from __future__ import annotations

import http.client
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import psycopg

from bench.batches import MeasureError
from bench.messages import executions, tickers
from position_manager.stack import postgrest
from position_manager.stack.context import LOCALHOST, Context
from position_manager.stack.parts import answers_ok
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait
from position_manager.worker.apply import APPLY

POSITIONS = 100
KEY = "bench-key-of-one-run"
PATHS = {"positions": "/rpc/get_positions", "portfolio": "/rpc/get_portfolio"}


def p95_milliseconds(context: Context, dbname: str, requests: int) -> dict[str, float]:
    """The 95th percentile of the latency by resource, in milliseconds."""
    _trade(context, dbname)
    with _server(context, dbname) as port:
        connection = http.client.HTTPConnection(LOCALHOST, port, timeout=10)
        return {
            name: sorted(milliseconds(connection, path, KEY, requests))[requests * 95 // 100]
            for name, path in PATHS.items()
        }


def _trade(context: Context, dbname: str) -> None:
    with psycopg.connect(context.dsn("pms_worker", dbname)) as connection:
        connection.execute(APPLY["order_events"], {"messages": executions(2000, POSITIONS)})
        connection.execute(APPLY["prices"], {"messages": tickers(POSITIONS, POSITIONS)})
    with psycopg.connect(context.dsn("pms_owner", dbname)) as connection:
        digest = sha256(KEY.encode()).digest()
        connection.execute("SELECT pms.register_first_key(%s, '?', NULL)", [digest])


@contextmanager
def _server(context: Context, dbname: str) -> Iterator[int]:
    """Run a PostgREST configured like the stack's, on the database `dbname`; yields its port."""
    port, admin_port = free_ports(2)
    spec = postgrest.part(context).spec
    env = spec.env | {
        "PGRST_DB_URI": context.dsn("pms_authenticator", dbname),
        "PGRST_SERVER_PORT": str(port),
        "PGRST_ADMIN_SERVER_PORT": str(admin_port),
    }
    process = subprocess.Popen(
        spec.argv, cwd=spec.cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if not wait(lambda: answers_ok(f"http://{LOCALHOST}:{admin_port}/ready"), 30):
            raise MeasureError("PostgREST did not become ready within 30 s")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def milliseconds(
    connection: http.client.HTTPConnection, path: str, key: str, requests: int
) -> list[float]:
    """The milliseconds of each request."""
    taken = []
    for _ in range(requests):
        began = time.perf_counter()
        connection.request("GET", path, headers={"X-API-Key": key})
        answer = connection.getresponse()
        body = answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != http.client.OK:
            raise MeasureError(f"{path} returned {answer.status}: {body[:200]!r}")
    return taken
