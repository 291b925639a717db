"""``position-manager fills``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.entries import Leg, tell
from position_manager.cli.ledger_tables import fills_table
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
    rows,
    which,
)

Identity = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Its execution id, or its identity as  fills list  shows it."
    ),
]
Fee = Annotated[str | None, typer.Option("--fee", help="Fee; a rebate is negative.")]
FeeCurrency = Annotated[
    str | None,
    typer.Option("--fee-currency", help="Currency of the fee; without it, that of settlement."),
]

fills = typer.Typer(no_args_is_help=True, help="The ledger: what it has, and what to set right.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(fills, name="fills")


def named(given: str) -> dict[str, str]:
    """How the service is asked for a fill: identities have a kind before their id."""
    return {"identity" if ":" in given else "execution_id": given}


@fills.command("list")
def list_fills(
    asset: Annotated[
        str | None, typer.Argument(help="Symbol; without it, of all assets.", show_default=False)
    ] = None,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the entries of the ledger: fills, funding, transfers, corrections.

    The newest to be recorded comes first. What was busted or corrected is there too, marked so. Of
    all accounts and modes unless one is named.
    """
    with connected(database) as connection:
        found = rows(connection, "fills", which(account, asset, mode), ("-id",), limit or 100)
    if as_json:
        print_json({"fills": found})
    elif found:
        console = Console()
        console.print(fills_table(found, console))
    else:
        typer.echo("no fills yet", err=True)


@fills.command()
def record(
    asset: Asset,
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    quantity: Annotated[str, typer.Argument(help="Quantity > 0.")],
    price: Annotated[str, typer.Argument(help="Price, in the quote currency.")],
    execution_id: Annotated[
        str, typer.Option("--id", help="Its execution id: sent again, it counts once.")
    ],
    fee: Fee = None,
    fee_currency: FeeCurrency = None,
    executed_at: Annotated[
        str | None, typer.Option(help="When it happened, in ISO 8601; without it, now.")
    ] = None,
    order_id: Annotated[str | None, typer.Option(help="The order it belongs to.")] = None,
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Record one fill.

    Of the account main, in one-way mode, unless another is named. The same fill again is a
    duplicate; another one under the same id is refused.
    """
    with connected(database) as connection:
        outcome = call(
            connection,
            "record_fill",
            execution_id=execution_id,
            asset=asset,
            side=side,
            execution_quantity=quantity,
            execution_price=price,
            execution_fees=fee,
            fee_currency=fee_currency,
            executed_at=executed_at,
            order_id=order_id,
            account=account,
            mode=mode,
            position_side=position_side,
        )
    tell(outcome, as_json)


@fills.command()
def bust(
    identity: Identity,
    account: Account = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Take a fill back that never should have been.

    Final: no correction brings it back. One that is not recorded yet is taken back when it comes.
    """
    with connected(database) as connection:
        outcome = call(connection, "bust_fill", account=account, **named(identity))
    tell(outcome, as_json)


@fills.command()
def correct(
    identity: Identity,
    correction_id: Annotated[
        str, typer.Option(help="Which correction it is: sent again, it counts once.")
    ],
    side: Annotated[str | None, typer.Option(help="buy or sell.")] = None,
    quantity: Annotated[str | None, typer.Option(help="Quantity > 0.")] = None,
    price: Annotated[str | None, typer.Option(help="Price, in the quote currency.")] = None,
    fee: Fee = None,
    fee_currency: FeeCurrency = None,
    executed_at: Annotated[
        str | None, typer.Option(help="When the fill happened, in ISO 8601.")
    ] = None,
    corrected_at: Annotated[
        str | None,
        typer.Option(
            help="When it was decided, in ISO 8601: of several corrections the newest counts."
            " Without it, now; repeat a command only with it."
        ),
    ] = None,
    account: Account = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Correct a fill that was reported wrong.

    What is not named stays as it was first reported. One that is not recorded yet is corrected when
    it comes.
    """
    with connected(database) as connection:
        outcome = call(
            connection,
            "correct_fill",
            correction_id=correction_id,
            side=side,
            execution_quantity=quantity,
            execution_price=price,
            execution_fees=fee,
            fee_currency=fee_currency,
            executed_at=executed_at,
            corrected_at=corrected_at or datetime.now(UTC).isoformat(),
            account=account,
            **named(identity),
        )
    tell(outcome, as_json)
