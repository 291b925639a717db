"""Milliseconds of operations, and percentiles of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence


def milliseconds_of(operation: Callable[[], object]) -> float:
    """The milliseconds that one call takes."""
    began = time.perf_counter()
    operation()
    return (time.perf_counter() - began) * 1000


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least `percent` of a hundred values do not exceed."""
    if not values:
        raise ValueError("a percentile needs at least one value")
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


def scaled(size: int, scale: float, least: int = 1) -> int:
    """A size of the data, smaller with a scale below 1; not larger above, as names state it."""
    return min(size, max(int(size * scale), least))
