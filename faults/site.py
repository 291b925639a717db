"""What a fault acts on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pika
import psycopg
from pika.adapters.blocking_connection import BlockingChannel

from faults.audit import Audit
from faults.stream import Queued, Requested
from position_manager.stack import rabbitmq
from position_manager.stack.context import SUPERUSER
from position_manager.stack.parts import record_of
from position_manager.stack.stack import Stack

CTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


@dataclass(frozen=True, slots=True)
class Site:
    """A running stack under a stream. `seconds` is how long a fault lasts."""

    stack: Stack
    queued: Queued
    requested: Requested
    audit: Audit
    seconds: float

    def hold(self, seconds: float | None = None) -> None:
        """Let the fault last."""
        time.sleep(self.seconds if seconds is None else seconds)

    def pid(self, part: str) -> int:
        """The process of a part."""
        record = record_of(self.stack.context, part)
        if record is None:
            raise RuntimeError(f"{part} was never started")
        return record.pid

    @contextmanager
    def stopped(self, *pids: int) -> Iterator[None]:
        """Have processes hang."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                _send(pid, signal.SIGCONT)

    @contextmanager
    def connected(self, user: str = SUPERUSER, **options: Any) -> Iterator[psycopg.Connection[Any]]:
        """A connection to the database, outside of transactions."""
        with psycopg.connect(
            self.stack.context.dsn(user), autocommit=True, **options
        ) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A reader in a transaction: no row that is deleted meanwhile can be removed."""
        with self.connected() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.transaction():
                connection.execute("SELECT 1 FROM pms.positions LIMIT 1")
                yield

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel to the broker."""
        parameters = pika.URLParameters(rabbitmq.url(self.stack.context))
        with pika.BlockingConnection(parameters) as connection:
            yield connection.channel()

    def control_broker(self, *arguments: str) -> None:
        """Run rabbitmqctl."""
        spec = self.stack.part("rabbitmq").spec
        subprocess.run(
            [CTL, "-n", rabbitmq.NODE, *arguments],
            env=spec.env,
            cwd=spec.cwd,
            user=spec.user,
            group=spec.user,
            extra_groups=None if spec.user is None else [],
            check=True,
            capture_output=True,
        )

    def wait(self, done: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for something that the fault needs."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError("the fault could not be brought about")
            time.sleep(0.1)


# Brings about a fault and ends it; returns what it found wrong itself.
Fault = Callable[[Site], Sequence[str] | None]


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
