"""``position-manager restatements``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.history_tables import restatements_table
from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Limit,
    Mode,
    connected,
    print_json,
    rows,
    which,
)


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(restatements)


def restatements(
    asset: Annotated[
        str | None, typer.Argument(help="Symbol; without it, of all.", show_default=False)
    ] = None,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show what changed in the past, why and by how much, newest first.

    Realised PnL as it is published, before and after an entry came late, was busted or corrected.
    Of all accounts and modes unless one is named.
    """
    with connected(database) as connection:
        found = rows(
            connection,
            "restatements",
            which(account, asset, mode),
            ("-recorded_at", "-id"),
            limit or 100,
        )
    if as_json:
        print_json({"restatements": found})
    elif found:
        console = Console()
        console.print(restatements_table(found, console))
    else:
        typer.echo("the past is as it was told first", err=True)
