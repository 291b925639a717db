"""Every example prints its recorded output.

``EXAMPLES=write .venv/bin/python -m pytest tests/e2e/docs/test_examples.py`` renews the records.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from position_manager.stack.stack import Stack
from tests.conftest import Database
from tests.helpers.tree import ROOT

# They hand a password to psql, see test_commands.
pytestmark = pytest.mark.xdist_group("command-lines")
EXAMPLES = ROOT / "examples"
QUERIES = sorted(EXAMPLES.glob("*.sql"))
PROGRAMS = sorted(EXAMPLES.glob("*.py"))
RENEW = "EXAMPLES=write .venv/bin/python -m pytest tests/e2e/docs/test_examples.py"


def run(command: list[str], **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compare(example: Path, printed: str) -> None:
    record = example.with_name(f"{example.name}.out")
    if os.environ.get("EXAMPLES") == "write":
        record.write_text(printed)
    assert record.exists(), f"no record yet: {RENEW}"
    assert printed == record.read_text(), f"if this is meant: {RENEW}"


@pytest.mark.parametrize("example", QUERIES, ids=lambda path: path.stem)
def test_a_query_prints_its_recorded_output(example: Path, database: Database) -> None:
    arguments = ["--no-psqlrc", "--echo-all", "--set=ON_ERROR_STOP=1", f"--file={example}"]
    dsn = database.dsn("pms_operator")

    compare(example, run(["psql", *arguments, dsn], PGTZ="UTC"))


@pytest.mark.parametrize("example", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_prints_its_recorded_output(example: Path, stack: Stack) -> None:
    compare(example, run([sys.executable, str(example)], **stack.env()))


def test_every_example_has_recorded_output_and_a_line_in_the_readme() -> None:
    page = (EXAMPLES / "README.md").read_text()
    recorded = {path.name.removesuffix(".out") for path in EXAMPLES.glob("*.out")}

    assert len(QUERIES) >= 5
    assert len(PROGRAMS) >= 2
    assert recorded == {path.name for path in [*QUERIES, *PROGRAMS]}
    assert [path.name for path in [*QUERIES, *PROGRAMS] if f"({path.name})" not in page] == []
