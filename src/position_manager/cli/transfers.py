"""``transfer``, ``move-fills``, ``move-to-book``: to another account, mode or book."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.commands import Commands
from position_manager.cli.output import print_outcome
from position_manager.cli.query import Account, AsJson, Asset, Database, Leg, Mode, call, connected

app = Commands()


@app.command()
def transfer(
    asset: Asset,
    quantity: Annotated[str, typer.Argument(help="Quantity > 0, of a long or a short position.")],
    from_account: Annotated[str, typer.Option("--from", help="Source account.")],
    to_account: Annotated[str, typer.Option("--to", help="Destination account.")],
    transfer_id: Annotated[
        str, typer.Option("--id", help="Id of the transfer; a repeated one counts once.")
    ],
    price: Annotated[
        str | None,
        typer.Option(
            help="Price at which the source account realizes PnL; by default the cost is moved."
        ),
    ] = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Move a part of a position to another account.

    The transfer is at cost, or at a price as if the accounts had traded. Fails when the source
    account has a smaller position.
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
    print_outcome(outcome, as_json)


@app.command()
def move_fills(
    asset: Asset,
    to_mode: Annotated[str, typer.Option("--to", help="Mode to move to: hedge or one-way.")],
    move_id: Annotated[
        str, typer.Option("--id", help="Id of the move; a repeated one counts once.")
    ],
    account: Account = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Move what an asset has in one position mode to the other.

    For fills that came without their mode while the venue reports the other one. The move is at
    cost: nothing is realized. To hedge mode, the leg is by default that of the side held.
    """
    with connected(database) as connection:
        outcome = call(
            connection,
            "move_fills",
            move_id=move_id,
            asset=asset,
            to_mode=to_mode,
            position_side=position_side,
            account=account,
        )
    print_outcome(outcome, as_json)


@app.command()
def move_to_book(
    to_book: Annotated[
        str, typer.Argument(help="Book to move to; unassigned: that of no strategy.")
    ],
    move_id: Annotated[
        str, typer.Option("--id", help="Id of the move; a repeated one counts once.")
    ],
    identity: Annotated[
        str | None, typer.Option(help="Identity of a fill or a funding: it moves from its time on.")
    ] = None,
    asset: Annotated[str | None, typer.Option(help="Asset of a quantity to move.")] = None,
    quantity: Annotated[str | None, typer.Option(help="Quantity to move at present.")] = None,
    from_book: Annotated[
        str | None, typer.Option(help="Book that gives the quantity; by default unassigned.")
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(help="Price at which that book realizes PnL; by default the cost is moved."),
    ] = None,
    mode: Mode = None,
    position_side: Leg = None,
    account: Account = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Move a fill, or a quantity, to another book of its account.

    The account stays as it is. Name either the identity of a fill, as fills list shows it, or an
    asset with a quantity.
    """
    with connected(database) as connection:
        outcome = call(
            connection,
            "move_to_book",
            move_id=move_id,
            to_book=to_book,
            identity=identity,
            asset=asset,
            quantity=quantity,
            from_book=from_book,
            price=price,
            mode=mode,
            position_side=position_side,
            account=account,
        )
    print_outcome(outcome, as_json)
