"""The files of nginx that change while it runs, and the reload that makes it read them."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Replace a file, with permissions for its owner only."""
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    # Less secret than keys, but other users have no need of it.
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


def update(path: Path, text: str) -> bool:
    """Write a file and reload the nginx of its folder; False when it is unchanged."""
    if path.exists() and path.read_text() == text:
        return False
    write(path, text)
    reload(path.parent)
    return True


def reload(folder: Path) -> None:
    """Reload the nginx of the folder, if it runs."""
    pid_file = folder / "nginx.pid"
    try:
        pid = int(pid_file.read_text())
        title = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    # A killed nginx leaves its pid file, and another process may have that pid by now.
    if title.startswith(b"nginx: master") and str(folder).encode() in title:
        os.kill(pid, signal.SIGHUP)
