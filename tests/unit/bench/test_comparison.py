"""The verdict on two trees measured in alternating slices."""

from __future__ import annotations

import math

import pytest

from bench.comparison import Comparison, Cost, Measure, Round, Verdict, median_interval

# Seconds of one slice and of the next, by round: a calm machine.
CALM = [(100.0, 101.0), (101.0, 100.0), (99.0, 100.0), (100.5, 100.0), (100.0, 99.0)]


def measure(factor: float) -> Measure:
    """This tree takes `factor` times as long as the other one, which takes the same each time."""
    return Measure([Round((one * factor, two * factor), (100.0, 100.0)) for one, two in CALM])


def measured(seconds: list[float]) -> Measure:
    """Rounds of four slices each, in the order of time; every other round starts with `that`."""
    rounds = []
    for number, start in enumerate(range(0, len(seconds), 4)):
        first, second, second_again, first_again = seconds[start : start + 4]
        trees = ((first, first_again), (second, second_again))
        this, that = trees if number % 2 == 0 else reversed(trees)
        rounds.append(Round(this, that))
    return Measure(rounds)


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [
        (1.04, Verdict.WORSE),
        (1.025, Verdict.WITHIN),
        (1.002, Verdict.NONE),
        (1.0, Verdict.NONE),
        (0.997, Verdict.NONE),
        (0.98, Verdict.BETTER),
    ],
)
def test_a_longer_time_is_worse(factor: float, verdict: Verdict) -> None:
    assert measure(factor).spread() == pytest.approx(0.005, abs=1e-4)
    assert measure(factor).verdict() is verdict


def test_a_difference_within_the_spread_is_not_significant() -> None:
    factors = [1.0, 1.2, 0.9, 1.1, 1.0]
    restless = Measure([Round((108.0, 108.0 * each), (100.0, 100.0)) for each in factors])

    assert restless.ratio() > 1.03
    assert restless.spread() == pytest.approx(math.sqrt(1.2) - 1)
    assert restless.verdict() is Verdict.NONE


def test_a_steady_slowdown_does_not_change_ratios() -> None:
    slowing = measured([1.02**slice_ for slice_ in range(20)])

    assert slowing.ratio() == pytest.approx(1)
    assert slowing.verdict() is Verdict.NONE


def test_a_steady_slowdown_widens_the_spread() -> None:
    assert measured([1.02**slice_ for slice_ in range(20)]).spread() == pytest.approx(0.02)


def test_slices_that_cost_more_with_every_entry_do_not_widen_the_spread() -> None:
    growing = Measure([Round((5.0 + n, 6.0 + n), (5.0 + n, 6.0 + n)) for n in range(5)])

    assert growing.spread() == pytest.approx(0)


def test_the_difference_of_the_trees_is_no_part_of_the_spread() -> None:
    assert measure(3.0).spread() == pytest.approx(measure(1.0).spread())
    assert measure(3.0).ratio() == pytest.approx(3, rel=0.01)


def test_one_disturbed_round_changes_neither_ratio_nor_verdict() -> None:
    disturbed = Measure([*measure(1.1).rounds[:-1], Round((330.0, 330.0), (100.0, 100.0))])

    assert disturbed.ratio() == pytest.approx(measure(1.1).ratio(), rel=0.01)
    assert disturbed.verdict() is Verdict.WORSE


def test_medians_include_both_slices_of_a_round() -> None:
    rounds = [Round((1.0, 3.0), (5.0, 7.0)), Round((2.0, 10.0), (6.0, 9.0))]

    assert Measure(rounds).medians() == (2.5, 6.5)


@pytest.mark.parametrize(
    ("elapsed", "cpu", "is_worse"),
    [
        (1.0, 1.0, False),
        (1.04, 1.0, True),
        (1.0, 1.04, True),
        (1.04, 0.9, True),
        (1.02, 1.02, False),
    ],
)
def test_a_figure_is_worse_when_either_time_is(elapsed: float, cpu: float, is_worse: bool) -> None:
    comparison = Comparison()
    for one, two in CALM:
        this = [Cost(each * elapsed, each * cpu) for each in (one, two)]
        comparison.add(this, [Cost(100.0, 100.0)] * 2)

    assert comparison.is_worse() is is_worse


@pytest.mark.parametrize(
    ("rounds", "left_out"), [(5, 0), (8, 0), (11, 0), (12, 1), (15, 2), (20, 3), (60, 19)]
)
def test_more_rounds_discard_more_extremes(rounds: int, left_out: int) -> None:
    values = [float(value) for value in range(rounds)]

    assert median_interval(values[::-1]) == (left_out, rounds - 1 - left_out)


@pytest.mark.parametrize("rounds", [8, 12, 20, 33, 60])
def test_the_interval_misses_the_median_in_one_case_of_a_hundred(rounds: int) -> None:
    left_out, _ = median_interval([float(value) for value in range(rounds)])

    def missed(below: int) -> float:
        return 2 * sum(math.comb(rounds, each) for each in range(below + 1)) / 2.0**rounds

    assert missed(int(left_out)) <= 0.01 < missed(int(left_out) + 1)


def test_fewer_than_five_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 5 rounds are needed, not 4"):
        median_interval([1.0] * 4)
