"""``position-manager cycles``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.history_tables import cycles_table
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
    app.command()(cycles)


def cycles(
    asset: Asset,
    account: Account = None,
    mode: Mode = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", help="Closed at this time or later; by default 30 days before the end."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--to", help="Closed at this time or earlier, such as 2026-01-31T12:00:00Z."),
    ] = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show what a position earned from flat to flat, newest first.

    MAE and MFE: the worst and the best it came to on the way, before fees and funding, by the
    prices that were kept. Of the account main, in one-way mode, unless another is named; refused
    when nothing was ever held there.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_closed_cycles",
            asset=asset,
            mode=mode,
            account=account,
            from_time=since,
            to_time=until,
            page_limit=None if limit is None else str(limit),
        )
    if as_json:
        print_json(found)
        return
    if not found["cycles"]:
        typer.echo("nothing closed in that time", err=True)
        return
    console = Console()
    console.print(cycles_table(found["cycles"], console))
    if found["count"] > len(found["cycles"]):
        typer.echo(f"there are {found['count']} in all", err=True)
