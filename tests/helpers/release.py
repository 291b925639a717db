"""The tree of the last release, which the file RELEASE names, and its programs."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
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
    """Write the tree of a commit to a folder, with the installed parts of this one.

    Its Python finds the packages of this tree, but its own code: also in the launcher of the parts,
    which ignores PYTHONPATH.
    """
    archive = folder / "tree.tar"
    subprocess.run(["git", "archive", "-o", archive, commit], cwd=ROOT, check=True)
    tree = folder / "tree"
    tree.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", tree], check=True)
    archive.unlink()
    venv.create(tree / ".venv", symlinks=True)
    # Where that release looks for Swagger UI.
    (tree / ".venv" / "share").mkdir()
    (tree / ".venv" / "share" / "swagger-ui").symlink_to(
        ROOT / ".venv" / "share" / "pages" / "docs"
    )
    (packages,) = (tree / ".venv").glob("lib/*/site-packages")
    (packages / "tree.pth").write_text(f"{tree / 'src'}\n{sysconfig.get_path('purelib')}\n")
    (tree / ".stack").mkdir()
    (tree / ".stack" / "bin").symlink_to(ROOT / ".stack" / "bin")
    return tree


def run(tree: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run a command of an extracted tree; return its output."""
    python = sys.executable if tree == ROOT else tree / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-c", "from position_manager.cli.app import app; app()", *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
