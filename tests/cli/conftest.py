"""What the tests of the command line need: the commands, and a stack that may be broken."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from position_manager.cli.app import app
from position_manager.stack.stack import Stack
from tests.conftest import private_stack


class Cli:
    """The commands, against one service."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)

    def __call__(self, *arguments: str, width: int = 200) -> Result:
        """Run a command in this process."""
        return CliRunner().invoke(app, arguments, env=self._env | {"COLUMNS": str(width)})

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command as a process of its own."""
        return subprocess.Popen(
            [Path(sys.executable).with_name("position-manager"), *arguments],
            env=self._env | {"PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def cli(stack: Stack) -> Cli:
    """The commands, against the stack that all tests share."""
    return Cli(stack.env())


@pytest.fixture(scope="session")
def traded(run_folder: Path) -> Iterator[Stack]:
    """A stack of our own: only demos trade on it, and its parts may be killed."""
    with private_stack(run_folder.with_name(f"{run_folder.name}-demo")) as stack:
        yield stack
