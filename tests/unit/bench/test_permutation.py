"""The permutation test of paired times."""

from __future__ import annotations

import random

from bench.permutation import p_value

PAIRS = 200


def pairs(shift: float, chance: random.Random) -> list[tuple[float, float]]:
    """Times of two requests, the first one slower by `shift`; some meet a pause of the machine."""

    def taken() -> float:
        return 3 + chance.expovariate(2) + (50 if chance.random() < 0.02 else 0)

    return [(taken() + shift, taken()) for _ in range(PAIRS)]


def test_a_difference_is_found_in_either_direction() -> None:
    chance = random.Random(1)
    slower = pairs(0.3, chance)

    assert p_value(slower, chance) < 0.002
    assert p_value([(right, left) for left, right in slower], chance) < 0.002


def test_equal_times_are_rarely_told_apart() -> None:
    chance = random.Random(1)
    found = sorted(p_value(pairs(0, chance), chance) for _ in range(20))

    assert found[0] > 0.002
    assert 0.2 < found[10] < 0.8
