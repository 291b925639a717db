"""Who is connected to the stream, with which key; how many, and what became of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from position_manager.worker.histogram import SECONDS, Histogram
from position_manager.worker.stream.hub import Filter


class Key(NamedTuple):
    """A key as the database has it; a change of any of this ends its streams."""

    id: str
    role: str
    accounts: tuple[str, ...] | None


@dataclass(eq=False, slots=True)
class Client:
    """A client: its key, what it is sent, and the number up to which it has the events."""

    digest: bytes
    key: Key
    filter: Filter
    position: int
    is_live: bool = False
    """Whether it has caught up with the log once."""
    is_ended: bool = False

    def stays(self) -> bool:
        """Whether its stream goes on."""
        return not self.is_ended

    def end(self) -> None:
        """End its stream once it has what is on its way."""
        self.is_ended = True


class Clients:
    """The clients that are connected, and counters since the start of the process."""

    def __init__(self, most_per_key: int) -> None:
        self._most_per_key = most_per_key
        self._clients: set[Client] = set()
        self._per_key: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._lag = Histogram(SECONDS)
        self._checked = time.monotonic()

    def unchecked_for(self) -> float:
        """The seconds since the keys in use were last checked."""
        return time.monotonic() - self._checked

    def add(self, client: Client) -> bool:
        """Add a client; False when its key has as many as it may have."""
        if self._per_key[client.key.id] >= self._most_per_key:
            self.count("stream_refused")
            return False
        self._per_key[client.key.id] += 1
        self._clients.add(client)
        self.count("stream_opened")
        return True

    def remove(self, client: Client) -> None:
        """Forget a client that is no longer connected."""
        self._clients.remove(client)
        self._per_key[client.key.id] -= 1
        if not self._per_key[client.key.id]:
            del self._per_key[client.key.id]

    def digests(self) -> list[bytes]:
        """The digests of the keys in use."""
        return list({client.digest for client in self._clients})

    def end_unless(self, keys: dict[bytes, Key]) -> int:
        """End the streams whose key is not as it was; return their number."""
        self._checked = time.monotonic()
        changed = [client for client in self._clients if keys.get(client.digest) != client.key]
        for client in changed:
            client.end()
        return len(changed)

    def end(self) -> None:
        """End all streams."""
        for client in self._clients:
            client.end()

    def count(self, name: str) -> None:
        """Count one more occurrence of something."""
        self._counts[name] += 1

    def lagged(self, seconds: float) -> None:
        """Note how long an event took from its commit to the stream."""
        self._lag.add(seconds)

    def snapshot(self) -> dict[str, Any]:
        """The counters, as reported to the database."""
        return {
            "stream_clients": len(self._clients),
            "stream_lag_seconds": {"stream": self._lag.snapshot()},
            **{name: self._counts[name] for name in COUNTS},
        }


COUNTS = ("stream_opened", "stream_refused", "stream_dropped")
