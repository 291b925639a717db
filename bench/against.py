"""Measure this tree against another commit, in turns: ``python -m bench --against REF``."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from bench.comparison import TOLERANCE, Turns, Verdict
from bench.trees import commit_of, side_by_side
from bench.turn import Arm, Messages
from position_manager.cli.output import grid

COLORS = {Verdict.NONE: "dim", Verdict.WORSE: "red", Verdict.BETTER: "green"}


def measure(
    reference: str, rounds: int, scale: float, say: Callable[[str], None]
) -> dict[str, Turns]:
    """The turns of every figure."""
    commit = commit_of(reference)
    turns: dict[str, Turns] = {}
    with side_by_side(commit, say) as services:
        this, that = (Arm(service) for service in services)
        messages = Messages.of(scale)
        for arm in (this, that):
            arm.keep_beginning()
            # The first turn finds a server that has no files of its log to use again.
            say("warming up")
            arm.measure(messages)
        began = time.monotonic()
        for number in range(1, rounds + 1):
            for arm, values in ((this, "this"), (that, "that"), (this, "again")):
                elapsed = time.monotonic() - began
                say(f"{elapsed:4.0f} s  round {number} of {rounds}, {values}")
                for name, (unit, value) in arm.measure(messages).items():
                    getattr(turns.setdefault(name, Turns(unit)), values).append(value)
    return turns


def show(turns: dict[str, Turns], title: str, console: Console) -> None:
    """Print every figure and the remarks on them."""
    console.print(table(turns, title))
    for line in remarks(turns):
        console.print(line, highlight=False)


def worse(turns: dict[str, Turns]) -> list[str]:
    """The figures in which this tree is worse."""
    return [name for name, each in turns.items() if each.verdict() is Verdict.WORSE]


def table(turns: dict[str, Turns], title: str) -> Table:
    """Medians, the ratio of this tree to the other, the ratio of identical trees, the verdict."""
    shown = grid(title)
    shown.add_column("")
    for name in ("this", "that", "", "this / that", "identical", "difference"):
        shown.add_column(name, justify="left" if name == "" else "right", no_wrap=True)
    for name, each in turns.items():
        verdict = each.verdict()
        color = COLORS.get(verdict)
        shown.add_row(
            name,
            *(f"{value:,.{0 if value >= 100 else 2}f}" for value in each.medians()),
            each.unit,
            f"{each.ratio():.3f}",
            f"± {each.spread():.1%}",
            f"[{color}]{verdict}[/]" if color else str(verdict),
        )
    return shown


def remarks(turns: dict[str, Turns]) -> list[str]:
    """The figures that are worse, and those that the machine is too restless to judge."""
    unsure = [name for name, each in turns.items() if each.spread() > TOLERANCE]
    lines = []
    if worse(turns):
        lines.append(f"worse by more than {TOLERANCE:.0%}: {'; '.join(worse(turns))}")
    if unsure:
        lines.append(
            f"identical trees differ by more than {TOLERANCE:.0%}: {'; '.join(unsure)}; "
            "run more rounds, on a quieter machine"
        )
    return lines
