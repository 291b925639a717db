"""Comparison of two trees measured in turns, with the spread of identical trees.

Each round measures this tree, the other one, and this one again. The outer two are the same tree,
so their ratio shows what the machine alone does to a ratio of that round.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

# A figure may become worse by this much.
TOLERANCE = 0.03
# With fewer rounds the interval of a median would miss more than one case in sixteen.
FEWEST_ROUNDS = 5
CONFIDENCE = 15 / 16
# Units in which less is better.
TIMES = ("ms",)


class Verdict(StrEnum):
    """The difference between the two trees in one figure."""

    NONE = "none"
    BETTER = "better"
    WITHIN = "within 3 %"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Turns:
    """The values of one figure, one a round in each list."""

    unit: str
    this: list[float] = field(default_factory=list)
    that: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)

    def medians(self) -> tuple[float, float]:
        """The median of this tree and that of the other one."""
        return statistics.median(self.this + self.again), statistics.median(self.that)

    def ratio(self) -> float:
        """The median ratio of this tree to the other one.

        The other tree's turn lies in the middle of a round. Against the mean of the two turns
        around it, a machine that steadily slows down changes nothing.
        """
        rounds = zip(self.this, self.that, self.again, strict=True)
        return statistics.median(math.sqrt(this * again) / that for this, that, again in rounds)

    def spread(self) -> float:
        """The largest difference of the median that two identical trees explain, as a share."""
        rounds = zip(self.this, self.again, strict=True)
        low, high = median_interval([again / this for this, again in rounds])
        return max(high, 1 / low) - 1

    def verdict(self) -> Verdict:
        """The verdict on the ratio; a difference within the spread counts as none."""
        slowdown = self.ratio() if self.unit in TIMES else 1 / self.ratio()
        if max(slowdown, 1 / slowdown) <= 1 + self.spread():
            return Verdict.NONE
        if slowdown > 1 + TOLERANCE:
            return Verdict.WORSE
        return Verdict.BETTER if slowdown < 1 else Verdict.WITHIN


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Bounds of the median of the distribution that `values` are drawn from.

    They are order statistics, so no distribution is assumed: all of five values, and with more
    rounds an ever smaller part of them.
    """
    count = len(values)
    if count < FEWEST_ROUNDS:
        raise ValueError(f"at least {FEWEST_ROUNDS} rounds are needed, not {count}")
    ordered, left_out = sorted(values), 0
    while _chance_beyond(count, left_out + 1) <= 1 - CONFIDENCE:
        left_out += 1
    return ordered[left_out], ordered[-1 - left_out]


def _chance_beyond(count: int, left_out: int) -> float:
    """The chance that the median lies beyond the bounds without `left_out` values at each end."""
    return 2 * sum(math.comb(count, below) for below in range(left_out + 1)) / 2.0**count
