"""``position-manager snapshot``."""

from __future__ import annotations

import typer
from rich.console import Console

from position_manager.cli.service import (
    Account,
    AsJson,
    Asset,
    Database,
    Mode,
    call,
    connected,
    print_json,
)
from position_manager.cli.tables import position_card


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(snapshot)


def snapshot(
    asset: Asset,
    account: Account = None,
    mode: Mode = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Keep what a position is at this moment, and show it.

    Of the account main, in one-way mode, unless another is named; refused when nothing was ever
    held there.
    """
    with connected(database) as connection:
        taken = call(connection, "create_snapshot", asset=asset, mode=mode, account=account)
    if as_json:
        print_json(taken)
        return
    console = Console()
    console.print(f"snapshot {taken['id']} of {taken['created_at']}")
    console.print(position_card(taken["snapshot_data"]))
