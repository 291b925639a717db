"""Benchmark the service on the private stack: ``make bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import against as comparing
from bench import groups, history, imports, requests, rest, results, snapshots
from bench.comparison import FEWEST_ROUNDS
from bench.databases import Databases
from bench.running import failures, running_stack
from bench.trees import commit_of

ROUNDS = 3
# Results are comparable only between runs of equal sizes.
SIZES = {f"batches of {size}": float(count) for size, count in groups.BATCHES.items()} | {
    "queued": float(groups.FILLS),
    "positions": float(rest.POSITIONS),
    "positions of requests": float(requests.POSITIONS),
    "short history": float(history.SHORT),
    "long history": float(history.LONG),
    "imported": float(imports.ROWS),
    "snapshots": float(snapshots.POSITIONS * snapshots.HOURS),
}


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
    only: Annotated[
        str | None,
        typer.Option(metavar="GROUPS", help=f"Measure only these, of {', '.join(groups.NAMES)}."),
    ] = None,
    seconds: Annotated[
        int, typer.Option(min=1, help="Duration of each run of pgbench and of requests.")
    ] = 3,
    scale: Annotated[
        float, typer.Option(min=0.001, max=10, help="Factor of the default number of fills.")
    ] = 1,
    entries: Annotated[
        int, typer.Option(min=1, help="Entries of the long history, before the factor.")
    ] = history.LONG,
    into: Annotated[
        Path, typer.Option(help="Folder of the results; the latest one there is the baseline.")
    ] = results.FOLDER,
) -> None:
    """Measure batches, single commits, the worker, reads, and what their cost must not grow with.

    Uses databases on the cluster of the private stack and drops them afterwards. Compares the
    medians with the last run of the same sizes.

    With --against, exits with 1 when the elapsed or CPU time of a figure is worse by more than 3 %
    and by more than two identical trees differ.
    """
    messages = Console(stderr=True, highlight=False)
    try:
        names = groups.chosen(only)
    except ValueError as error:
        raise typer.BadParameter(f"--only: {error}") from None
    if against is not None:
        if only is not None:
            raise typer.BadParameter("--only: not with --against, which compares all its figures")
        _compare(against, rounds or comparing.ROUNDS, scale, into, messages)
        return
    rounds = rounds or ROUNDS
    stack = running_stack(messages)
    measured = results.Results(
        {"scale": scale, "seconds": seconds} | SIZES | {"long history": float(entries)}
    )
    with failures(messages), Databases(stack.context) as databases:
        run = groups.Run(
            stack.context, databases, measured, scale, seconds, entries, messages.print
        )
        groups.measure(run, names, rounds)
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


def _compare(reference: str, rounds: int, scale: float, into: Path, messages: Console) -> None:
    if rounds < FEWEST_ROUNDS:
        raise typer.BadParameter(f"--rounds: must be at least {FEWEST_ROUNDS} with --against")
    with failures(messages, code=2):
        commit = commit_of(reference)
        found = comparing.measure(commit, rounds, scale, messages.print)
    path = results.keep(into / "against", comparing.document(found, commit, scale))
    console = Console()
    comparing.show(found, f"This tree against {reference}, {rounds} rounds", console)
    console.print(f"results written to {path}", soft_wrap=True, highlight=False)
    if comparing.worse(found):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
