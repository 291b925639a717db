"""``position-manager funding``."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.entries import Leg, tell
from position_manager.cli.service import Account, AsJson, Asset, Database, Mode, call, connected

funding = typer.Typer(no_args_is_help=True, help="Funding payments.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(funding, name="funding")


@funding.callback()
def funding_payments() -> None:
    """Funding payments."""


@funding.command()
def record(
    asset: Asset,
    amount: Annotated[
        str, typer.Option(help="In the settlement currency: received, or paid when negative.")
    ],
    executed_at: Annotated[
        str, typer.Option(help="When it was paid, in ISO 8601: part of which payment it is.")
    ],
    funding_id: Annotated[
        str, typer.Option("--id", help="Its id at the venue: sent again, it counts once.")
    ],
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Record one funding payment.

    Of the account main, in one-way mode, unless another is named. The same payment again is a
    duplicate; another amount for it is refused.
    """
    with connected(database) as connection:
        outcome = call(
            connection,
            "record_funding",
            funding_id=funding_id,
            asset=asset,
            amount=amount,
            executed_at=executed_at,
            account=account,
            mode=mode,
            position_side=position_side,
        )
    tell(outcome, as_json)
