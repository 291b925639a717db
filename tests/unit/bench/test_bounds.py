"""Bounds are reached or not exceeded; every ratio is of two figures of one group."""

from __future__ import annotations

import pytest

from bench.bounds import RATIOS, Bound, least, most


@pytest.mark.parametrize(
    ("bound", "within", "beyond", "shown"),
    [
        (least(0.35), 0.35, 0.349, ">= 0.35"),
        (most(1.5), 1.5, 1.501, "<= 1.5"),
        (least(5000), 5000, 4999, ">= 5,000"),
        (most(1), 0.2, 1.1, "<= 1"),
    ],
)
def test_a_bound_includes_its_value(bound: Bound, within: float, beyond: float, shown: str) -> None:
    assert (bound.met(within), bound.met(beyond), str(bound)) == (True, False, shown)


@pytest.mark.parametrize(
    ("name", "over", "under", "bound"),
    [
        (
            "1,000 legs / 40 legs",
            "batches of 1000, 1,000 legs",
            "batches of 1000, 40 legs",
            ">= 0.6",
        ),
        (
            "one fill, 5,000 / 10 positions",
            "one fill, 5,000 positions",
            "one fill, 10 positions",
            "<= 1.5",
        ),
        (
            "price visible, 10,000 / 1 holders",
            "price visible, 10,000 holders",
            "price visible, 1 holder",
            "<= 2",
        ),
        ("fill visible, p99 / GET", "fill visible, p99", "GET one position", "<= 12"),
        (
            "GET /positions / constant, 16 clients",
            "GET /positions, 16 clients",
            "constant function, 16 clients",
            ">= 0.08",
        ),
        (
            "verification step, long / short history",
            "verification step, long history",
            "verification step, short history",
            "<= 1.3",
        ),
    ],
)
def test_ratios_are_those_of_issue_11(name: str, over: str, under: str, bound: str) -> None:
    ratio = RATIOS[name]

    assert (ratio.over, ratio.under, str(ratio.bound)) == (over, under, bound)
