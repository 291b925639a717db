"""Percentiles, and sizes by scale."""

from __future__ import annotations

import pytest

from bench.timing import percentile, scaled


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1.0), (1, 1.0), (50, 50.0), (95, 95.0), (99, 99.0), (100, 100.0)]
)
def test_a_percentile_is_the_smallest_value_that_so_much_of_them_does_not_exceed(
    percent: int, value: float
) -> None:
    assert percentile([float(each) for each in range(100, 0, -1)], percent) == value


def test_a_percentile_of_few_values_is_one_of_them() -> None:
    assert [percentile([3, 1, 2], percent) for percent in (33, 34, 50, 99)] == [1, 2, 2, 3]


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        percentile([], 50)


@pytest.mark.parametrize(
    ("scale", "least", "size"),
    [(1, 1, 1000), (0.1, 1, 100), (0.001, 50, 50), (10, 1, 1000), (0.5, 2000, 1000)],
)
def test_a_size_shrinks_to_its_least_and_does_not_grow(scale: float, least: int, size: int) -> None:
    assert scaled(1000, scale, least) == size
