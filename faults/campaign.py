"""A campaign: one fault after the other under a stream, and a comparison after each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg

from faults import broker, data, disk, parts, server
from faults.audit import Audit, Findings
from faults.events import LIST, UNLIST, Subscriber, Watcher
from faults.follower import Follower
from faults.site import Site
from faults.stream import Queued, Requested, Sender
from position_manager.stack.stack import Stack

FAULTS = parts.FAULTS | server.FAULTS | broker.FAULTS | data.FAULTS | disk.FAULTS
# Messages a second through the queues.
RATE = 60
# Seconds of the stream after each fault.
AFTER = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fault did."""

    fault: str
    sent: int
    requested: int
    repeated: int
    """Requests that were sent again."""
    events: int
    events_again: int
    """Events that came again under the id that they had."""
    seconds: float
    """Until everything had arrived, from the end of the stream on."""
    findings: Findings


Report = Callable[[Outcome], None]


class Campaign:
    """A stream into a running stack, and faults in the order of a seed."""

    def __init__(
        self, stack: Stack, seed: int, names: Sequence[str], seconds: float, hold: float
    ) -> None:
        self._stack = stack
        self._rng = random.Random(seed)
        self._seconds = seconds
        self._hold = hold
        self._names = names
        self._queued = Queued(stack, seed, RATE)
        self._requested = Requested(stack, seed)
        self._watchers = (Subscriber(stack), Follower(stack))
        self._audit = Audit(stack, self._queued, self._requested, self._watchers)
        self.outcomes: list[Outcome] = []

    def run(self, report: Report = lambda _outcome: None) -> bool:
        """Cause each fault once, and again until the time is over; return whether all was exact."""
        site = Site(self._stack, self._queued, self._requested, self._audit, self._hold)
        until = time.monotonic() + self._seconds
        with self._streams():
            while True:
                for name in self._rng.sample(self._names, len(self._names)):
                    outcome = self._phase(site, name)
                    self.outcomes.append(outcome)
                    report(outcome)
                    if time.monotonic() > until and len(self.outcomes) >= len(self._names):
                        return not any(outcome.findings for outcome in self.outcomes)

    def _phase(self, site: Site, name: str) -> Outcome:
        before = self._counts()
        problems = list(FAULTS[name](site) or ())
        time.sleep(AFTER)
        with self._queued.paused(), self._requested.paused():
            if not parts.everything_is_ready(site):
                problems.append("not every part is ready")
            seconds = self._audit.settle()
            findings = self._audit.compare()
            findings.unexplained += problems
        sent, requested, repeated, events, again = (
            now - then for now, then in zip(self._counts(), before, strict=True)
        )
        return Outcome(name, sent, requested, repeated, events, again, seconds, findings)

    def _counts(self) -> tuple[int, ...]:
        """Messages, requests, requests that were repeated, events, events that came again."""
        requested = self._requested
        sent = self._queued.sent + sum(map(len, self._audit.others.values()))
        return sent, requested.sent, requested.repeated, *self._audit.arrivals()

    @contextmanager
    def _streams(self) -> Iterator[None]:
        clients: tuple[Watcher | Sender, ...] = (*self._watchers, self._queued, self._requested)
        dsn = self._stack.context.dsn()
        with ExitStack() as ending:
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute(LIST)
            ending.callback(self._forget, dsn)
            for each in clients:
                each.start()
                ending.callback(each.stop)
            yield

    def _forget(self, dsn: str) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(UNLIST)
