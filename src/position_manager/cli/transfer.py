"""``position-manager transfer``."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.entries import Leg, tell
from position_manager.cli.service import AsJson, Asset, Database, Mode, call, connected


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(transfer)


def transfer(
    asset: Asset,
    quantity: Annotated[str, typer.Argument(help="How much of it, long or short: > 0.")],
    from_account: Annotated[str, typer.Option("--from", help="The account that gives.")],
    to_account: Annotated[str, typer.Option("--to", help="The account that gets it.")],
    transfer_id: Annotated[
        str, typer.Option("--id", help="Which transfer it is: sent again, it counts once.")
    ],
    price: Annotated[
        str | None,
        typer.Option(help="Without it the cost moves along; with it the giving account realises."),
    ] = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Move a quantity of a position to another account.

    At cost, or at a price as if it had been traded there. Refused when the account holds less.
    """
    with connected(database) as connection:
        outcome = call(
            connection,
            "record_transfer",
            transfer_id=transfer_id,
            asset=asset,
            quantity=quantity,
            from_account=from_account,
            to_account=to_account,
            price=price,
            mode=mode,
            position_side=position_side,
        )
    tell(outcome, as_json)
