"""Operate Position Manager."""

from __future__ import annotations

import typer

from position_manager.cli import (
    access,
    dead_letters,
    demo,
    explain,
    imports,
    instruments,
    ledger,
    operations,
    positions,
    reconciliation,
    risk,
    snapshots,
    stack,
)
from position_manager.deploy import command as deploy

app = typer.Typer(
    no_args_is_help=True,
    help=__doc__,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for module in (
    stack,
    demo,
    positions,
    explain,
    ledger,
    instruments,
    imports,
    risk,
    access,
    operations,
    dead_letters,
    reconciliation,
    snapshots,
    deploy,
):
    app.add_typer(module.app)
