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

from position_manager.cli.output import grid

FOLDER = Path(__file__).parent / "results"
# Ratios of two rates of the same round, with their minimum.
RATIOS: dict[str, tuple[str, str, float | None]] = {
    "executions of 1000 / COPY": ("executions, batches of 1000", "COPY of the same rows", 0.35),
    "totals of 1000 / COPY": ("totals, batches of 1000", "COPY of the same rows", None),
    "queue / executions of 1000": (
        "queue to committed positions",
        "executions, batches of 1000",
        None,
    ),
    "single apply / one-row update": ("single apply", "one-row durable update", None),
}
FLOORS = {"queue to committed positions": 5000.0}
# Milliseconds.
CEILINGS = {
    f"{name}, p95": 50.0
    for name in (
        "snapshot of a moment, REST",
        "snapshot of a moment, SQL",
        "all snapshots of a moment",
    )
}
# Queries that must not slow down with the history: long over short, with the maximum ratio.
FLAT = {
    f"{question}, long / short history": (
        f"{question}, long history",
        f"{question}, short history",
        1.5,
    )
    for question in ("late fill", "position as of", "position as known", "explain, a page")
}


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
                for above, below in zip(self.rounds[over], self.rounds[under], strict=True)
            )
            for name, (over, under, _) in (RATIOS | FLAT).items()
            if over in self.rounds and under in self.rounds
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
    """The newest stored document of a run with the same sizes; None when there is none."""
    for path in sorted(folder.glob("*.json"), reverse=True):
        found: dict[str, Any] = json.loads(path.read_text())
        if found["sizes"] == document["sizes"]:
            return found
    return None


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
        old, floor = known.get(name), (RATIOS | FLAT)[name][2]
        limit = name in FLAT
        table.add_row(
            name,
            _judged(value, floor, 3, is_limit=limit),
            "" if floor is None else f"{'<=' if limit else '>='} {floor}",
            "" if old is None else f"{old:.3f}",
            _change(value, old),
        )
    for name, floor in FLOORS.items():
        if name in document["figures"]:
            value = document["figures"][name]["median"]
            table.add_row(name, _judged(value, floor, 0), f">= {floor:,.0f}", "", "")
    for name, ceiling in CEILINGS.items():
        if name in document["figures"]:
            value = document["figures"][name]["median"]
            judged = _judged(value, ceiling, 1, is_limit=True)
            table.add_row(name, judged, f"<= {ceiling:,.0f}", "", "")
    return table


def _summary(figure: dict[str, Any]) -> tuple[float, float, float]:
    return figure["median"], min(figure["rounds"]), max(figure["rounds"])


def _digits(value: float) -> int:
    return 0 if value >= 100 else 1


def _judged(value: float, wanted: float | None, digits: int, is_limit: bool = False) -> str:
    shown = f"{value:,.{digits}f}"
    if wanted is None:
        return shown
    is_met = value <= wanted if is_limit else value >= wanted
    return f"[{'green' if is_met else 'red'}]{shown}[/]"


def _change(new: float, old: float | None) -> str:
    return "" if old is None else f"x {new / old:.2f}"
