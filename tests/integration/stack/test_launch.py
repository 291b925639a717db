"""The cleanup before a part starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from position_manager.stack import launch
from position_manager.stack.processes import Record, exists, wait

# Ends at once on SIGTERM, but leaves a running child in its process group.
PARENT = """
import subprocess, sys
from pathlib import Path
from position_manager.stack.processes import Record
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
Record.of_this_process("", "TERM").write(Path(sys.argv[1]))
print(child.pid, flush=True)
child.wait()
"""

PROGRAM = Path(sys.executable)


def test_children_of_a_killed_part_are_terminated(tmp_path: Path) -> None:
    note = tmp_path / "part.process"
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, note], stdout=subprocess.PIPE, text=True, process_group=0
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    record = Record.read(note)
    assert record is not None
    assert not record.alive()
    assert exists(child)

    record.end()

    assert wait(lambda: not exists(child), 30)


def test_a_reused_process_id_is_left_alone(tmp_path: Path) -> None:
    note = tmp_path / "part.process"
    Record(os.getpid(), started=1, boot="another", spec="", stop_signal="KILL").write(note)
    record = Record.read(note)
    assert record is not None

    record.end(patience=0)

    assert not record.alive()


def test_a_truncated_record_is_ignored(tmp_path: Path) -> None:
    note = tmp_path / "part.process"
    note.write_text('{"pid": 1')

    assert Record.read(note) is None


def test_a_lock_held_by_an_unrelated_process_is_removed(tmp_path: Path) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{tmp_path}\n")

    launch.clear_postmaster_lock(tmp_path, PROGRAM)

    assert not lock.exists()


def test_a_stale_server_lock_is_left_to_postgresql(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/true"]) as gone:
        gone.wait()
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{gone.pid}\n{tmp_path}\n")

    launch.clear_postmaster_lock(tmp_path, PROGRAM)

    assert lock.exists()


def worker_in(folder: Path, ignoring: str) -> subprocess.Popen[str]:
    """A process with this working directory, which may ignore a signal; ready when returned."""
    program = f"import signal, time; {ignoring}; print(flush=True); time.sleep(60)"
    started = subprocess.Popen(
        [sys.executable, "-c", program], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    started.stdout.readline()
    return started


@pytest.mark.parametrize("ignoring", ["pass", "signal.signal(signal.SIGQUIT, signal.SIG_IGN)"])
def test_backends_that_outlive_a_killed_server_are_ended(tmp_path: Path, ignoring: str) -> None:
    with subprocess.Popen(["/bin/true"]) as gone:
        gone.wait()
    (tmp_path / "postmaster.pid").write_text(f"{gone.pid}\n{tmp_path}\n")
    with worker_in(tmp_path, ignoring) as backend:
        launch.clear_postmaster_lock(tmp_path, PROGRAM)

        assert backend.wait(5) < 0


def test_other_programs_in_the_folder_of_a_killed_server_are_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/true"]) as gone:
        gone.wait()
    (tmp_path / "postmaster.pid").write_text(f"{gone.pid}\n{tmp_path}\n")
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as shell:
        launch.clear_postmaster_lock(tmp_path, PROGRAM)

        assert shell.poll() is None
        shell.kill()


def test_a_server_that_still_runs_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "GRACE", 0.2)
    monkeypatch.setattr(launch, "PATIENCE", 0.2)
    with worker_in(tmp_path, "pass") as server:
        (tmp_path / "postmaster.pid").write_text(f"{server.pid}\n{tmp_path}\n")

        with pytest.raises(SystemExit, match="an earlier server still runs"):
            launch.clear_postmaster_lock(tmp_path, PROGRAM)

        assert server.poll() is None
        server.kill()
