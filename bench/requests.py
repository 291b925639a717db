"""Requests per second and latency through the gateway, beside a function that does nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Self

import psycopg

from bench import rest, serving
from bench.bounds import CLIENTS, CONSTANT, READS
from bench.errors import MeasureError
from bench.timing import percentile
from position_manager.paths import ROOT
from position_manager.stack.context import Context

POSITIONS = 500
# Seconds, with any scale.
SHORTEST = 0.1
PATIENCE = 60.0
CREATE_CONSTANT = """
    CREATE FUNCTION api.get_constant() RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN '{"constant": true}'::jsonb;
    GRANT EXECUTE ON FUNCTION api.get_constant TO pms_reader, pms_trader, pms_operator;
"""
PATHS = {CONSTANT: "/rest/rpc/get_constant"} | {
    name: f"/api/v1{name.removeprefix('GET ').format(asset='BENCH000USDT')}" for name in READS
}

Found = dict[str, tuple[str, float]]


def measure(context: Context, dbname: str, seconds: float, scale: float) -> Found:
    """Requests per second and p95 by path and number of clients, each with its unit."""
    prepare(context, dbname, scale)
    duration = max(seconds * min(scale, 1), SHORTEST)
    found: Found = {}
    with serving.gateway(context, dbname) as port:
        for clients, label in CLIENTS.items():
            with Load(port, clients) as load:
                for name, path in PATHS.items():
                    taken = load.milliseconds(path, duration)
                    found[f"{name}, {label}"] = "requests/s", len(taken) / duration
                    found[f"{name}, {label}, p95"] = "ms", percentile(taken, 95)
    return found


def prepare(context: Context, dbname: str, scale: float) -> None:
    """Open positions with prices, and create the function."""
    rest.trade(context, dbname, max(int(POSITIONS * min(scale, 1)), 10))
    # Published before PostgREST reads the schema.
    with psycopg.connect(context.dsn("pms_owner", dbname)) as connection:
        connection.execute(CREATE_CONSTANT)


class Load:
    """Processes that send requests at the same time; see :mod:`bench.load`."""

    def __init__(self, port: int, clients: int) -> None:
        command = [sys.executable, "-m", "bench.load", str(port), serving.KEY]
        self._processes = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                text=True,
                bufsize=1,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for _ in range(clients)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            # They end with their input.
            process.communicate(timeout=PATIENCE)

    def milliseconds(self, path: str, seconds: float) -> list[float]:
        """The milliseconds of all requests to a path; all processes start together."""
        for process in self._processes:
            self._write(process, path)
        for process in self._processes:
            self._read(process)
        for process in self._processes:
            self._write(process, str(seconds))
        return [each for process in self._processes for each in json.loads(self._read(process))]

    @staticmethod
    def _write(process: subprocess.Popen[str], line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{line}\n")

    @staticmethod
    def _read(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise MeasureError(f"a client failed: {process.communicate()[1]}")
        return line
