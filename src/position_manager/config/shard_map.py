"""Which shard has an account: the hash of its name chooses a bucket, a map names the shard of each.

nginx chooses the same bucket by `split_clients` with 1,000 parts of 0.1 %, the last one `*`. The
hash never changes; only the map does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from position_manager.config.settings import MAX_SHARD, ConfigError
from position_manager.names import is_name

BUCKETS = 1000

_UINT32 = 0xFFFFFFFF
_MULTIPLIER = 0x5BD1E995
# nginx rounds each part down before it adds them: the last one is larger by what that leaves.
_PART = _UINT32 // BUCKETS


def account_hash(name: bytes) -> int:
    """MurmurHash2 of 32 bits with the seed 0, as `ngx_murmur_hash2` computes it."""
    value = len(name)
    whole = len(name) & ~3
    for start in range(0, whole, 4):
        word = int.from_bytes(name[start : start + 4], "little") * _MULTIPLIER & _UINT32
        word = (word ^ word >> 24) * _MULTIPLIER & _UINT32
        value = value * _MULTIPLIER & _UINT32 ^ word
    if rest := name[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * _MULTIPLIER & _UINT32
    value = (value ^ value >> 13) * _MULTIPLIER & _UINT32
    return value ^ value >> 15


@lru_cache(maxsize=65_536)
def bucket_of(account: str) -> int:
    """The bucket of an account, 0 to 999; that of a book (`account|book`) is its account's."""
    # A message may have half a surrogate pair in a name that the database will refuse.
    name = account.partition("|")[0].encode(errors="replace")
    return min(account_hash(name) // _PART, BUCKETS - 1)


@dataclass(frozen=True, slots=True)
class ShardMap:
    """The shard of each bucket, and of the accounts that are pinned to one whatever their bucket.

    `shard` is that of the database from which the map was read, if it is one's.
    """

    version: int
    shard: int | None
    buckets: tuple[int, ...]
    pinned: Mapping[str, int]

    def shard_of(self, account: str) -> int:
        """The shard of an account, or of a book."""
        name = account.partition("|")[0]
        found = self.pinned.get(name)
        return self.buckets[bucket_of(name)] if found is None else found

    @property
    def shards(self) -> list[int]:
        """Every shard that has a bucket or an account."""
        return sorted({*self.buckets, *self.pinned.values()})

    @classmethod
    def read(cls, file: Path) -> ShardMap:
        """Read a map; raise :class:`ConfigError`, which names the file and the field."""
        try:
            return cls.parse(json.loads(file.read_bytes(), object_pairs_hook=_unique))
        except OSError as error:
            raise ConfigError(f"{file}: {error.strerror}") from None
        except ValueError as error:
            raise ConfigError(f"{file}: {error}") from None

    @classmethod
    def parse(cls, document: Any) -> ShardMap:
        """The map of a document; raises :class:`ValueError`, which names the field."""
        if not isinstance(document, dict):
            raise ValueError("must be one JSON object")
        if unknown := sorted(set(document) - {"version", "shard", "buckets", "pinned"}):
            raise ValueError(f"{unknown[0]} is not a field of a map")
        shard = document.get("shard")
        return cls(
            _number(document.get("version"), "version", 1, 2**53),
            None if shard is None else _number(shard, "shard", 0, MAX_SHARD),
            _buckets(document.get("buckets")),
            dict(_pinned(document.get("pinned", {}))),
        )

    def document(self) -> dict[str, Any]:
        """What :meth:`parse` reads, with adjacent buckets of a shard as one range."""
        starts = [
            bucket
            for bucket, shard in enumerate(self.buckets)
            if bucket == 0 or self.buckets[bucket - 1] != shard
        ]
        ends = [*(start - 1 for start in starts[1:]), BUCKETS - 1]
        ranges = zip(starts, ends, strict=True)
        return {
            "version": self.version,
            "shard": self.shard,
            "buckets": [[start, end, self.buckets[start]] for start, end in ranges],
            "pinned": dict(self.pinned),
        }


class WatchedMap:
    """The file of a map, which is replaced while the service runs."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None

    def read(self) -> ShardMap:
        """The map; raises :class:`ConfigError`."""
        self._seen = self._digest()
        return ShardMap.read(self._file)

    def changed(self) -> ShardMap | None:
        """The map when the file has changed since it was read; raises :class:`ConfigError` once."""
        return None if self._digest() == self._seen else self.read()

    def forget(self) -> None:
        """Have the next look take the map for a new one."""
        self._seen = None

    def _digest(self) -> tuple[int, int, int] | None:
        """What changes with the file; None when there is none."""
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns


def _buckets(value: Any) -> tuple[int, ...]:
    """The shard of each bucket, from ranges that cover all of them once."""
    if not isinstance(value, list):
        raise ValueError("buckets must be a list of [from, to, shard]")
    shards: dict[int, int] = {}
    for place, item in enumerate(value):
        name = f"buckets[{place}]"
        if not isinstance(item, list) or len(item) != 3:
            raise ValueError(f"{name} must be [from, to, shard]")
        start = _number(item[0], f"{name}[0]", 0, BUCKETS - 1)
        end = _number(item[1], f"{name}[1]", start, BUCKETS - 1)
        shard = _number(item[2], f"{name}[2]", 0, MAX_SHARD)
        if twice := sorted(shards.keys() & set(range(start, end + 1))):
            raise ValueError(f"{name} has the bucket {twice[0]}, which another range has")
        shards |= dict.fromkeys(range(start, end + 1), shard)
    if missing := sorted(set(range(BUCKETS)) - shards.keys()):
        raise ValueError(f"buckets must cover 0 to {BUCKETS - 1}, and lack {missing[0]}")
    return tuple(shards[bucket] for bucket in range(BUCKETS))


def _pinned(value: Any) -> Iterator[tuple[str, int]]:
    if not isinstance(value, dict):
        raise ValueError("pinned must be an object of shards by account")
    for account, shard in value.items():
        if not is_name(account):
            raise ValueError(f"pinned has {account[:64]!r}, which is no name of an account")
        yield account, _number(shard, f"pinned[{account!r}]", 0, MAX_SHARD)


def _number(value: Any, name: str, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return value


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"{name} comes twice in one object")
        members[name] = value
    return members
