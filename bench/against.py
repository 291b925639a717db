"""Measure this tree against another commit, in slices: ``python -m bench --against REF``."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.comparison import TOLERANCE, Comparison, Cost, Measure, Verdict
from bench.results import heading
from bench.slices import FIGURES, Arm, Slices
from bench.trees import side_by_side
from position_manager.cli.output import grid

# Even, so that each tree comes first equally often.
ROUNDS = 60
CLEANED_EVERY = 10
COLORS = {Verdict.NONE: "dim", Verdict.WORSE: "red", Verdict.BETTER: "green"}

Comparisons = dict[str, Comparison]


def measure(commit: str, rounds: int, scale: float, log: Callable[[str], None]) -> Comparisons:
    """Measure both trees in alternating slices; return the comparison of every figure."""
    comparisons = {name: Comparison() for name in FIGURES}
    slices = Slices(scale)
    with side_by_side(commit, log) as services, ExitStack() as stack:
        this, that = (Arm(service, scale) for service in services)
        log("filling the databases, warming up")
        for arm in (this, that):
            stack.enter_context(arm.prepared())
        for name in FIGURES:
            slice_ = slices.warm_up(name)
            for arm in (this, that):
                arm.measure(slice_)
        began = time.monotonic()
        for number in range(1, rounds + 1):
            if number % CLEANED_EVERY == 1:
                log(f"{time.monotonic() - began:4.0f} s  round {number} of {rounds}")
                for arm in (this, that):
                    arm.clean()
            first, second = (this, that) if number % 2 else (that, this)
            for name, comparison in comparisons.items():
                # Made beforehand, so that nothing but slices passes time in the round.
                one, two = slices.next(name), slices.next(name)
                costs: dict[Arm, list[Cost]] = {this: [], that: []}
                for arm, slice_ in ((first, one), (second, one), (second, two), (first, two)):
                    costs[arm].append(arm.measure(slice_))
                comparison.add(costs[this], costs[that])
    return comparisons


def document(comparisons: Comparisons, commit: str, scale: float) -> dict[str, Any]:
    """The comparison as the document that is stored, with the seconds of every slice."""
    return heading() | {
        "against": commit,
        "scale": scale,
        "figures": {name: asdict(each) for name, each in comparisons.items()},
    }


def show(comparisons: Comparisons, title: str, console: Console) -> None:
    """Print all figures, and remarks on them."""
    console.print(table(comparisons, title))
    for line in remarks(comparisons):
        console.print(line, highlight=False)


def worse(comparisons: Comparisons) -> list[str]:
    """The names of the figures in which this tree is worse."""
    return [name for name, each in comparisons.items() if each.is_worse()]


def table(comparisons: Comparisons, title: str) -> Table:
    """Medians; for elapsed and CPU time the ratio, the spread of identical trees, and verdict."""
    shown = grid(title)
    shown.add_column("")
    for name in ("this", "that", "", "elapsed", "identical", "", "CPU", "identical", ""):
        shown.add_column(name, justify="left" if name == "" else "right", no_wrap=True)
    for name, each in comparisons.items():
        unit = FIGURES[name].unit
        shown.add_row(
            name,
            *(_in_unit(seconds, unit) for seconds in each.elapsed.medians()),
            unit,
            *_judged(each.elapsed),
            *_judged(each.cpu),
        )
    return shown


def remarks(comparisons: Comparisons) -> list[str]:
    """Remarks on figures that are worse, and on figures that are too noisy to judge."""
    unsure = [
        name
        for name, each in comparisons.items()
        if min(each.elapsed.spread(), each.cpu.spread()) > TOLERANCE
    ]
    lines = ["elapsed, CPU: the time of this tree / that of the other one"]
    if worse(comparisons):
        lines.append(f"worse by more than {TOLERANCE:.0%}: {'; '.join(worse(comparisons))}")
    if unsure:
        lines.append(
            f"identical trees differ by more than {TOLERANCE:.0%} in both: {'; '.join(unsure)}; "
            "run more rounds, on a quieter machine"
        )
    return lines


def _judged(measure: Measure) -> tuple[str, str, str]:
    verdict = measure.verdict()
    color = COLORS.get(verdict)
    return (
        f"{measure.ratio():.3f}",
        f"± {measure.spread():.1%}",
        f"[{color}]{verdict}[/]" if color else str(verdict),
    )


def _in_unit(seconds: float, unit: str) -> str:
    value = seconds * 1000 if unit == "ms" else 1 / seconds
    return f"{value:,.{0 if value >= 100 else 2}f}"
