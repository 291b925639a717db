"""The CPU time of a process and all its descendants."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of_cpu(root: int) -> float:
    """Seconds of user and system time of the process `root` and all its descendants.

    The time of a process that has ended is part of that of the parent that waited for it.
    """
    children: dict[int, list[int]] = defaultdict(list)
    ended: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path(f"/proc/{entry}/stat").read_text()
            except (FileNotFoundError, ProcessLookupError):  # Ended meanwhile.
                continue
            fields = text.rpartition(")")[2].split()
            children[int(fields[1])].append(int(entry))
            ended[int(entry)] = int(fields[13]) + int(fields[14])
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        waiting += children[pid]
        total += _own(pid) + ended.get(pid, 0) / TICKS
    return total


def _own(pid: int) -> float:
    """The time of a process without its children.

    Its clock has nanoseconds, while /proc has ticks of 10 ms: too coarse for a slice. See
    clock_getcpuclockid(3), which Python offers only for threads, for the number of the clock.
    """
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:  # Ended meanwhile.
        return 0.0
