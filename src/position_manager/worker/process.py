"""A worker process: its threads, the signals that stop it, its exit code."""

from __future__ import annotations

import os
import pwd
import signal
import sys
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Sequence

from position_manager.worker.logging import get_logger

logger = get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE = 8.0
# Seconds between two looks at the parts.
LOOK_INTERVAL = 0.2


class Part(threading.Thread, ABC):
    """A thread that runs until asked to stop; ending earlier is a failure."""

    def __init__(self, name: str, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.stop = stop
        self.failed = False
        self.steps = 0

    def run(self) -> None:
        """Work; a failure is logged here, and the main thread then ends the process."""
        try:
            self.work()
        except Exception:
            self.failed = True
            logger.exception("part failed", thread=self.name)

    @abstractmethod
    def work(self) -> None:
        """Work until ``self.stop`` is set; call :meth:`step` more often than the hang limit."""

    def step(self) -> None:
        """Note progress: a part without any is taken to hang."""
        self.steps += 1

    def running(self) -> bool:
        """Whether a loop of the part goes on; each turn is progress."""
        self.step()
        return not self.stop.is_set()


class Watchdog:
    """Finds parts that hang.

    It counts looks rather than time: a process that was stopped and continued made no progress
    meanwhile, and does not hang.
    """

    def __init__(self, parts: Sequence[Part], limit: float) -> None:
        self._limit = limit / LOOK_INTERVAL
        self._steps = {part: part.steps for part in parts}
        self._looks = dict.fromkeys(parts, 0)

    def look(self) -> list[Part]:
        """The parts without progress for longer than the limit."""
        for part, steps in self._steps.items():
            self._looks[part] = self._looks[part] + 1 if part.steps == steps else 0
            self._steps[part] = part.steps
        return [part for part, looks in self._looks.items() if looks > self._limit]


def become(name: str) -> None:
    """Give up root for good.

    Nobody but root can read the environment of the process from then on.
    """
    # Imports the codec, which sockets use and the user may be unable to read.
    "localhost".encode("idna")
    account = pwd.getpwnam(name)
    os.initgroups(name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def block_signals() -> None:
    """Leave signals to :func:`run`; call it before any thread starts, as threads inherit this."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def run(parts: Sequence[Part], stop: threading.Event, hang_limit: float) -> int:
    """Run the parts until a signal arrives or one of them ends or hangs; return the exit code.

    `hang_limit` is in seconds.
    """
    threading.Thread(target=_stop_on_signal, args=[stop], name="signals", daemon=True).start()
    for part in parts:
        part.start()
    logger.info("started", pid=os.getpid(), threads=_names(parts))
    watchdog = Watchdog(parts, hang_limit)
    ended: list[Part] = []
    hung: list[Part] = []
    while not ended and not hung and not stop.wait(LOOK_INTERVAL):
        ended = [part for part in parts if not part.is_alive() and not stop.is_set()]
        hung = watchdog.look()
    if ended:
        logger.error("a part ended unexpectedly, stopping", ended=_names(ended))
    if hung:
        logger.error("a part hangs, stopping", hung=_names(hung), stacks=_stacks())
    stop.set()
    late = _join([part for part in parts if part not in hung])
    return 1 if late or ended or hung or any(part.failed for part in parts) else 0


def _stop_on_signal(stop: threading.Event) -> None:
    # sigtimedwait() of CPython returns an uninitialized siginfo when the process was stopped and
    # continued meanwhile.
    received = signal.sigwait(SIGNALS)
    logger.info("stopping", signal=signal.Signals(received).name)
    stop.set()


def _names(parts: Sequence[Part]) -> list[str]:
    return [part.name for part in parts]


def _stacks() -> dict[str, list[str]]:
    """The calls in which each thread is, by its name."""
    frames = sys._current_frames()
    return {
        thread.name: [
            f"{call.name} {call.filename}:{call.lineno}"
            for call in traceback.extract_stack(frames[thread.ident])
        ]
        for thread in threading.enumerate()
        if thread.ident in frames
    }


def _join(parts: Sequence[Part]) -> list[str]:
    """Wait for the parts to finish their current work; return the names of those that did not."""
    deadline = time.monotonic() + GRACE
    for part in parts:
        part.join(max(0.0, deadline - time.monotonic()))
    late = _names([part for part in parts if part.is_alive()])
    if late:
        logger.error("did not stop in time; uncommitted work is rolled back", threads=late)
    else:
        logger.info("stopped")
    return late


def exit_now(code: int) -> None:
    """End the process at once, even when a thread is stuck in a call."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
