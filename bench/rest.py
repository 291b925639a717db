"""How long readers wait: PostgREST on a database with 100 positions, without the gateway."""

from __future__ import annotations

import http.client
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import psycopg

from bench.batches import MeasureError
from bench.messages import executions
from position_manager.simulation import shapes
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
    """The time that 95 of 100 requests stay below, by what is asked for."""
    _trade(context, dbname)
    with _server(context, dbname) as port:
        connection = http.client.HTTPConnection(LOCALHOST, port, timeout=10)
        return {name: _p95(connection, path, requests) for name, path in PATHS.items()}


def _trade(context: Context, dbname: str) -> None:
    tickers = []
    for number in range(POSITIONS):
        asset = f"BENCH{number:03}USDT"
        price = {"symbol": asset, "mark_price": "101.25"}
        tickers.append(shapes.encoded({"event_type": "ticker", "payload": price}).decode())
    with psycopg.connect(context.dsn("pms_worker", dbname)) as connection:
        connection.execute(APPLY["order_events"], {"messages": executions(2000, POSITIONS)})
        connection.execute(APPLY["prices"], {"messages": tickers})
    with psycopg.connect(context.dsn("pms_owner", dbname)) as connection:
        digest = sha256(KEY.encode()).digest()
        connection.execute("SELECT pms.register_first_key(%s, '?', NULL)", [digest])


@contextmanager
def _server(context: Context, dbname: str) -> Iterator[int]:
    """A PostgREST as the stack's own, on the database that is measured."""
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
            raise MeasureError("PostgREST does not start")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _p95(connection: http.client.HTTPConnection, path: str, requests: int) -> float:
    taken = []
    for _ in range(requests):
        began = time.perf_counter()
        connection.request("GET", path, headers={"X-API-Key": KEY})
        answer = connection.getresponse()
        body = answer.read()
        taken.append(time.perf_counter() - began)
        if answer.status != http.client.OK:
            raise MeasureError(f"{path} answers {answer.status}: {body[:200]!r}")
    return 1000 * sorted(taken)[len(taken) * 95 // 100]
