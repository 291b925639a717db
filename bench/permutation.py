"""A permutation test of paired times."""

from __future__ import annotations

import random
from collections.abc import Sequence

PERMUTATIONS = 5_000


def p_value(pairs: Sequence[tuple[float, float]], chance: random.Random) -> float:
    """The probability of a difference as large as that of `pairs` if both sides are alike.

    If they are alike, each difference could as well have the other sign. The statistic is that of
    Wilcoxon's signed ranks: a few pauses of the machine do not decide it.
    """
    differences = sorted((left - right for left, right in pairs), key=abs)
    found = abs(sum(rank if it > 0 else -rank for rank, it in enumerate(differences, 1)))
    ranks = range(1, len(differences) + 1)
    total = sum(ranks)
    larger = 0
    for _ in range(PERMUTATIONS):
        signs = chance.getrandbits(len(differences))
        positive = sum(rank for rank in ranks if signs >> rank - 1 & 1)
        larger += abs(2 * positive - total) >= found
    return (larger + 1) / (PERMUTATIONS + 1)
