"""Operate Position Manager."""

from __future__ import annotations

import typer

from position_manager.cli import stack_commands

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)

stack_commands.register(app)
