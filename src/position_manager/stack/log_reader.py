"""Read the logs of the parts, also while they grow and are rotated."""

from __future__ import annotations

import os
from pathlib import Path


class Log:
    """The log of one part."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._end = 0

    def new(self) -> list[str]:
        """The whole lines that were added since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            # A rotated log is emptied.
            start = file.seek(self._end if self._end <= os.fstat(file.fileno()).st_size else 0)
            text = file.read()
            whole = text[: text.rfind(b"\n") + 1]
            self._end = start + len(whole)
        return whole.decode(errors="replace").splitlines()
