"""A run of the tests and its stacks, which end with it in whatever way it ends.

The first process of a run starts ``python -m tests.helpers.runs``, in a session of its own, which
waits for that process. Where the run was killed, this guard ends its other processes and deletes
its stacks; after an orderly end nothing is left to do.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from position_manager.config.service import ServiceSettings
from position_manager.config.stack import StackSettings
from position_manager.paths import ROOT
from position_manager.stack.context import PORT_FIELDS, StackConfig
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import send
from position_manager.stack.stack import Stack

TEST_STACKS = ROOT / ".stack" / "test"
# All processes of one run have it in their environment: the folder of its first stack, which is
# named after the first process. The folders of its other stacks begin with that name.
FOLDER_VARIABLE = "PMS_TEST_STACK"


def private_stack(folder: Path, **settings: object) -> Stack:
    """A stack in `folder` on free ports, or the one that is already there."""
    port, *others = free_ports(1 + len(PORT_FIELDS))
    config = StackConfig(
        dir=folder,
        service=ServiceSettings.model_validate({"port": port} | settings),
        ports=StackSettings.model_validate(dict(zip(PORT_FIELDS, others, strict=True))),
    )
    return Stack(config.as_started())


def remove_stacks(done: Callable[[int], bool]) -> None:
    """Delete the stacks of the runs that are done, each named by its first process."""
    TEST_STACKS.mkdir(parents=True, exist_ok=True)
    with FileLock(TEST_STACKS / "removal.lock"):
        for folder in TEST_STACKS.glob("[0-9]*"):
            if done(_run_of(folder)):
                private_stack(folder).down(delete=True)


def start_guard() -> None:
    """Begin a run with this process, and have it guarded."""
    run = os.getpid()
    environment = {name: word for name, word in os.environ.items() if name != FOLDER_VARIABLE}
    subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.runs", str(run)],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.environ[FOLDER_VARIABLE] = str(TEST_STACKS / str(run))


def guard(run: int) -> None:
    """Wait for the end of a run's first process, then end what is left of the run."""
    process = os.pidfd_open(run)
    # Another process may have the number already.
    if os.getppid() == run:
        select.select([process], [], [])
    variable = os.fsencode(f"{FOLDER_VARIABLE}={TEST_STACKS / str(run)}")
    _kill(lambda pid: variable in (pid / "environ").read_bytes().split(b"\0"))
    folders = [folder for folder in TEST_STACKS.glob("[0-9]*") if _run_of(folder) == run]
    places = tuple(str((folder / "data").resolve()) for folder in folders)
    remove_stacks(lambda found: found == run)
    # Such as a gateway that one test had.
    _kill(lambda pid: os.readlink(pid / "cwd").startswith(places))


def _kill(wanted: Callable[[Path], bool]) -> None:
    """Kill the processes whose folder in /proc shows that they are wanted."""
    for entry in Path("/proc").glob("[0-9]*"):
        # It may be gone meanwhile, or belong to another user and so not to the run.
        with suppress(OSError):
            if wanted(entry):
                send(int(entry.name), signal.SIGKILL)


def _run_of(folder: Path) -> int:
    return int(folder.name.split("-")[0])


if __name__ == "__main__":
    guard(int(sys.argv[1]))
