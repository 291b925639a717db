"""A step of the setup is shown from its start to its end."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess

import pytest

from position_manager.paths import ROOT

PROGRESS = ROOT / "ops" / "progress"
SECONDS = 10


@pytest.mark.parametrize(
    ("states", "last"), [("", "complete"), ("1 collected\n2 installed\n", "2 installed")]
)
def test_a_log_has_the_start_of_a_step_and_its_last_state(states: str, last: str) -> None:
    shown = subprocess.run(
        [PROGRESS, "packages"], input=states, capture_output=True, text=True, check=True
    ).stdout

    assert re.fullmatch(rf"packages \.\.\.\npackages: {last} in \d+ s\n", shown)


def test_a_terminal_shows_a_step_before_its_first_state() -> None:
    terminal, end = pty.openpty()
    with subprocess.Popen([PROGRESS, "packages"], stdin=subprocess.PIPE, stdout=end) as step:
        assert select.select([terminal], [], [], SECONDS)[0], "nothing shown"
        assert os.read(terminal, 100) == b"packages ..."
        step.communicate(timeout=SECONDS)
    os.close(end)
    os.close(terminal)
