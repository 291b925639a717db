"""A worker process: its threads, the signals that stop it, its exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
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

    def run(self) -> None:
        """Work; a failure is logged here, and the main thread then ends the process."""
        try:
            self.work()
        except Exception:
            self.failed = True
            logger.exception("part failed", thread=self.name)

    @abstractmethod
    def work(self) -> None:
        """Work until ``self.stop`` is set."""


def block_signals() -> None:
    """Leave signals to :func:`run`; call it before any thread starts, as threads inherit this."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def run(parts: Sequence[Part], stop: threading.Event) -> int:
    """Run the parts until a signal arrives or one of them ends; return the exit code."""
    threading.Thread(target=_stop_on_signal, args=[stop], name="signals", daemon=True).start()
    for part in parts:
        part.start()
    logger.info("started", pid=os.getpid(), threads=[part.name for part in parts])
    has_failed = False
    while not has_failed and not stop.wait(LOOK_INTERVAL):
        has_failed = _has_failed(parts, stop)
    stop.set()
    return 1 if _join(parts) or has_failed or any(part.failed for part in parts) else 0


def _stop_on_signal(stop: threading.Event) -> None:
    # sigtimedwait() of CPython returns an uninitialized siginfo when the process was stopped and
    # continued meanwhile.
    received = signal.sigwait(SIGNALS)
    logger.info("stopping", signal=signal.Signals(received).name)
    stop.set()


def _has_failed(parts: Sequence[Part], stop: threading.Event) -> bool:
    """Whether a part has ended without having been asked to."""
    has_ended = not all(part.is_alive() for part in parts) and not stop.is_set()
    if has_ended:
        logger.error("a part ended unexpectedly, stopping")
    return has_ended


def _join(parts: Sequence[Part]) -> list[str]:
    """Wait for the parts to finish their current work; return the names of those that did not."""
    deadline = time.monotonic() + GRACE
    for part in parts:
        part.join(max(0.0, deadline - time.monotonic()))
    late = [part.name for part in parts if part.is_alive()]
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
