"""The CPU time of backends that start and end while it is measured."""

from __future__ import annotations

import pytest

from bench.idle import BackendClock


def test_each_backend_counts_from_its_first_to_its_last_reading() -> None:
    readings = iter([{1: 5.0, 2: 1.0}, {1: 5.5, 2: 1.25, 3: 0.25}, {1: 6.0, 3: 0.5}])
    clock = BackendClock(lambda: next(readings))
    clock.read()

    # 1 goes on, 2 has ended, 3 has started since.
    assert clock.used() == pytest.approx(1.0 + 0.25 + 0.5)
