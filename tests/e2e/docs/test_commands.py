"""The commands of the documents print the documented output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from position_manager.paths import ROOT
from position_manager.stack.stack import Stack
from tests.helpers.command_lines import watched
from tests.helpers.documents import DOCUMENTS, SPECS, Step, steps

# Every command line of the machine is watched: programs of other tests must not run meanwhile.
pytestmark = pytest.mark.xdist_group("command-lines")
RUN = [document for document in DOCUMENTS if any(steps(document))]

# A reader sees that a request was refused; here it fails. What a step prints ends with a mark.
PREAMBLE = """\
set -euo pipefail
curl() { command curl --silent --show-error --fail-with-body --max-time 20 "$@"; }
"""
MARK = "-- end of step --"


@pytest.fixture
def clone(stack: Stack, tmp_path: Path) -> Path:
    """A folder with .stack and .venv, as after `make up`."""
    (tmp_path / ".stack").mkdir()
    for name in ("env", "key.header"):
        (tmp_path / ".stack" / name).write_text((stack.config.dir / name).read_text())
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(document_steps: list[Step], clone: Path) -> list[str]:
    """Run all steps in one shell; return the output of each."""
    script = PREAMBLE + f"\necho\necho '{MARK}'\n".join(step.commands for step in document_steps)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "HOME": str(clone), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr}"
    return done.stdout.split(f"{MARK}\n")


@pytest.mark.parametrize("document", RUN, ids=lambda document: document.name)
def test_every_documented_command_prints_the_documented_output(
    document: Path, clone: Path, stack: Stack
) -> None:
    given = list(steps(document))

    with watched(asdict(stack.context.secrets).values()) as secrets_shown:
        answers = run(given, clone)

    assert secrets_shown == set()
    for step, printed in zip(given, answers, strict=True):
        if step.prints is None:
            continue
        answer = json.loads(printed)
        if isinstance(step.prints, dict):
            answer = {name: answer[name] for name in step.prints}
        assert answer == step.prints, step.commands


def test_the_readme_can_be_followed_twice(clone: Path) -> None:
    readme = list(steps(ROOT / "README.md"))

    assert [len(run(readme, clone)) for _ in range(2)] == [len(readme)] * 2


def test_every_command_block_is_run() -> None:
    assert {document.name for document in RUN} == {"README.md", "quickstart.md"}
    readme = (ROOT / "README.md").read_text()
    quickstart = (SPECS / "quickstart.md").read_text()

    assert len(list(steps(ROOT / "README.md"))) == readme.count("<!-- runs -->") + readme.count(
        "| `curl "
    )
    assert len(list(steps(SPECS / "quickstart.md"))) == quickstart.count("<!-- runs -->")
