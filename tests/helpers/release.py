"""The tree of the last release, which the file RELEASE names, and its programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from position_manager.paths import ROOT

VERSION, COMMIT = (ROOT / "RELEASE").read_text().splitlines()[-1].split()


def is_known(commit: str) -> bool:
    """Whether the repository has a commit: a shallow clone may not."""
    found = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True
    )
    return found.returncode == 0


def extract(folder: Path, commit: str = COMMIT) -> Path:
    """Write the tree of a commit to a folder, with the installed parts of this one."""
    archive = folder / "tree.tar"
    subprocess.run(["git", "archive", "-o", archive, commit], cwd=ROOT, check=True)
    tree = folder / "tree"
    tree.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", tree], check=True)
    archive.unlink()
    (tree / ".venv").symlink_to(ROOT / ".venv")
    (tree / ".stack").mkdir()
    (tree / ".stack" / "bin").symlink_to(ROOT / ".stack" / "bin")
    return tree


def run(tree: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run a command of an extracted tree; return its output."""
    done = subprocess.run(
        [sys.executable, "-c", "from position_manager.cli.app import app; app()", *arguments],
        cwd=tree,
        env=environment | {"PYTHONPATH": str(tree / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
