"""Counters of the gateway's log: requests, their durations, exceeded limits, uses of keys.

Text that a client can choose freely (paths, methods, key ids) never becomes a label, so the number
of counters is bounded by the documented paths, the published names and the keys.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from position_manager.worker.histogram import SECONDS, Histogram

# The paths of openapi.yaml; braces stand for one segment.
PATHS = (
    "/health",
    "/metrics",
    "/api/v1/docs",
    "/api/v1/openapi.yaml",
    "/api/v1/openapi.json",
    "/api/v1/positions",
    "/api/v1/positions/{asset}",
    "/api/v1/positions/{asset}/validate",
    "/api/v1/positions/{asset}/snapshot",
    "/api/v1/positions/{asset}/snapshots",
    "/api/v1/positions/{asset}/entries",
    "/api/v1/positions/{asset}/cycles",
    "/api/v1/fills",
    "/api/v1/fills/{fill}/bust",
    "/api/v1/fills/{fill}/correct",
    "/api/v1/prices",
    "/api/v1/funding",
    "/api/v1/transfers",
    "/api/v1/cash",
    "/api/v1/cash/transfers",
    "/api/v1/cash/{entry}/bust",
    "/api/v1/history",
    "/api/v1/statistics",
    "/api/v1/limits",
    "/api/v1/limits/{limit}",
    "/api/v1/instruments",
    "/api/v1/snapshots",
    "/api/v1/reviews",
    "/api/v1/events",
    "/api/v1/discrepancies",
    "/api/v1/discrepancies/{id}/accept",
    "/api/v1/discrepancies/{id}/dismiss",
    "/api/v1/portfolio",
    "/api/v1/portfolio/exposure",
    "/api/v1/portfolio/pnl",
    "/api/v1/portfolio/pnl/periods",
    "/api/v1/portfolio/check",
    "/api/v1/stream",
    "/api/v1/session",
)
_PATTERNS = [
    (path, re.compile(re.sub(r"\\{[a-z]+\\}", "[^/]+", re.escape(path)))) for path in PATHS
]
_NATIVE = re.compile(r"/rest/(rpc/)?[a-z][a-z_]{0,62}")
_KEY_ID = re.compile(r"pms_([a-z0-9-]{1,32})")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"

UNAUTHORIZED, FORBIDDEN, LIMITED = 401, 403, 429


@dataclass(frozen=True, slots=True)
class Request:
    """A request, as one line of the log reports it."""

    method: str
    path: str
    status: int
    seconds: float
    address: str
    key: str | None
    """The id of the key that the gateway recognized."""
    key_id: str | None
    """The id in the key that the client sent."""
    upstream_status: str

    @classmethod
    def of_log(cls, line: dict[str, str]) -> Request:
        """The request of a line; raises KeyError or ValueError for a line of another format."""
        claimed = _KEY_ID.fullmatch(line["key_id"])
        return cls(
            method=line["method"] if line["method"] in METHODS else OTHER,
            path=line["path"],
            status=int(line["status"]),
            seconds=float(line["seconds"]),
            address=line["address"],
            key=line["key"] or None,
            key_id=claimed[1] if claimed else None,
            upstream_status=line["upstream_status"],
        )

    @property
    def route(self) -> str:
        """The path as documented, such as ``/api/v1/positions/{asset}``."""
        for path, pattern in _PATTERNS:
            if pattern.fullmatch(self.path):
                return path
        # Only names that exist get a label, and only authorized requests show that they exist.
        if self.status < 400 and _NATIVE.fullmatch(self.path):
            return self.path
        return "/rest/*" if self.path.startswith("/rest/") else OTHER

    @property
    def used_key(self) -> str | None:
        """The id of the key that authenticated the request; None when none did."""
        if self.status == UNAUTHORIZED or not self.path.startswith(("/api/v1/", "/rest/")):
            return None
        if self.key is not None:
            return self.key
        # The gateway does not know every key; the database accepted this one.
        # A request that was sent twice has two statuses.
        status = self.upstream_status.rpartition(" ")[2]
        let_in = status.startswith("2") or status == str(FORBIDDEN)
        return self.key_id if let_in else None


@dataclass(slots=True)
class Use:
    """The number of uses of a key since the last report, and the time and address of the last."""

    requests: int
    at: datetime
    address: str


class RequestCounters:
    """Counters since the start of the process; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: dict[str, Histogram] = defaultdict(lambda: Histogram(SECONDS))
        self._limited: Counter[str] = Counter()
        self._refused_keys = 0
        self._uses: dict[str, Use] = {}

    def count(self, request: Request) -> None:
        """Count one more request."""
        route, key = request.route, request.used_key
        with self._lock:
            self._requests[route, request.method, request.status] += 1
            self._seconds[route].add(request.seconds)
            if request.status == LIMITED:
                self._limited["address" if request.key is None else f"key {request.key}"] += 1
            elif request.status == UNAUTHORIZED and request.key_id is not None:
                self._refused_keys += 1
            if key is not None:
                before = self._uses.get(key)
                uses = 1 if before is None else before.requests + 1
                self._uses[key] = Use(uses, datetime.now(UTC), request.address)

    def take_uses(self) -> dict[str, Use]:
        """Return the uses of keys since the last call, by key id."""
        with self._lock:
            taken, self._uses = self._uses, {}
        return taken

    def give_back(self, uses: dict[str, Use]) -> None:
        """Add `uses` again after a failed report."""
        with self._lock:
            for key, use in uses.items():
                newer = self._uses.get(key)
                if newer is None:
                    self._uses[key] = use
                else:
                    newer.requests += use.requests

    def snapshot(self) -> dict[str, Any]:
        """A consistent copy of all counters, as reported to the database."""
        requests: dict[str, dict[str, dict[str, int]]] = {}
        with self._lock:
            for (route, method, status), count in self._requests.items():
                requests.setdefault(route, {}).setdefault(method, {})[str(status)] = count
            return {
                "requests": requests,
                "seconds": {route: each.snapshot() for route, each in self._seconds.items()},
                "limited": dict(self._limited),
                "refused_keys": self._refused_keys,
            }
