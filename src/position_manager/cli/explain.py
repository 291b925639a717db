"""``position-manager explain``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.history_tables import entries_table
from position_manager.cli.service import (
    Account,
    AsJson,
    Asset,
    Database,
    Limit,
    Mode,
    call,
    connected,
    print_json,
)


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(explain)


def explain(
    asset: Asset,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    before: Annotated[
        int | None, typer.Option("--before", help="Only entries before this one, by its number.")
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the entries behind a position, newest first, and what it was after each.

    Of the account main, in one-way mode, unless another is named; of a hedge both legs, each with
    its own figures. What a bust or a correction has voided is struck out and counts no longer.
    Refused when nothing was ever held there.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_position_entries",
            asset=asset,
            mode=mode,
            account=account,
            page_limit=None if limit is None else str(limit),
            before=None if before is None else str(before),
        )
    if as_json:
        print_json(found)
        return
    console = Console()
    console.print(entries_table(found["entries"], console))
    if found["next_before"] is not None:
        typer.echo(f"there are more: --before {found['next_before']}", err=True)
