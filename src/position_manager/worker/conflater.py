"""Of many items with a key, the newest, and at most one in an interval."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

# Of more keys, those that were quiet longest are forgotten.
MOST_KEYS = 100_000


@dataclass(slots=True)
class _Slot(Generic[T]):
    """The newest time of a key, the item that waits, and when the next one is due."""

    time: int
    item: T | None = None
    due: float = -math.inf


class Conflater(Generic[T]):
    """Keeps the newest item of each key until it is due.

    The first item of a quiet key is due at once, the next one an interval later.
    """

    def __init__(self, interval: float, most_keys: int = MOST_KEYS) -> None:
        self._interval = interval
        self._most_keys = most_keys
        # Those released last are at the end.
        self._slots: dict[Hashable, _Slot[T]] = {}
        # One entry for each item that waits; the number keeps the order of equal times.
        self._queue: list[tuple[float, int, Hashable]] = []
        self._numbers = count()

    @property
    def waiting(self) -> int:
        """The number of items that wait."""
        return len(self._queue)

    @property
    def due(self) -> float:
        """When the next item is due."""
        return self._queue[0][0] if self._queue else math.inf

    def offer(self, key: Hashable, time: int, item: T, clock: int) -> T | None:
        """Keep the item unless a newer one is known; return the one that it supersedes, or itself.

        Of equal times the later one counts. `clock` is the present: an item of after it counts no
        longer, for the clock was set back since.
        """
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = _Slot(time)
        elif time < slot.time <= clock:
            return item
        superseded = slot.item
        slot.time, slot.item = time, item
        if superseded is None:
            heapq.heappush(self._queue, (slot.due, next(self._numbers), key))
        return superseded

    def release(self, now: float, early: bool = False) -> list[T]:
        """The items that are due, in that order; `early`: all that wait."""
        released: list[T] = []
        while self._queue and (early or self._queue[0][0] <= now):
            _, _, key = heapq.heappop(self._queue)
            slot = self._slots[key] = self._slots.pop(key)
            assert slot.item is not None
            released.append(slot.item)
            slot.item, slot.due = None, now + self._interval
        self._forget()
        return released

    def replace(self, change: Callable[[T], T]) -> None:
        """Put others in the place of the items that wait."""
        for _, _, key in self._queue:
            slot = self._slots[key]
            assert slot.item is not None
            slot.item = change(slot.item)

    def _forget(self) -> None:
        excess = len(self._slots) - self._most_keys
        if excess > 0:
            quiet = [key for key, slot in self._slots.items() if slot.item is None]
            for key in quiet[:excess]:
                del self._slots[key]
