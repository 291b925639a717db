"""The commands of ``position-manager``, run in this process or in a separate one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner, Result

from position_manager.cli.app import app
from tests.helpers.runs import FOLDER_VARIABLE


def commands(*path: str) -> dict[str, str]:
    """The help of every command by name; of a group's when it is named."""
    group = root()
    for name in path:
        found = group.commands[name]
        assert isinstance(found, TyperGroup)
        group = found
    return {name: command.help or "" for name, command in group.commands.items()}


def leaves(group: TyperGroup, *path: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """The commands of a group by name, with the names of their groups."""
    for name, command in group.commands.items():
        assert isinstance(command, TyperCommand | TyperGroup)
        if isinstance(command, TyperGroup):
            yield from leaves(command, *path, name)
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            yield " ".join((*path, name)), command


def root() -> TyperGroup:
    """All commands."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def lists() -> set[str]:
    """The commands that list rows."""
    return {
        name
        for name, command in leaves(root())
        if any(option.name == "as_csv" for option in command.params)
    }


def terminal(width: int | None) -> dict[str, str]:
    """The environment of a terminal without colors; None is a pipe."""
    if width is None:
        return {}
    return {"TTY_COMPATIBLE": "1", "TERM": "dumb", "COLUMNS": str(width), "LINES": "50"}


def at_terminal(*arguments: str) -> Result:
    """Run a command without a service, at a terminal."""
    return CliRunner().invoke(app, arguments, env=terminal(200))


class Cli:
    """The commands, against one service."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)

    def __call__(self, *arguments: str, width: int | None = 200) -> Result:
        """Run a command in this process, at a terminal of that width, or into a pipe."""
        return CliRunner().invoke(app, arguments, env=self._env | terminal(width))

    def held(self, account: str, asset: str) -> dict[str, Any]:
        """A position, as ``positions`` shows it."""
        shown = self("positions", asset, "--account", account, "--json")
        assert shown.exit_code == 0, shown.output
        found: dict[str, Any] = json.loads(shown.stdout)
        return found

    def entries(self, *arguments: str) -> list[dict[str, Any]]:
        """Entries of the ledger, as ``fills list`` shows them."""
        shown = self("fills", "list", *arguments, "--json")
        assert shown.exit_code == 0, shown.output
        found: list[dict[str, Any]] = json.loads(shown.stdout)["fills"]
        return found

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Start a command as a process of its own; kill it when the block ends before it."""
        with subprocess.Popen(
            [Path(sys.executable).with_name("position-manager"), *arguments],
            env=self._env | {name: os.environ[name] for name in ("PATH", FOLDER_VARIABLE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()
