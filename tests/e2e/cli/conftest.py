"""Fixtures of the CLI tests: the commands, and a stack that may be broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.runs import private_stack


@pytest.fixture
def cli(stack: Stack) -> Cli:
    """The commands, against the stack that all tests share."""
    return Cli(stack.env())


@pytest.fixture(scope="session")
def traded(run_folder: Path) -> Iterator[Stack]:
    """A stack of our own: only demos trade on it, and its parts may be killed."""
    with private_stack(run_folder.with_name(f"{run_folder.name}-demo")) as stack:
        yield stack
