"""The documents, and the commands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from position_manager.paths import ROOT

SPECS = ROOT / "specs" / "001-position-management"
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted(SPECS.glob("*.md")),
]

# A block that is run, and its expected output; a command in a table is run as well.
STEP = re.compile(
    r"^<!-- runs -->\n```bash\n(?P<block>.*?)^```$"
    r"(?:\n<!-- prints -->\n```json\n(?P<prints>.*?)^```$)?"
    r"|^\|[^\n]*\| `(?P<cell>curl [^`\n]*)` \|$",
    re.MULTILINE | re.DOTALL,
)
SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Step:
    """Commands of a document, and their expected output."""

    commands: str
    prints: Any = None


def steps(document: Path) -> Iterator[Step]:
    """The steps of a document, in order."""
    for found in STEP.finditer(document.read_text()):
        prints = found["prints"]
        yield Step(found["block"] or found["cell"], None if prints is None else json.loads(prints))


def names(document: Path) -> set[str]:
    """The code spans of a document."""
    return set(SPAN.findall(document.read_text()))


def table(document: Path, heading: str) -> set[str]:
    """The first column of the table below a heading."""
    section = document.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))
