"""The limits of the gateway as nginx reads them: ``limits.conf``, beside its configuration.

``log.conf`` gives it ``$key_handle``. ``counting.conf`` gives it what a request is counted by
(``$counted_by``, a name of the limits) and as (``$counted_as``, which holds the address where that
is counted; ``$querying`` is the same for queries below ``/rest/``). It answers whose key a handle
is and ``$allowance`` (requests a minute; empty: not counted), and has a zone for each number of
requests a minute that is in use. Disabled rate limits leave the requests under way limited.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import md5
from math import ceil
from pathlib import Path
from typing import Any

from position_manager.config.service import ServiceSettings
from position_manager.gateway import files

FILE = "limits.conf"
# Requests of a key under way, and those among them that are queries: half of the connections, see
# position_manager.stack.postgrest.
CONCURRENT = 6
QUERIES = 3
ADDRESS, OPEN = "address", "open"
HEAD = "# Written by rate-limit-sync, which reloads nginx after each change.\n"


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of a key, or of clients without one; no requests per minute: not counted."""

    id: str
    per_minute: int | None
    burst: int | None
    concurrent: int
    handle: str | None = None
    fingerprint: str | None = None


def fingerprint(key: str) -> bytes:
    """The digest by which the gateway identifies a key; nginx offers only MD5.

    Known attacks on MD5 make collisions, not a second key for a given fingerprint.
    """
    return md5(f"position-manager:{key}".encode(), usedforsecurity=False).digest()


def handle(key: str) -> str:
    """The part of a key between ``pms_`` and the next ``_``; ``?`` for a key of another form."""
    start, _, rest = key.partition("_")
    name, separator, _ = rest.partition("_")
    is_name = 0 < len(name) <= 32 and all(c.islower() or c.isdigit() or c == "-" for c in name)
    return name if start == "pms" and separator and name.isascii() and is_name else "?"


def of_document(document: dict[str, Any]) -> list[Limit]:
    """The limits in the result of ``pms.gateway_limits_document``."""
    return [Limit(**each) for each in document["limits"]]


def before_any_key(enabled: bool, default: int) -> list[Limit]:
    """Limits until the first sync: every client is counted by its address."""
    if not enabled:
        return []
    numbers = {ADDRESS: default, OPEN: max(600, default)}
    return [Limit(name, number, ceil(number / 5), CONCURRENT) for name, number in numbers.items()]


def configuration(limits: Sequence[Limit], queries: int = QUERIES) -> str:
    """The text of the file; of each client at most `queries` requests are queries under way."""
    keys = [limit for limit in limits if limit.handle is not None and limit.fingerprint is not None]
    allowances = [(_counter(each), each.per_minute) for each in limits if each.per_minute]
    bursts = {each.per_minute: each.burst for each in limits if each.per_minute}
    lines = [
        *_map("$key_handle", "$fingerprint_of_handle", ((k.handle, _encoded(k)) for k in keys)),
        *_map("$key_handle", "$key_of_handle", ((k.handle, k.id) for k in keys)),
        *_map("$counted_by", "$allowance", allowances),
        *_map("$allowance", "$next_in", ((n, ceil(60 / n)) for n in sorted(bursts)), default="1"),
    ]
    for number, burst in sorted(bursts.items()):
        lines += _map("$allowance", f"$counted_{number}", [(number, "$counted_as")])
        lines += [
            f"limit_req_zone $counted_{number} zone=of_{number}:8m rate={number}r/m;",
            f"limit_req zone=of_{number} burst={burst} nodelay;",
        ]
    concurrent = min((each.concurrent for each in limits), default=CONCURRENT)
    lines += [
        "limit_conn_zone $counted_as zone=under_way:8m;",
        "limit_conn_zone $querying zone=querying:8m;",
        f"limit_conn under_way {concurrent};",
        f"limit_conn querying {queries};",
    ]
    return HEAD + "\n".join(lines) + "\n"


def numbers(limits: Sequence[Limit]) -> dict[str, int]:
    """Requests per minute by id, as reported to the database once they are in force."""
    return {limit.id: limit.per_minute for limit in limits if limit.per_minute is not None}


def _counter(limit: Limit) -> str:
    """The name of a counter; the prefix keeps a key named ``open`` apart."""
    return limit.id if limit.handle is None else f"key {limit.id}"


def _encoded(limit: Limit) -> str:
    """The fingerprint in the encoding of nginx's secure_link module."""
    return urlsafe_b64encode(bytes.fromhex(limit.fingerprint or "")).decode().rstrip("=")


def _map(
    source: str, target: str, pairs: Iterable[tuple[object, object]], default: str = '""'
) -> Iterator[str]:
    yield f"map {source} {target} {{"
    yield f"    default {default};"
    seen = set()
    for name, value in pairs:
        # Of two keys with one handle only the first gets it; the other is counted by address.
        if name not in seen:
            yield f'    "{name}" "{value}";'
        seen.add(name)
    yield "}"


def write_initial_limits(folder: Path, service: ServiceSettings) -> None:
    """Write the limits that nginx starts with, unless rate-limit-sync has written some."""
    if not (folder / FILE).exists():
        limits = before_any_key(service.rate_limit_enabled, service.rate_limit_default)
        files.write(folder / FILE, configuration(limits))


def write_limits(folder: Path, text: str) -> bool:
    """Write the limits and reload the nginx of the folder; False when they are unchanged."""
    return files.update(folder / FILE, text)
