"""An interrupted comparison leaves no process and no file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from position_manager.paths import ROOT
from position_manager.stack.processes import wait

STARTING = re.compile(r"starting both stacks in (\S+);")
# PostgreSQL takes some seconds to start on a busy machine.
PATIENCE = 120.0


def processes_with(texts: set[str]) -> list[str]:
    """The command lines of the processes that have one of the texts in theirs or in a setting."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            command = (process / "cmdline").read_text(errors="replace")
            settings = (process / "environ").read_text(errors="replace")
        except OSError:  # Gone meanwhile, or of another user.
            continue
        if any(text in command or text in settings for text in texts):
            found.append(command)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_comparison_leaves_nothing(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", "--against", "HEAD"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "COLUMNS": "500"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    starting = STARTING.match(process.stderr.readline())
    assert starting is not None
    folder = Path(starting[1])
    data = folder / "this" / "data"
    # This tree's stack has a running part, and the other tree is being installed.
    assert wait((folder / "this" / "run" / "postgres.process").exists, PATIENCE)
    assert wait((folder / "tree" / ".venv").exists, PATIENCE)
    places = {str(folder), str(data.resolve())}
    assert len(processes_with(places)) > 2

    process.send_signal(number)
    process.communicate(timeout=PATIENCE)

    assert process.returncode == 128 + number
    assert processes_with(places) == []
    assert [place for place in places if Path(place).exists()] == []
