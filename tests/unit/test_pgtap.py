"""Run every pgTAP script in the folders beside this file, each in a separate database."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from position_manager.stack import postgres
from tests.helpers.client_programs import without_password

SCRIPTS = [
    pytest.param(
        script,
        # A deployment of the last release sets its connection limits for the whole server.
        marks=[pytest.mark.xdist_group("release")] * (script.stem == "privileges"),
        id=script.stem,
    )
    for script in sorted(Path(__file__).parent.rglob("*.sql"))
]


def complaints(tap: str) -> list[str]:
    """The faults of a TAP report: failed lines with their diagnostics, and a broken plan."""
    lines = tap.splitlines()
    plans = [int(line[3:]) for line in lines if re.fullmatch(r"1\.\.\d+", line)]
    results = [line for line in lines if re.match(r"(not )?ok \d+", line)]
    wrong = [line for line in lines if line.startswith(("not ok", "#"))]
    if len(plans) != 1 or plans[0] == 0:
        wrong.append(f"one plan of at least one test was expected, not {plans}")
    elif plans[0] != len(results):
        wrong.append(f"{plans[0]} tests were planned, {len(results)} ran")
    return wrong


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_pgtap_file_passes(script: Path, dsn: str) -> None:
    psql = postgres.bin_dir() / "psql"
    address, env = without_password(dsn)
    done = subprocess.run(
        [psql, address, "--no-psqlrc", "-qAt", "--set=ON_ERROR_STOP=1", f"--file={script}"],
        cwd=script.parent,
        env=env,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert complaints(done.stdout) == [], done.stdout


@pytest.mark.parametrize(
    ("tap", "complaint"),
    [
        ("1..2\nok 1 - a\nnot ok 2 - b\n# Failed test 2", "not ok 2 - b"),
        ("1..2\nok 1 - a", "2 tests were planned, 1 ran"),
        ("ok 1 - a", "one plan of at least one test was expected, not []"),
        ("1..0", "one plan of at least one test was expected, not [0]"),
    ],
)
def test_a_bad_report_fails(tap: str, complaint: str) -> None:
    assert complaint in complaints(tap)


def test_a_good_report_passes() -> None:
    assert complaints("1..2\nok 1 - a\nok 2 - b") == []
