"""The verdict on two trees measured in turns."""

from __future__ import annotations

import math

import pytest

from bench.comparison import Turns, Verdict, median_interval

# A slow first round, and a machine that gets faster from turn to turn.
STEADY = [100.0, 101.0, 99.0, 100.5, 100.0]
AGAIN = [101.0, 100.0, 100.0, 100.0, 99.0]


def turns(factor: float, unit: str = "fills/s") -> Turns:
    """This tree has `factor` times the figure of the other one."""
    return Turns(unit, STEADY, [value / factor for value in STEADY], AGAIN)


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [
        (0.96, Verdict.WORSE),
        (0.975, Verdict.WITHIN),
        (0.995, Verdict.NONE),
        (1.0, Verdict.NONE),
        (1.005, Verdict.NONE),
        (1.02, Verdict.BETTER),
    ],
)
def test_a_lower_rate_is_worse(factor: float, verdict: Verdict) -> None:
    assert turns(factor).spread() == pytest.approx(0.0101, abs=1e-4)
    assert turns(factor).verdict() is verdict


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [
        (1.04, Verdict.WORSE),
        (1.025, Verdict.WITHIN),
        (1.005, Verdict.NONE),
        (0.98, Verdict.BETTER),
    ],
)
def test_a_longer_time_is_worse(factor: float, verdict: Verdict) -> None:
    assert turns(factor, "ms").verdict() is verdict


def test_a_difference_within_the_spread_is_not_significant() -> None:
    restless = Turns("fills/s", [100.0] * 5, [108.0] * 5, [100.0, 91.0, 104.0, 109.0, 97.0])

    assert restless.ratio() < 0.93
    assert restless.spread() == pytest.approx(1 / 0.91 - 1)
    assert restless.verdict() is Verdict.NONE


def test_a_steady_slowdown_does_not_change_ratios() -> None:
    decay = [0.98**turn for turn in range(15)]
    slowing = Turns("fills/s", decay[0::3], decay[1::3], decay[2::3])

    assert slowing.ratio() == pytest.approx(1)
    assert slowing.verdict() is Verdict.NONE


def test_one_disturbed_round_changes_neither_ratio_nor_verdict() -> None:
    that = [value / 0.9 for value in STEADY]
    disturbed = Turns("fills/s", STEADY, [*that[:-1], that[-1] / 3], AGAIN)

    assert disturbed.ratio() == pytest.approx(turns(0.9).ratio(), rel=0.01)
    assert disturbed.verdict() is Verdict.WORSE


def test_medians_of_the_current_tree_include_both_turns() -> None:
    assert Turns("ms", [1.0, 2.0], [5.0, 7.0], [3.0, 10.0]).medians() == (2.5, 6.0)


@pytest.mark.parametrize(
    ("rounds", "left_out"), [(5, 0), (6, 0), (8, 0), (9, 1), (12, 2), (15, 3), (20, 5)]
)
def test_more_rounds_discard_more_extremes(rounds: int, left_out: int) -> None:
    values = [float(value) for value in range(rounds)]

    assert median_interval(values[::-1]) == (left_out, rounds - 1 - left_out)
    beyond = sum(math.comb(rounds, k) for k in range(left_out + 1)) / 2**rounds
    assert 2 * beyond <= 1 / 16


def test_fewer_than_five_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 5 rounds are needed, not 4"):
        median_interval([1.0] * 4)
