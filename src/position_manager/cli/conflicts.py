"""``position-manager conflicts``."""

from __future__ import annotations

import typer
from rich.console import Console

from position_manager.cli.history_tables import conflict_card
from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Limit,
    connected,
    print_json,
    rows,
)


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(conflicts)


def conflicts(
    account: Account = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show messages that contradict what was recorded, both versions, newest first.

    Only the recorded version counts. A person decides: correct it, or leave it.
    """
    with connected(database) as connection:
        found = rows(
            connection, "conflicts", {"account": account}, ("-last_seen_at", "-id"), limit or 100
        )
    if as_json:
        print_json({"conflicts": found})
        return
    if not found:
        typer.echo("no conflicts", err=True)
    console = Console()
    for conflict in found:
        console.print(conflict_card(conflict))
        console.print()
