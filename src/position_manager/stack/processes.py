"""Identify, signal and end processes, by their entries in /proc.

Uses only the standard library: the launcher of every part imports this and must start quickly.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

GRACE = 3.0


@dataclass(frozen=True, slots=True)
class Record:
    """The process of a part; its start time distinguishes it from a later one with the same pid."""

    pid: int
    started: int
    boot: str
    spec: str
    stop_signal: str

    @classmethod
    def read(cls, path: Path) -> Record | None:
        """The record at `path`; None when it is missing or incomplete."""
        try:
            return cls(**json.loads(path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    @classmethod
    def of_this_process(cls, spec: str, stop_signal: str) -> Record:
        stat = _stat(os.getpid())
        if stat is None:
            raise RuntimeError("/proc does not show this process: the stack needs Linux's /proc")
        return cls(os.getpid(), stat.started, _boot(), spec, stop_signal)

    def write(self, path: Path) -> None:
        partial = path.with_suffix(".new")
        partial.write_text(json.dumps(asdict(self)))
        partial.replace(path)

    def alive(self) -> bool:
        """Whether the recorded process still runs."""
        stat = _stat(self.pid)
        return self.boot == _boot() and stat is not None and stat.started == self.started

    def is_left(self) -> bool:
        """Whether any process of its group still runs."""
        return bool(self._members())

    def _members(self) -> list[int]:
        """The pids of its process group that still run, including its own.

        The kernel never reuses the number of an existing group as a pid, so another process with
        this pid means that the group is gone.
        """
        if self.boot != _boot():
            return []
        leader = _stat(self.pid)
        if leader is not None and leader.started != self.started:
            return []
        return [pid for pid, stat in _processes() if stat.group == self.pid]

    def end(self, patience: float = GRACE) -> None:
        """Stop the process with its signal, then end the rest of its group, killing if needed."""
        if self.alive():
            send(self.pid, signal.Signals[f"SIG{self.stop_signal}"])
            wait(lambda: not self.alive(), patience)
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self._members():
                send(pid, number)
            if wait(lambda: not self._members(), GRACE):
                return


@dataclass(frozen=True, slots=True)
class _Stat:
    group: int
    started: int


def _stat(pid: int) -> _Stat | None:
    """The entry of a process in /proc; None when it has ended or is a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = text.rpartition(")")[2].split()
    return None if state in "ZX" else _Stat(group=int(fields[1]), started=int(fields[18]))


def _processes() -> Iterator[tuple[int, _Stat]]:
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _stat(int(entry))) is not None:
            yield int(entry), stat


def working_in(folder: Path, program: Path) -> list[int]:
    """The pids of processes of `program` with the working directory `folder`, where readable."""
    found = []
    for pid, _ in _processes():
        try:
            paths = [Path(os.readlink(f"/proc/{pid}/{link}")) for link in ("cwd", "exe")]
        except OSError:  # Ended meanwhile, or run by another user.
            continue
        if paths == [folder, program.resolve()]:
            found.append(pid)
    return found


def started_with(*arguments: Path) -> list[int]:
    """The pids of processes with one of these arguments on their command line."""
    wanted = {os.fsencode(argument) for argument in arguments}
    found = []
    for pid, _ in _processes():
        with suppress(OSError):  # Ended meanwhile.
            if wanted.intersection(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")):
                found.append(pid)
    return found


def exists(pid: int) -> bool:
    """Whether any process has this pid."""
    return _stat(pid) is not None


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; does nothing when the process has ended."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def wait(done: Callable[[], bool], patience: float) -> bool:
    """Poll until `done` returns True, for at most `patience` seconds; return whether it did."""
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
