"""``fills``, ``funding`` and ``transfer``: the ledger and its entries by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.output import (
    ACCOUNT,
    ASSET,
    LEG,
    Column,
    Document,
    exact,
    price,
    print_json,
    print_outcome,
    print_table,
    remark,
    size,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    Asset,
    Database,
    Leg,
    Limit,
    Mode,
    call,
    connected,
    position_filter,
    rows,
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

app = typer.Typer()
fills = typer.Typer(no_args_is_help=True, help="The ledger: what it has, and what to set right.")
funding = typer.Typer(no_args_is_help=True, help="Funding payments.")

app.add_typer(fills, name="fills")
app.add_typer(funding, name="funding")


def named(given: str) -> dict[str, str]:
    """Arguments that name a fill: an identity has a kind before its id."""
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
        found = rows(
            connection, "fills", position_filter(account, asset, mode), ("-id",), limit or 100
        )
    if as_json:
        print_json({"fills": found})
    elif found:
        print_table(FILLS, found)
    else:
        typer.echo("no fills yet", err=True)


@fills.command("record")
def record_fill(
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
    print_outcome(outcome, as_json)


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
    print_outcome(outcome, as_json)


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
    print_outcome(outcome, as_json)


@funding.callback()
def funding_payments() -> None:
    """Funding payments."""


@funding.command("record")
def record_funding(
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
    print_outcome(outcome, as_json)


@app.command()
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
    print_outcome(outcome, as_json)


def _is_converted(fill: Document) -> bool:
    return fill["fee_native"] is None or fill["fee_rate"] is not None


def _fee(fill: Document) -> Text:
    """The fee in the settlement currency, or as it was charged while it has no rate."""
    if _is_converted(fill):
        return exact(fill["fee"])
    return Text(f"{fill['fee_native']} ?", style="yellow")


def _currency(fill: Document) -> Text:
    return Text(fill["settlement_currency"] if _is_converted(fill) else fill["fee_currency"])


# Other commands take the identity: it stays whole in a narrow terminal.
FILLS = (
    ACCOUNT,
    ASSET,
    LEG,
    words("at", "executed_at", when, leaves=3),
    words("kind", "kind", leaves=2),
    words("side", "side", leaves=1),
    Column("quantity", "quantity", size, struck_by="voided_by"),
    Column("price", "price", price, leaves=4, struck_by="voided_by"),
    Column("value", "value", exact, leaves=2, struck_by="voided_by"),
    Column("fee", None, _fee, leaves=1, struck_by="voided_by"),
    words("currency", None, _currency, leaves=1, struck_by="voided_by"),
    Column("version", "version", leaves=1),
    words("identity", "identity", folds=True),
    words("void", "voided_by", remark("yellow"), leaves=4),
)
