"""Results of a run: stored in a file and shown beside those of the previous run."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.bounds import BOUNDS, RATIOS, Bound
from position_manager.cli.output import grid

FOLDER = Path(__file__).parent / "results"


@dataclass(slots=True)
class Results:
    """The values of each figure, one per round."""

    sizes: dict[str, float]
    units: dict[str, str] = field(default_factory=dict)
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, unit: str, value: float) -> None:
        """Add the value of a round."""
        self.units[name] = unit
        self.rounds.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        return statistics.median(self.rounds[name])

    def ratios(self) -> dict[str, float]:
        """Medians of the ratios within each round, so that the machine's load cancels out."""
        return {
            name: statistics.median(
                above / below
                for above, below in zip(
                    self.rounds[ratio.over], self.rounds[ratio.under], strict=True
                )
            )
            for name, ratio in RATIOS.items()
            if ratio.over in self.rounds and ratio.under in self.rounds
        }

    def document(self) -> dict[str, Any]:
        """The results as the document that is stored."""
        return heading() | {
            "sizes": self.sizes,
            "figures": {
                name: {"unit": self.units[name], "median": self.median(name), "rounds": values}
                for name, values in self.rounds.items()
            },
            "ratios": self.ratios(),
        }


def heading() -> dict[str, Any]:
    """The time and the machine of a run."""
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform()},
    }


def previous(folder: Path, document: dict[str, Any]) -> dict[str, Any] | None:
    """The newest value of each figure and ratio from runs with the same sizes, as one document.

    None when there is no such run. A run may have measured some groups only.
    """
    merged: dict[str, Any] | None = None
    for path in sorted(folder.glob("*.json")):
        found: dict[str, Any] = json.loads(path.read_text())
        if found["sizes"] == document["sizes"]:
            older = merged or {"figures": {}, "ratios": {}}
            merged = found | {part: older[part] | found[part] for part in ("figures", "ratios")}
    return merged


def keep(folder: Path, document: dict[str, Any]) -> Path:
    """Store a document in `folder`; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{document['taken_at'].replace(':', '').partition('+')[0]}Z.json"
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def figures_table(document: dict[str, Any], before: dict[str, Any] | None) -> Table:
    """Median, minimum and maximum of each figure, and its change since the previous run."""
    table = grid("Medians")
    table.add_column("")
    for name in ("median", "lowest", "highest", "", "before", "change"):
        table.add_column(name, justify="left" if name == "" else "right", no_wrap=True)
    known = before["figures"] if before is not None else {}
    for name, figure in document["figures"].items():
        old = known.get(name, {}).get("median")
        table.add_row(
            name,
            *(f"{each:,.{_digits(each)}f}" for each in _summary(figure)),
            figure["unit"],
            "" if old is None else f"{old:,.{_digits(old)}f}",
            _change(figure["median"], old),
        )
    return table


def ratios_table(document: dict[str, Any], before: dict[str, Any] | None) -> Table:
    """Ratios and bounds, which depend little or not at all on the machine."""
    table = grid("Ratios and bounds")
    table.add_column("")
    for name in ("value", "required", "before", "change"):
        table.add_column(name, justify="right", no_wrap=True)
    known = before["ratios"] if before is not None else {}
    for name, value in document["ratios"].items():
        old, bound = known.get(name), RATIOS[name].bound
        table.add_row(
            name,
            _judged(value, bound, 3),
            "" if bound is None else str(bound),
            "" if old is None else f"{old:.3f}",
            _change(value, old),
        )
    for name, bound in BOUNDS.items():
        if name in document["figures"]:
            value = document["figures"][name]["median"]
            table.add_row(name, _judged(value, bound, _digits(value)), str(bound), "", "")
    return table


def _summary(figure: dict[str, Any]) -> tuple[float, float, float]:
    return figure["median"], min(figure["rounds"]), max(figure["rounds"])


def _digits(value: float) -> int:
    return 0 if value >= 100 else 1 if value >= 10 else 2


def _judged(value: float, bound: Bound | None, digits: int) -> str:
    shown = f"{value:,.{digits}f}"
    if bound is None:
        return shown
    return f"[{'green' if bound.met(value) else 'red'}]{shown}[/]"


def _change(new: float, old: float | None) -> str:
    return "" if not old else f"x {new / old:.2f}"
