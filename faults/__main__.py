"""Run a fault campaign on a stack of its own: ``make faults``."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from faults import disk
from faults.campaign import FAULTS, Campaign, Outcome
from tests.helpers.runs import FOLDER_VARIABLE, private_stack, start_guard

SHOWN = 5


def main(
    seed: Annotated[int | None, typer.Option(help="Seed of the stream and the order.")] = None,
    minutes: Annotated[float, typer.Option(min=0, help="Every fault happens once at least.")] = 15,
    hold: Annotated[float, typer.Option(help="Seconds that a lasting fault lasts.")] = 15,
    only: Annotated[
        str | None, typer.Option(help="Only these faults, separated by commas.")
    ] = None,
) -> None:
    """Send a known stream, cause faults, and compare ledger, positions, letters and events.

    Exits with 1 when a fill, a letter or an event is lost, doubled or unexplained.
    """
    console = Console(highlight=False, width=120)
    seed = secrets.randbits(32) if seed is None else seed
    names = list(FAULTS) if only is None else [name.strip() for name in only.split(",")]
    if unknown := [name for name in names if name not in FAULTS]:
        console.print(f"unknown: {', '.join(unknown)}\nthere are: {', '.join(FAULTS)}")
        raise typer.Exit(2)
    if disk.NAME in names and os.geteuid() == 0:
        disk.take_own_mounts()
    elif disk.NAME in names:
        names.remove(disk.NAME)
        console.print(f"without: {disk.NAME} (only root can mount a disk for it)")
    console.print(f"seed {seed} (SEED={seed} make faults repeats it)")
    # A campaign that is killed leaves no stack.
    start_guard()
    folder = Path(os.environ[FOLDER_VARIABLE])
    with ExitStack() as ending:
        if disk.NAME in names:
            ending.enter_context(disk.own_disk(folder))
        stack = ending.enter_context(private_stack(folder, rate_limit_default=1_000_000))
        campaign = Campaign(stack, seed, names, minutes * 60, hold)
        console.print(
            f"{'fault':42}{'sent':>7}{'rest':>6}{'again':>6}{'events':>8}{'again':>6}{'settled':>9}"
            "  result"
        )
        is_exact = campaign.run(lambda outcome: _print(console, outcome))
    _total(console, campaign.outcomes)
    raise typer.Exit(0 if is_exact else 1)


def _print(console: Console, outcome: Outcome) -> None:
    found = outcome.findings
    result = (
        f"{len(found.lost)} lost, {len(found.doubled)} doubled,"
        f" {len(found.unexplained)} unexplained"
        if found
        else "exact"
    )
    console.print(
        f"{outcome.fault:42}{outcome.sent:7}{outcome.requested:6}{outcome.repeated:6}"
        f"{outcome.events:8}{outcome.events_again:6}"
        f"{outcome.seconds:8.1f}s  {result}",
        markup=False,
    )
    for kind in (found.lost, found.doubled, found.unexplained):
        for each in kind[:SHOWN]:
            console.print(f"    {each[:300]}", markup=False)


def _total(console: Console, outcomes: list[Outcome]) -> None:
    found = [outcome.findings for outcome in outcomes]
    console.print(
        f"{len(outcomes)} faults, {sum(outcome.sent for outcome in outcomes)} messages,"
        f" {sum(outcome.requested for outcome in outcomes)} requests,"
        f" {sum(outcome.events for outcome in outcomes)} events"
        f" ({sum(outcome.events_again for outcome in outcomes)} again):"
        f" {sum(len(each.lost) for each in found)} lost,"
        f" {sum(len(each.doubled) for each in found)} doubled,"
        f" {sum(len(each.unexplained) for each in found)} unexplained"
    )


if __name__ == "__main__":
    typer.run(main)
