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
    reference: str, rounds: int, scale: float, log: Callable[[str], None]
) -> dict[str, Turns]:
    """Measure both trees in turns; return the values of every figure by name."""
    commit = commit_of(reference)
    turns: dict[str, Turns] = {}
    with side_by_side(commit, log) as services:
        this, that = (Arm(service) for service in services)
        messages = Messages.of(scale)
        for arm in (this, that):
            arm.save_initial_state()
            # In the first turn the server has no WAL files to recycle.
            log("warming up")
            arm.measure(messages)
        began = time.monotonic()
        for number in range(1, rounds + 1):
            for arm, values in ((this, "this"), (that, "that"), (this, "again")):
                elapsed = time.monotonic() - began
                log(f"{elapsed:4.0f} s  round {number} of {rounds}, {values}")
                for name, (unit, value) in arm.measure(messages).items():
                    getattr(turns.setdefault(name, Turns(unit)), values).append(value)
    return turns


def show(turns: dict[str, Turns], title: str, console: Console) -> None:
    """Print all figures, and remarks on them."""
    console.print(table(turns, title))
    for line in remarks(turns):
        console.print(line, highlight=False)


def worse(turns: dict[str, Turns]) -> list[str]:
    """The names of the figures in which this tree is worse."""
    return [name for name, each in turns.items() if each.verdict() is Verdict.WORSE]


def table(turns: dict[str, Turns], title: str) -> Table:
    """Medians, ratio of this tree to the other, spread of identical trees, and verdict."""
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
    """Remarks on figures that are worse, and on figures that are too noisy to judge."""
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
