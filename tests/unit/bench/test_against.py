"""The table of a comparison of recorded turns, in which only GET exposure is slower, by 2 ms."""

from __future__ import annotations

import io

from rich.console import Console

from bench.against import show, worse
from bench.comparison import Turns

RECORDED = {
    "executions, batches of 1000": Turns(
        "fills/s",
        [7681.42, 10942.31, 7245.16, 4233.31, 5149.05],
        [7384.98, 14454.92, 7144.66, 5016.69, 7709.58],
        [16528.96, 6938.51, 4031.37, 9119.28, 4644.83],
    ),
    "GET exposure": Turns(
        "ms",
        [5.87, 6.77, 9.39, 10.78, 9.83],
        [4.48, 5.23, 7.32, 6.43, 10.61],
        [6.34, 6.88, 7.34, 10.93, 10.33],
    ),
}


def test_a_difference_within_the_noise_is_not_reported() -> None:
    printed = io.StringIO()
    show(RECORDED, "recorded", Console(file=printed, width=200))
    lines = [" ".join(line.split()) for line in printed.getvalue().splitlines()]

    assert worse(RECORDED) == ["GET exposure"]
    assert "executions, batches of 1000 7,092 7,385 fills/s 0.756 ± 115.4% none" in lines
    assert "GET exposure 8.37 6.43 ms 1.305 ± 27.9% worse" in lines
    assert "worse by more than 3%: GET exposure" in lines
