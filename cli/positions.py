"""``position-manager positions``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Mode,
    call,
    connected,
    print_json,
)
from position_manager.cli.tables import position_card, positions_table


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(positions)


def positions(
    asset: Annotated[
        str | None, typer.Argument(help="Symbol; without it, all positions.", show_default=False)
    ] = None,
    account: Account = None,
    mode: Mode = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the positions, closed ones included, or show everything about one.

    The list is of all accounts and modes unless one is named. One ASSET is that of the account
    main, in one-way mode, unless another is named; refused when nothing was ever held there.
    """
    with connected(database) as connection:
        if asset is not None:
            position = call(connection, "get_position", asset=asset, mode=mode, account=account)
            print_json(position) if as_json else Console().print(position_card(position))
            return
        found = call(connection, "get_positions", account=account, mode=mode)
    if as_json:
        print_json(found)
    elif found["positions"]:
        console = Console()
        console.print(positions_table(found["positions"], console))
    else:
        typer.echo("no positions yet: make demo  trades some", err=True)
