"""The benchmark prints every figure, and leaves the stack unchanged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pika
import psycopg
import pytest

from bench.__main__ import SIZES
from bench.results import Results, keep
from position_manager.paths import ROOT
from position_manager.stack.stack import Stack
from position_manager.worker.broker import depths
from tests.helpers.runs import FOLDER_VARIABLE

pytestmark = pytest.mark.xdist_group("demo")

FIGURES = {
    *(
        f"{shape}, batches of {size}"
        for shape in ("executions", "totals")
        for size in (1, 100, 1000)
    ),
    "executions of strategies, batches of 100",
    "COPY of the same rows",
    "COPY of a file of fills into a plain table",
    "fills import",
    "fills import, all duplicates",
    "fills import, memory beyond 1,000 fills",
    "fills export",
    "ledger archive of 2,000 entries",
    "ledger restore of 2,000 entries",
    "entry in the ledger",
    "entry in an archive",
    "keys of an archived entry",
    *(
        f"batches of 1000, {legs}"
        for legs in ("1 leg", "40 legs", "500 legs", "1,000 legs", "1,000 accounts x 500 assets")
    ),
    *(
        f"{operation}, {positions} positions"
        for operation in ("one fill", "one price", "get_position", "get_portfolio")
        for positions in ("10", "100", "1,000", "5,000")
    ),
    *(
        f"price visible, {holders}"
        for holders in ("1 holder", "100 holders", "1,000 holders", "10,000 holders")
    ),
    *(
        f"{transaction}{clients}"
        for transaction in ("single apply", "one-row durable update")
        for clients in ("", ", 8 clients")
    ),
    "GET one position",
    *(f"{message} visible, {part}" for message in ("fill", "price") for part in ("p50", "p99")),
    *(
        f"{request}, {clients}{figure}"
        for request in (
            "constant function",
            "GET /positions/{asset}",
            "GET /portfolio/exposure",
            "GET /portfolio/pnl",
            "GET /portfolio",
            "GET /positions",
        )
        for clients in ("1 client", "16 clients")
        for figure in ("", ", p95")
    ),
    *(
        f"idle, {part}"
        for part in (
            "nginx",
            "PostgREST",
            "ingest",
            "relay",
            "stream",
            "rate-limit-sync",
            "backends",
            "RabbitMQ",
        )
    ),
    "ledger bytes of a fill",
    "queue to committed positions",
    *(
        f"queue to committed positions, CPU of {part}"
        for part in ("ingest", "RabbitMQ", "PostgreSQL")
    ),
    "queue to committed positions, busy",
    "GET positions, p95",
    "GET portfolio, p95",
    *(
        f"{question}, {history} history"
        for question in (
            "apply",
            "late fill",
            "position as of",
            "position as known",
            "explain, a page",
            "verification step",
        )
        for history in ("short", "long")
    ),
    *(
        f"{question}, a {ledger}"
        for question in (
            "apply a batch of 100",
            "late fill of the oldest month",
            "repeated batch",
            "positions as of",
            "explain a page",
        )
        for ledger in ("new ledger", "ledger of two years")
    ),
    *(
        f"{question}, {figure}"
        for question in (
            "snapshot of a moment, REST",
            "snapshot of a moment, SQL",
            "all snapshots of a moment",
        )
        for figure in ("median", "p95")
    ),
    "retention of a year",
}


def bench(folder: Path, into: Path) -> subprocess.CompletedProcess[str]:
    """A run that is over quickly, on the stack in `folder`."""
    command = [sys.executable, "-m", "bench", "--rounds", "1", "--seconds", "1", "--scale", "0.02"]
    return subprocess.run(
        [*command, "--into", into],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "POSITION_MANAGER_STACK_DIR": str(folder),
            "COLUMNS": "120",
            FOLDER_VARIABLE: os.environ[FOLDER_VARIABLE],
        },
        capture_output=True,
        text=True,
    )


def state(stack: Stack) -> dict[str, Any]:
    """The row counts that a benchmark might change."""
    queues = [f"pms-bench.{role}" for role in ("order", "position", "price")]
    with (
        psycopg.connect(stack.context.dsn()) as connection,
        pika.BlockingConnection(pika.URLParameters(stack.env()["RABBITMQ_URL"])) as broker,
    ):
        return {
            "databases": connection.execute(
                "SELECT d.datname FROM pg_database d ORDER BY 1"
            ).fetchall(),
            "entries": connection.execute("SELECT count(*) FROM pms.entries").fetchall(),
            "queues": depths(broker, queues),
            "pids": {part.part: part.pid for part in stack.status()},
        }


def test_bench_measures_everything_and_leaves_nothing(traded: Stack, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    earlier = Results({"scale": 0.02, "seconds": 1} | SIZES)
    earlier.add("COPY of the same rows", "rows/s", 1234)
    earliest = keep(folder, earlier.document() | {"taken_at": "2026-01-01T00:00:00+00:00"})
    before = state(traded)
    done = bench(traded.config.dir, folder)

    assert done.returncode == 0, done.stderr
    (kept,) = set(folder.glob("*.json")) - {earliest}
    document = json.loads(kept.read_text())
    assert set(document["figures"]) == FIGURES
    # A second may pass in which an idle process does nothing, and memory may not grow.
    assert {
        name
        for name, each in document["figures"].items()
        if each["median"] <= 0 and not name.startswith(("idle, ", "fills import, memory beyond"))
    } == set()
    assert document["ratios"]["executions of 1000 / COPY"] > 0
    assert ">= 0.35" in done.stdout
    copied = next(line for line in done.stdout.splitlines() if line.startswith("COPY"))
    assert "1,234" in copied
    assert " x " in copied
    assert state(traded) == before


def test_bench_without_a_stack_explains_how_to_start_one(tmp_path: Path) -> None:
    done = bench(tmp_path / "nothing", tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert "make up" in done.stderr
