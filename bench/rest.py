"""Latency of reads: PostgREST on a database with 100 positions, without the gateway."""

from __future__ import annotations

import http.client
import time

import psycopg

from bench import serving
from bench.batches import apply
from bench.errors import MeasureError
from bench.messages import executions, tickers
from bench.positions import mark
from bench.timing import percentile
from position_manager.stack.context import LOCALHOST, Context

POSITIONS = 100
PATHS = {"positions": "/rpc/get_positions", "portfolio": "/rpc/get_portfolio"}


def p95_milliseconds(context: Context, dbname: str, requests: int) -> dict[str, float]:
    """The 95th percentile of the latency by resource, in milliseconds."""
    trade(context, dbname, POSITIONS)
    serving.register_key(context, dbname)
    with serving.serve(context, dbname) as (port, _):
        connection = http.client.HTTPConnection(LOCALHOST, port, timeout=10)
        return {
            name: percentile(milliseconds(connection, path, serving.KEY, requests), 95)
            for name, path in PATHS.items()
        }


def trade(context: Context, dbname: str, positions: int) -> None:
    """Open positions of the first account, each with a price that is marked."""
    with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as connection:
        apply(connection, executions(max(2000, positions), positions))
        apply(connection, tickers(positions, positions), "prices")
        mark(connection)
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


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
