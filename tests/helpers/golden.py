"""Files that are generated from the tree and kept in it, so that a change of them is seen.

``make golden`` writes them; it runs their tests with GOLDEN=write.
"""

from __future__ import annotations

import os
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from tests.helpers.tree import ROOT

SHOWN = 40


def compare(path: Path, present: str) -> None:
    """Fail with the differences of a file to its present text, or write that."""
    if os.environ.get("GOLDEN") == "write":
        path.write_text(present)
    kept = path.read_text() if path.exists() else ""
    lines = unified_diff(kept.splitlines(), present.splitlines(), "kept", "present", lineterm="")
    name = path.relative_to(ROOT)
    assert kept == present, "\n".join(
        [f"{name} is not that of the tree. Renew it with:  make golden", *islice(lines, SHOWN)]
    )
