"""Logs of the parts: each part writes to its own file, which the supervisor rotates.

No pipe leads to the supervisor, so a part never waits for one that hangs. The supervisor loads this
module, see :mod:`position_manager.stack.supervisor`. It copies a file that has become long, and
truncates it: the part appends to the file that it has open.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from supervisor import events

MAX_BYTES = 10_000_000
# Former files: NAME.log.1 is the newest.
KEPT = 3


def rotate(log: Path) -> None:
    """Copy a log that has become long to NAME.log.1, and empty it.

    A line that is written between the copy and the truncation is lost: the servers cannot be asked
    to open another file for their stderr.
    """
    if log.stat().st_size < MAX_BYTES:
        return
    for number in range(KEPT, 1, -1):
        former = log.with_suffix(f".log.{number - 1}")
        if former.exists():
            former.replace(log.with_suffix(f".log.{number}"))
    shutil.copy2(log, log.with_suffix(".log.1"))
    os.truncate(log, 0)


class Rotation:
    """The rotation of the logs in a folder, as an extension of the supervisor without calls."""

    def __init__(self, supervisord: Any, folder: str) -> None:
        self._logger = supervisord.options.logger
        self._folder = Path(folder)
        events.subscribe(events.Tick5Event, self._rotate_all)

    def _rotate_all(self, _tick: events.Tick5Event) -> None:
        for log in self._folder.glob("*.log"):
            # It rotates its own.
            if log.name != "supervisord.log":
                try:
                    rotate(log)
                except OSError as error:
                    # Such as a full disk; the supervisor goes on.
                    self._logger.warn(f"cannot rotate {log}: {error}")
