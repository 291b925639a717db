"""Operate Position Manager."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager import __version__
from position_manager.cli import (
    access,
    actions,
    amendments,
    backup,
    conflicts,
    dead_letters,
    demo,
    explain,
    imports,
    instruments,
    ledger,
    operations,
    pnl,
    positions,
    prices,
    reconciliation,
    repeats,
    reviews,
    risk,
    snapshots,
    stack,
)
from position_manager.deploy import command as deploy
from position_manager.terminal import echo

app = typer.Typer(
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


for module in (
    stack,
    demo,
    positions,
    explain,
    conflicts,
    ledger,
    amendments,
    instruments,
    actions,
    prices,
    imports,
    risk,
    pnl,
    access,
    operations,
    dead_letters,
    repeats,
    reconciliation,
    reviews,
    snapshots,
    deploy,
    backup,
):
    app.add_typer(module.app)
