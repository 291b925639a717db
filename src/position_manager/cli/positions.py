"""``position-manager positions``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.service import (
    Account,
    AsJson,
    AsOf,
    Database,
    KnownAt,
    Mode,
    call,
    connected,
    print_json,
)
from position_manager.cli.tables import moment, position_card, positions_table


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(positions)


def positions(
    asset: Annotated[
        str | None, typer.Argument(help="Symbol; without it, all positions.", show_default=False)
    ] = None,
    account: Account = None,
    mode: Mode = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the positions, closed ones included, or show everything about one.

    The list is of all accounts and modes unless one is named. One ASSET is that of the account
    main, in one-way mode, unless another is named; refused when nothing was ever held there. A time
    without a zone is UTC.
    """
    asked = {"account": account, "mode": mode, "as_of": as_of, "known_at": known_at}
    with connected(database) as connection:
        if asset is not None:
            position = call(connection, "get_position", asset=asset, **asked)
            print_json(position) if as_json else Console().print(position_card(position))
            return
        found = call(connection, "get_positions", **asked)
    if as_json:
        print_json(found)
    elif found["positions"]:
        console = Console()
        console.print(positions_table(found["positions"], console, moment(found)))
    elif as_of or known_at:
        typer.echo("no positions at that time", err=True)
    else:
        typer.echo("no positions yet: make demo  trades some", err=True)
