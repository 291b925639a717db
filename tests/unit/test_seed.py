"""Random values are reproducible: a run derives them from the seed that it prints."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import core

from position_manager.paths import ROOT


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """pytest, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", __file__, "-k", "generated_values", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "SEED"} | variables,
        text=True,
        capture_output=True,
    )


def test_generated_values_start_from_the_seed_of_the_run(seed: int) -> None:
    assert core.global_force_seed == seed


@pytest.mark.parametrize("arguments", [[], ["-q"], ["-n", "1"]], ids=" ".join)
def test_a_run_prints_its_seed(arguments: list[str]) -> None:
    done = run(*arguments, SEED="1234")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed: 1234 (SEED=1234 make test repeats it)" in done.stdout


def test_a_run_without_a_seed_chooses_a_random_one() -> None:
    one, other = (
        next(line for line in run().stdout.splitlines() if line.startswith("seed: "))
        for _ in range(2)
    )

    assert one != other


def test_a_seed_that_is_not_a_number_is_refused() -> None:
    done = run(SEED="x")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "SEED must be a number" in done.stderr
