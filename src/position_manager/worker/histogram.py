"""Histograms of durations and sizes, with cumulative buckets as in Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)


class Histogram:
    """The number of values up to each bound; not safe to share between threads without a lock."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def snapshot(self) -> dict[str, Any]:
        """Buckets (values up to each bound; ``+Inf`` is all of them), sum and count."""
        names = [*(f"{bound:g}" for bound in self._bounds), "+Inf"]
        counts = list(accumulate(self._counts))
        return {
            "buckets": dict(zip(names, counts, strict=True)),
            "sum": round(self._sum, 6),
            "count": counts[-1],
        }
