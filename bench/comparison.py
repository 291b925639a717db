"""Comparison of two trees measured in short slices, with the spread of identical trees.

A round measures each figure in four slices: of one tree, of the other, of the other, of the first
one again. The next round starts with the other tree. The ratio of a round compares the geometric
means of each tree's slices, so a machine that steadily slows down during a round changes nothing.

A round is also two pairs of neighbors, each with a ratio of its own. The ratio of the round is
their geometric mean. The spread comes from the square root of their quotient: in it the trees
cancel out, because both sides are the product of one slice of each tree, while everything that the
machine does to a slice adds up as in the ratio of the round. Had both trees the same code, the two
would be equally distributed, so the bounds of the median of the one are those of the other. A
steady slowdown does not cancel out in it: it makes the spread wider, never narrower.

A difference that two stacks keep for the whole run is no part of the spread. Hence both hold the
same rows, with the same statistics.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

# A figure may become worse by this much.
TOLERANCE = 0.03
# With fewer rounds even the interval of all values misses a median in one case of eight.
FEWEST_ROUNDS = 5
# A run has some 26 verdicts, none of which should be due to chance.
CONFIDENCE = 0.99


class Verdict(StrEnum):
    """The difference between the two trees in one measure of a figure."""

    NONE = "none"
    BETTER = "better"
    WITHIN = "within 3 %"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of a slice by message or request: elapsed, and of the CPU in all server processes."""

    elapsed: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Round:
    """The seconds of the two slices of each tree, in order."""

    this: tuple[float, float]
    that: tuple[float, float]

    def ratio(self) -> float:
        """The ratio of this tree to the other one."""
        return math.sqrt(math.prod(self.this) / math.prod(self.that))

    def identical(self) -> float:
        """The ratio that the machine alone causes between two sides with the same code."""
        (this, this_again), (that, that_again) = self.this, self.that
        return math.sqrt(this_again * that / (this * that_again))


@dataclass(frozen=True, slots=True)
class Measure:
    """All rounds of one measure of a figure."""

    rounds: list[Round] = field(default_factory=list)

    def medians(self) -> tuple[float, float]:
        """The median seconds of this tree and of the other one."""
        return (
            statistics.median(value for each in self.rounds for value in each.this),
            statistics.median(value for each in self.rounds for value in each.that),
        )

    def ratio(self) -> float:
        """The median ratio of this tree to the other one; above 1, this tree is slower."""
        return statistics.median(each.ratio() for each in self.rounds)

    def spread(self) -> float:
        """The largest difference of the median that two identical trees explain, as a share."""
        low, high = median_interval([each.identical() for each in self.rounds])
        return max(high, 1 / low) - 1

    def verdict(self) -> Verdict:
        """The verdict on the ratio; a difference within the spread counts as none."""
        ratio = self.ratio()
        if max(ratio, 1 / ratio) <= 1 + self.spread():
            return Verdict.NONE
        if ratio > 1 + TOLERANCE:
            return Verdict.WORSE
        return Verdict.BETTER if ratio < 1 else Verdict.WITHIN


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both measures of one figure."""

    elapsed: Measure = field(default_factory=Measure)
    cpu: Measure = field(default_factory=Measure)

    def add(self, this: Sequence[Cost], that: Sequence[Cost]) -> None:
        """Add a round: the costs of the two slices of each tree."""
        (first, again), (other, other_again) = this, that
        self.elapsed.rounds.append(
            Round((first.elapsed, again.elapsed), (other.elapsed, other_again.elapsed))
        )
        self.cpu.rounds.append(Round((first.cpu, again.cpu), (other.cpu, other_again.cpu)))

    def is_worse(self) -> bool:
        """Whether this tree is worse in either measure."""
        return Verdict.WORSE in (self.elapsed.verdict(), self.cpu.verdict())


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Bounds of the median of the distribution that `values` are drawn from.

    They are order statistics, so no distribution is assumed: the extremes of fewer than 12 values,
    and with more rounds an ever smaller part of them.
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
