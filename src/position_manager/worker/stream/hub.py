"""The newest events of the log in memory, for all clients of the stream.

Events have consecutive numbers, and a client knows the number up to which it has them. It
takes those it lacks from here, or from the log while they lie further back: by the number alone, so
that nothing is missed or doubled where it changes from one to the other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# The most that is kept. A client that lacks more has to catch up from the log, or is dropped where
# it had caught up before.
EVENTS = 10_000
BYTES = 32 * 1024**2
# The most that is sent at once, but for a larger event; of memory, each client has about as much.
AT_ONCE = 64 * 1024


class Event(NamedTuple):
    """An event of the log, and its text in the stream."""

    number: int
    type: str
    account: str | None
    frame: bytes


class Filter(NamedTuple):
    """The events that a client is sent."""

    accounts: frozenset[str] | None = None
    """None: of all accounts, and those that belong to none."""
    types: frozenset[str] | None = None

    def passes(self, event: Event) -> bool:
        """Whether the client is sent an event."""
        return (self.accounts is None or event.account in self.accounts) and (
            self.types is None or event.type in self.types
        )


class Batch(NamedTuple):
    """What a client is sent at once: text, and the number up to which it then has the events."""

    text: bytes
    last: int


def batch(events: Iterable[Event], after: int, wanted: Filter) -> Batch:
    """As much of the events behind `after` as is sent at once."""
    frames, size, last = [], 0, after
    for event in events:
        last = event.number
        if wanted.passes(event):
            frames.append(event.frame)
            size += len(event.frame)
            if size >= AT_ONCE:
                break
    return Batch(b"".join(frames), last)


class Hub:
    """The newest events; not safe to share between threads."""

    def __init__(self, most_events: int = EVENTS, most_bytes: int = BYTES) -> None:
        self._most_events = most_events
        self._most_bytes = most_bytes
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._last = 0
        self.is_started = False
        self._changed = asyncio.Event()
        # Most clients lack the same events.
        self._batches: dict[tuple[int, Filter], Batch] = {}

    @property
    def last(self) -> int:
        """The number of the newest event of the log that was seen."""
        return self._last

    def is_ahead_of(self, number: int) -> bool:
        """Whether there are events behind the one with a number."""
        return self._last > number

    def start(self, last: int) -> None:
        """Forget everything; the next event is the one behind `last`."""
        self._events.clear()
        self._batches.clear()
        self._bytes, self._last = 0, last
        self.is_started = True

    def append(self, events: Sequence[Event]) -> None:
        """Add the next events of the log, and wake who waits for them."""
        for event in events:
            if event.number != self._last + 1:
                raise ValueError(f"event {event.number} of the log follows {self._last}")
            self._last = event.number
            self._events.append(event)
            self._bytes += len(event.frame)
        while len(self._events) > self._most_events or self._bytes > self._most_bytes:
            self._bytes -= len(self._events.popleft().frame)
        self._batches.clear()
        self.wake()

    def since(self, after: int, wanted: Filter) -> Batch | None:
        """What follows an event; None when that is no longer here."""
        begin = after + 1 - (self._last + 1 - len(self._events))
        if begin < 0:
            return None
        found = self._batches.get((after, wanted))
        if found is None:
            events = (self._events[index] for index in range(begin, len(self._events)))
            found = self._batches[after, wanted] = batch(events, after, wanted)
        return found

    async def changed(self) -> None:
        """Wait for the next events, or until something else wakes."""
        await self._changed.wait()

    def wake(self) -> None:
        """Have everyone who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()
