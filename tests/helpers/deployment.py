"""A copy of the tree with migrations of a test's own."""

from __future__ import annotations

import shutil
from pathlib import Path

from position_manager.paths import ROOT

LINE = "{} 2027-01-01T00:00:00Z Position Manager <maintainers@position-manager.example> # Test.\n"


def copy_tree(folder: Path) -> None:
    """Copy all that a deployment reads."""
    shutil.copytree(ROOT / "db", folder / "db")
    for name in ("sqitch.conf", "sqitch.plan"):
        shutil.copy(ROOT / name, folder / name)


def add_migration(folder: Path, name: str, script: str, revert: str) -> None:
    """Append a change to the plan of a copied tree."""
    db = folder / "db"
    for path, text in (
        (db / "migrations", script),
        (db / "sqitch" / "revert", revert),
        (db / "sqitch" / "verify", "SELECT 1;"),
    ):
        file = path / f"{name}.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with (folder / "sqitch.plan").open("a") as plan:
        plan.write(LINE.format(name))
