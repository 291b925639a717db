"""``position-manager check``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.entries import Leg
from position_manager.cli.risk_tables import check_limits_table, check_table
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

# 2 is what a wrong option ends with.
NOT_ALLOWED = 3


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(check)


def check(
    asset: Asset,
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    quantity: Annotated[str, typer.Argument(help="How much, above 0.")],
    price: Annotated[
        str | None, typer.Option(help="At which price; by default the mark price.")
    ] = None,
    fee: Annotated[
        str | None, typer.Option(help="In the settlement currency; by default none.")
    ] = None,
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Say what a fill would do to size, average, exposure and every limit, without doing it.

    Ends with exit code 3 when a limit would be breached, or further than it is.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "check_fill",
            asset=asset,
            side=side,
            quantity=quantity,
            price=price,
            fee=fee,
            mode=mode,
            position_side=position_side,
            account=account,
        )
    if as_json:
        print_json(found)
    else:
        console = Console()
        console.print(check_table(found))
        if found["limits"]:
            console.print(check_limits_table(found["limits"]))
    if not found["allowed"]:
        typer.secho("not allowed: a limit would be breached", err=True, fg="red")
        raise typer.Exit(NOT_ALLOWED)
