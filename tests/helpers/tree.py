"""The files of the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked_files(*suffixes: str) -> list[Path]:
    """Files under version control and new ones, without links; by suffix if any is given."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return [
        path
        for path in paths
        if path.is_file() and not path.is_symlink() and (not suffixes or path.suffix in suffixes)
    ]
