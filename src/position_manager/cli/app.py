"""Operate Position Manager.

The module of a command is imported when the command runs, or when its help is shown, so that the
others cost no time.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from position_manager import __version__
from position_manager.cli.commands import Commands, Group
from position_manager.terminal import echo

# By heading of the help: the commands, each with its module in this package.
COMMANDS = {
    "Positions": {
        "positions": "positions",
        "portfolio": "positions",
        "books": "books",
        "pnl": "pnl",
        "stats": "stats",
        "history": "history",
        "explain": "explain",
        "cycles": "explain",
        "fifo": "explain",
        "snapshots": "snapshots",
        "export": "export",
    },
    "Trading": {
        "fills": "ledger",
        "funding": "ledger",
        "transfer": "transfers",
        "cash": "cash",
        "move-fills": "transfers",
        "move-to-book": "transfers",
        "actions": "actions",
        "instruments": "instruments",
        "prices": "prices",
        "import": "imports",
    },
    "Risk": {
        "check": "check",
        "risk-limits": "risk",
    },
    "Review": {
        "reviews": "reviews",
        "discrepancies": "reconciliation",
        "conflicts": "conflicts",
        "amendments": "amendments",
        "repeats": "repeats",
        "restatements": "explain",
        "validate": "reconciliation",
        "validations": "reconciliation",
        "verify": "reconciliation",
        "dead-letters": "dead_letters",
    },
    "Operation": {
        "up": "stack",
        "down": "stack",
        "status": "stack",
        "logs": "stack",
        "doctor": "doctor",
        "ledger": "ledger_archive",
        "cluster": "cluster",
        "demo": "demo",
        "open": "open_page",
        "jobs": "operations",
        "keys": "access",
        "rate-limits": "access",
        "audit": "access",
        "deploy": "deploy",
        "backup": "backup",
        "keep-backups": "backup",
        "restore": "backup",
    },
}
RENAMED = {"limits": "rate-limits"}


class Modules(MutableMapping[str, Any]):
    """The commands by name; a command is imported when it is looked up."""

    def __init__(self) -> None:
        self._places = {
            name: (heading, module)
            for heading, commands in COMMANDS.items()
            for name, module in commands.items()
        }
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            heading, module = self._places[name]
            found = import_module(f"position_manager.cli.{module}")
            command = typer.main.get_group(found.app).commands[name]
            assert isinstance(command, typer.core.TyperCommand | TyperGroup)
            command.rich_help_panel = heading
            self._loaded[name] = command
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name], self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Root(Group):
    """All commands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = Modules()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name."""
        if cmd_name in RENAMED:
            ctx.fail(f"{cmd_name} is now {RENAMED[cmd_name]}.")
        return super().get_command(ctx, cmd_name)


app = Commands(
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        echo(f"position-manager {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Operate Position Manager."""
