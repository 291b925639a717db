"""The stacks of a run of the tests end with it, also when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from position_manager.paths import ROOT
from position_manager.stack.parts import CLEAN_ENV
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers.runs import FOLDER_VARIABLE

PATIENCE = 10.0
# A run that is to be killed has it: the file in which it names its folders.
FOLDERS_FILE = "PMS_RUN_TO_KILL"

if FOLDERS_FILE in os.environ:

    def test_a_long_one(server: Stack) -> None:
        """Run until killed, with a stack and two processes beside it."""
        # A shell that runs this in the background ignores it for all that it starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        server.up(["postgres", "epmd"])
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        subprocess.Popen(sleep)
        gateway = subprocess.Popen(sleep, env=CLEAN_ENV, cwd=server.context.data)
        folders_file = Path(os.environ[FOLDERS_FILE])
        folders_file.with_suffix(".new").write_text(f"{server.context.dir}\n{server.context.data}")
        folders_file.with_suffix(".new").rename(folders_file)
        try:
            time.sleep(600)
        finally:
            gateway.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_of_a_killed_run_stays(number: signal.Signals, tmp_path: Path) -> None:
    folders_file = tmp_path / "folders_file"
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", __file__, "-k", "test_a_long_one"],
        cwd=ROOT,
        env=os.environ | {FOLDERS_FILE: str(folders_file)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert wait(folders_file.exists, 60)
    folders = tuple(folders_file.read_text().split("\n"))
    assert len(_processes_of(folders)) >= 5

    run.send_signal(number)
    run.wait(PATIENCE)

    assert wait(lambda: not _processes_of(folders), PATIENCE), _processes_of(folders)
    assert wait(lambda: not any(Path(folder).exists() for folder in folders), PATIENCE)


def _processes_of(folders: tuple[str, ...]) -> list[str]:
    """The command lines of the processes that have to do with these folders."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (entry / "cmdline").read_text()
            environment = (entry / "environ").read_text(errors="replace")
            if (
                any(folder in command for folder in folders)
                or f"{FOLDER_VARIABLE}={folders[0]}\0" in environment
                or os.readlink(entry / "cwd").startswith(folders)
            ):
                found.append(command.replace("\0", " "))
    return found
