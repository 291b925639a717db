"""Benchmark the service on the private stack: ``make bench``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from bench import against as comparing
from bench import batches, clients, history, ingest, rest, results, snapshots
from bench.comparison import FEWEST_ROUNDS
from bench.databases import Databases
from bench.messages import executions, totals
from bench.trees import commit_of
from position_manager.cli.query import refusals
from position_manager.config.environment import load
from position_manager.stack.context import Context, StackConfig
from position_manager.stack.stack import Stack
from position_manager.worker.broker import BROKER_ERRORS

# Number of measured fills, by batch size.
BATCHES = {1: 400, 100: 5_000, 1000: 50_000}
SHAPES: dict[str, Callable[[int], list[str]]] = {"executions": executions, "totals": totals}
QUEUED = 20_000
REQUESTS = 200
ROUNDS = 3
# Results are comparable only between runs of equal sizes.
SIZES = {f"batches of {size}": float(count) for size, count in BATCHES.items()} | {
    "queued": float(QUEUED),
    "positions": float(rest.POSITIONS),
    "short history": float(history.SHORT),
    "long history": float(history.LONG),
    "snapshots": float(snapshots.POSITIONS * snapshots.HOURS),
}

Log = Callable[[str], None]


def main(
    against: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Compare with this commit: measure both trees alternately, each on its own stack.",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of rounds. [default: 3; with --against 60, and 5 at least]",
            show_default=False,
        ),
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, help="Duration of each pgbench run.")] = 3,
    scale: Annotated[
        float, typer.Option(min=0.001, max=10, help="Factor of the default number of fills.")
    ] = 1,
    into: Annotated[
        Path, typer.Option(help="Folder of the results; the latest one there is the baseline.")
    ] = results.FOLDER,
) -> None:
    """Measure the batch function, COPY, single commits, the worker, reads and historical queries.

    Uses databases on the cluster of the private stack and drops them afterwards. Compares the
    medians with the last run of the same sizes.

    With --against, exits with 1 when the elapsed or CPU time of a figure is worse by more than 3 %
    and by more than two identical trees differ.
    """
    messages = Console(stderr=True, highlight=False)
    if against is not None:
        _compare(against, rounds or comparing.ROUNDS, scale, into, messages.print)
        return
    rounds = rounds or ROUNDS
    with refusals():
        stack = Stack(StackConfig.of(load()).as_started())
        stopped = [part.part for part in stack.status() if part.state != "running"]
    if stopped:
        messages.print(f"[red]parts of the stack are not running: {', '.join(stopped)}[/]")
        messages.print("Start them with:  make up", markup=False)
        raise typer.Exit(1)
    measured = results.Results({"scale": scale, "seconds": seconds} | SIZES)
    try:
        with Databases(stack.context) as databases:
            for number in range(1, rounds + 1):
                messages.print(f"round {number} of {rounds}")
                measure(stack.context, databases, measured, messages.print)
            messages.print("histories")
            for long_term in (history.milliseconds, snapshots.milliseconds):
                found = long_term(stack.context, databases, scale, messages.print)
                for name, value in found.items():
                    measured.add(name, "ms", value)
    except (batches.MeasureError, psycopg.Error, *BROKER_ERRORS) as error:
        messages.print(f"benchmark failed: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    document = measured.document()
    before = results.previous(into, document)
    path = results.keep(into, document)
    console = Console()
    for table in (
        results.figures_table(document, before),
        results.ratios_table(document, before),
    ):
        console.print(table)
        console.print()
    console.print(f"results written to {path}", soft_wrap=True, highlight=False)


def _compare(reference: str, rounds: int, scale: float, into: Path, log: Log) -> None:
    if rounds < FEWEST_ROUNDS:
        raise typer.BadParameter(f"--rounds: must be at least {FEWEST_ROUNDS} with --against")
    try:
        commit = commit_of(reference)
        found = comparing.measure(commit, rounds, scale, log)
    except (batches.MeasureError, psycopg.Error, *BROKER_ERRORS) as error:
        Console(stderr=True).print(f"benchmark failed: {error}", style="red", markup=False)
        raise typer.Exit(2) from None
    path = results.keep(into / "against", comparing.document(found, commit, scale))
    console = Console()
    comparing.show(found, f"This tree against {reference}, {rounds} rounds", console)
    console.print(f"results written to {path}", soft_wrap=True, highlight=False)
    if comparing.worse(found):
        raise typer.Exit(1)


def measure(context: Context, databases: Databases, measured: results.Results, log: Log) -> None:
    """Measure every figure once, except for the histories."""
    scale, seconds = measured.sizes["scale"], int(measured.sizes["seconds"])
    for shape, texts in SHAPES.items():
        for size, count in BATCHES.items():
            log(f"  {shape}, batches of {size}")
            fills = texts(int(count * scale) + batches.WARM_UP_CALLS * size)
            with databases.fresh() as dbname:
                dsn = context.dsn("pms_worker", dbname)
                rate = int(count * scale) / sum(batches.seconds(dsn, "order_events", fills, size))
                measured.add(f"{shape}, batches of {size}", "fills/s", rate)
                if (shape, size) == ("executions", max(BATCHES)):
                    rate = batches.copied_per_second(context, dbname)
                    measured.add("COPY of the same rows", "rows/s", rate)
    log("  single transactions")
    with databases.fresh() as dbname:
        rate = clients.single_applies_per_second(context, dbname, seconds)
        measured.add("single apply", "tps", rate)
        rate = clients.updates_per_second(context, dbname, seconds)
        measured.add("one-row durable update", "tps", rate)
    log("  queue to committed positions")
    with databases.fresh() as dbname, tempfile.TemporaryDirectory() as folder:
        fills, log_file = executions(int(QUEUED * scale)), Path(folder) / "ingest.log"
        rate = ingest.fills_per_second(context, dbname, fills, log_file)
        measured.add("queue to committed positions", "fills/s", rate)
    log("  readers")
    with databases.fresh() as dbname:
        for name, value in rest.p95_milliseconds(context, dbname, REQUESTS).items():
            measured.add(f"GET {name}, p95", "ms", value)


if __name__ == "__main__":
    typer.run(main)
