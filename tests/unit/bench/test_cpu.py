"""The CPU time of a process tree."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.cpu import seconds_of_cpu

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
# The child burns; the parent waits for it, then lives on until its input ends.
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}])
print("done", flush=True)
sys.stdin.read()
"""


def test_the_time_of_a_process_is_exact() -> None:
    code = BURN + "import sys\nprint(time.process_time(), flush=True)\nsys.stdin.read()\n"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        printed = float(process.stdout.readline())
        seen = seconds_of_cpu(process.pid)
        process.stdin.close()

    assert printed <= seen == pytest.approx(printed, abs=0.005)


def test_the_time_of_descendants_counts_while_they_run_as_after_they_end() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        seen = [0.0]
        os.set_blocking(parent.stdout.fileno(), False)
        while not parent.stdout.read():
            seen.append(seconds_of_cpu(parent.pid))
        seen.append(seconds_of_cpu(parent.pid))
        parent.stdin.close()

    assert any(0.1 < each < 0.3 for each in seen), "a running child's time is not seen"
    assert 0.3 <= seen[-1] < 1
    assert seen[-1] >= max(seen) - 0.03


def test_a_process_that_has_ended_has_used_nothing_more() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert seconds_of_cpu(process.pid) == 0
