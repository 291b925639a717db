"""For any request the service responds as documented, and never with a 5xx.

The number of examples of each operation leaves out the phases that count for themselves.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from position_manager.paths import ROOT
from tests.helpers.openapi import FILE, lasts, operations
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.service import Service
from tests.helpers.soak import SOAKING, sized

pytestmark = pytest.mark.xdist_group("fuzz")
EXAMPLES = sized(3, 500)
CONFIG = ROOT / "tests" / "integration" / "api" / "schemathesis.toml"
HOOKS = "tests.helpers.fuzz_names"
TESTED = re.compile(r"Tested: (\d+)")


@pytest.fixture(scope="module")
def alone(run_folder: Path) -> Iterator[Service]:
    """A separate service, with data under the names of the document."""
    # As many requests as it likes: the limits are tested where they are built.
    folder = run_folder.with_name(f"{run_folder.name}-fuzz")
    stack = prepared_stack(folder, rate_limit_default=1_000_000)
    try:
        stack.up()
        service = Service(stack)
        for quantity in ("2", "-2", "1.5", "-0.5"):
            service.fill("main", "BTCUSDT", quantity, "50000")
        service.mark("BTCUSDT", "50100")
        service.fill("main", "ETHUSDT", "3", mode="hedge", position_side="long")
        assert service.post("/api/v1/positions/BTCUSDT/snapshot").status_code == 201
        yield service
    finally:
        stack.down(delete=True)


@pytest.fixture(scope="module")
def key(alone: Service) -> str:
    """A key that may do everything."""
    return alone.new_key("operator", lives="1 day")


def fuzz(key: str, seed: int, folder: Path, location: str, *options: str) -> str:
    """Run schemathesis; return its output."""
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [program, "--no-color", "--config-file", CONFIG, "run", location, f"--seed={seed}",
         f"--max-examples={EXAMPLES}", *options],
        env=os.environ
        | {"FUZZ_KEY": key, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_responses_match_the_openapi_document(
    alone: Service, key: str, seed: int, tmp_path: Path
) -> None:
    output = fuzz(key, seed, tmp_path, str(FILE), f"--url={alone.url}", "--checks=all")

    assert TESTED.findall(output) == [str(sum(not lasts(it) for it in operations()))]


def test_the_native_interface_never_fails(
    alone: Service, key: str, seed: int, tmp_path: Path
) -> None:
    # Its description is its own: addresses, paths and parameters are found in it.
    phases = "coverage,fuzzing,stateful" if SOAKING else "fuzzing"
    output = fuzz(
        key, seed, tmp_path, f"{alone.url}/rest/", "--checks=not_a_server_error",
        f"--phases={phases}",
    )  # fmt: skip

    assert int(TESTED.findall(output)[0]) > 50
