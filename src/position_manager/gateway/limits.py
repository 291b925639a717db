"""The limits of the gateway as nginx reads them: ``limits.conf``, beside its configuration.

``log.conf`` gives it ``$key_handle``. ``access.conf`` gives it what a request is counted by
(``$counted_by``, a name of the limits) and as (``$counted_as``, which holds the address where that
is counted). It answers whose key a handle is and ``$allowance`` (requests a minute; empty: not
counted), and has a zone for each number of requests a minute that is in use.
"""

from __future__ import annotations

import os
import signal
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import md5
from math import ceil
from pathlib import Path
from typing import Any

from position_manager.config.service import ServiceSettings

FILE = "limits.conf"
ADDRESS, OPEN = "address", "open"
HEAD = "# Written by the gatekeeper, who has nginx read it again after each change.\n"


@dataclass(frozen=True, slots=True)
class Limit:
    """How much one key may ask, or an address without one."""

    id: str
    per_minute: int
    burst: int
    concurrent: int
    handle: str | None = None
    fingerprint: str | None = None


def fingerprint(key: str) -> bytes:
    """By what the gateway knows a key. nginx can do no better than md5, and has no need to.

    Nobody can make another key with the fingerprint of one he does not have.
    """
    return md5(f"position-manager:{key}".encode(), usedforsecurity=False).digest()


def handle(key: str) -> str:
    """What stands in a key between ``pms_`` and ``_``; ? in one that is not made so."""
    start, _, rest = key.partition("_")
    name, separator, _ = rest.partition("_")
    is_name = 0 < len(name) <= 32 and all(c.islower() or c.isdigit() or c == "-" for c in name)
    return name if start == "pms" and separator and name.isascii() and is_name else "?"


def of_document(document: dict[str, Any]) -> list[Limit]:
    """What ``pms.gateway_limits`` answers; no limits when they are turned off."""
    return [Limit(**each) for each in document["limits"]] if document["enabled"] else []


def before_any_key(enabled: bool, default: int) -> list[Limit]:
    """Until the gatekeeper has told which keys there are, everybody is counted by address."""
    if not enabled:
        return []
    numbers = {ADDRESS: default, OPEN: max(600, default)}
    return [Limit(name, number, ceil(number / 5), 16) for name, number in numbers.items()]


def configuration(limits: Sequence[Limit]) -> str:
    """The file. No limits at all: nobody is counted, but who asks is still known."""
    keys = [limit for limit in limits if limit.handle is not None and limit.fingerprint is not None]
    lines = [
        *_map("$key_handle", "$fingerprint_of_handle", ((k.handle, _encoded(k)) for k in keys)),
        *_map("$key_handle", "$key_of_handle", ((k.handle, k.id) for k in keys)),
        *_map("$counted_by", "$allowance", ((_counter(each), each.per_minute) for each in limits)),
    ]
    numbers = {limit.per_minute: limit for limit in limits}
    lines += _map(
        "$allowance", "$next_in", ((n, ceil(60 / n)) for n in sorted(numbers)), default="1"
    )
    for number, limit in sorted(numbers.items()):
        lines += _map("$allowance", f"$counted_{number}", [(number, "$counted_as")])
        lines += [
            f"limit_req_zone $counted_{number} zone=of_{number}:8m rate={number}r/m;",
            f"limit_req zone=of_{number} burst={limit.burst} nodelay;",
        ]
    lines.append("limit_conn_zone $counted_as zone=under_way:8m;")
    lines += [f"limit_conn under_way {limits[0].concurrent};"] if limits else []
    return HEAD + "\n".join(lines) + "\n"


def numbers(limits: Sequence[Limit]) -> dict[str, int]:
    """Requests a minute by id: what is in force with that file."""
    return {limit.id: limit.per_minute for limit in limits}


def _counter(limit: Limit) -> str:
    """A key may be called as it likes, also ``open``."""
    return limit.id if limit.handle is None else f"key {limit.id}"


def _encoded(limit: Limit) -> str:
    """As nginx's secure_link compares it."""
    return urlsafe_b64encode(bytes.fromhex(limit.fingerprint or "")).decode().rstrip("=")


def _map(
    source: str, target: str, pairs: Iterable[tuple[object, object]], default: str = '""'
) -> Iterator[str]:
    yield f"map {source} {target} {{"
    yield f"    default {default};"
    seen = set()
    for name, value in pairs:
        # Two keys of one handle: the first by its id. The other is counted by its address.
        if name not in seen:
            yield f'    "{name}" "{value}";'
        seen.add(name)
    yield "}"


def write_initial_limits(folder: Path, service: ServiceSettings) -> None:
    """Write the limits that nginx starts with, unless the gatekeeper has left some."""
    if not (folder / FILE).exists():
        limits = before_any_key(service.rate_limit_enabled, service.rate_limit_default)
        _replace(folder / FILE, configuration(limits))


def write_limits(folder: Path, text: str) -> bool:
    """Write the limits and have the nginx of that folder read them; False when it has them."""
    path = folder / FILE
    if path.exists() and path.read_text() == text:
        return False
    _replace(path, text)
    reload(folder)
    return True


def _replace(path: Path, text: str) -> None:
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    # Not as secret as keys are, but of no use to other users.
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


def reload(folder: Path) -> None:
    """Have the nginx of this folder read its configuration; one that does not run will anyway."""
    note = folder / "nginx.pid"
    try:
        pid = int(note.read_text())
        title = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    # A killed one leaves its note, and its number may be another's by now.
    if title.startswith(b"nginx: master") and str(folder).encode() in title:
        os.kill(pid, signal.SIGHUP)
