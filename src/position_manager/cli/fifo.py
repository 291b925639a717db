"""``position-manager fifo``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.history_tables import fifo_table, lots_table
from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Mode,
    connected,
    print_json,
    rows,
    which,
)

KEY = ("account", "asset", "mode", "leg")


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(fifo)


def fifo(
    asset: Annotated[
        str | None,
        typer.Argument(
            help="Symbol, to see its open lots; without it, all positions.", show_default=False
        ),
    ] = None,
    account: Account = None,
    mode: Mode = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show positions first in first out, beside the average cost.

    Before fees and funding. What was earned is the same by both; they differ in when it counts as
    realised. Of all accounts and modes unless one is named.
    """
    wanted = which(account, asset, mode)
    with connected(database) as connection:
        legs = rows(connection, "fifo_positions", wanted, KEY)
        lots = (
            []
            if asset is None and not as_json
            else rows(connection, "fifo_lots", wanted, (*KEY, "-executed_at", "-entry_id"))
        )
    if as_json:
        print_json({"positions": legs, "lots": lots})
        return
    if not legs:
        typer.echo("no such position", err=True)
        return
    console = Console()
    console.print(fifo_table(legs, console))
    if lots:
        console.print()
        console.print(lots_table(lots))
