"""``fills`` and ``funding``: list, record and correct entries of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.amendments import Pending, amend
from position_manager.cli.commands import Commands, listing
from position_manager.cli.fill_files import export_fills, import_fills
from position_manager.cli.output import (
    ACCOUNT,
    ASSET,
    BOOK,
    LEG,
    Column,
    Document,
    exact,
    gain,
    missing,
    price,
    print_outcome,
    print_rows,
    quantum_of,
    remark,
    size,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Asset,
    Book,
    Database,
    Leg,
    Limit,
    Mode,
    Side,
    call,
    connected,
    position_filter,
    rows,
    trade_side,
)
from position_manager.cli.times import time_option

Identity = Annotated[
    str,
    typer.Argument(metavar="ID", help="Execution id, or identity as shown by  fills list."),
]
Fee = Annotated[str | None, typer.Option("--fee", help="Fee; a rebate is negative.")]
OfAsset = Annotated[
    str | None, typer.Option("--asset", help="Its asset, where several fills have the id.")
]
OfOrder = Annotated[
    str | None, typer.Option("--order-id", help="Its order, where several fills have the id.")
]
Strategy = Annotated[
    str | None, typer.Option("--strategy", help="Book of the account that it counts in.")
]
FeeCurrency = Annotated[
    str | None,
    typer.Option("--fee-currency", help="Currency of the fee; by default the settlement currency."),
]

app = Commands()
fills = Commands(no_args_is_help=True, help="List, record, correct, export and import fills.")
funding = Commands(no_args_is_help=True, help="Record funding payments.")

fills.command("export")(export_fills)
fills.command("import")(import_fills)
app.add_typer(fills, name="fills")
app.add_typer(funding, name="funding")


def fill_argument(id_: str) -> dict[str, str]:
    """The argument that names a fill; an identity has its kind before a colon."""
    return {"identity" if ":" in id_ else "execution_id": id_}


@fills.command("list")
@listing
def list_fills(
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    since: Annotated[
        str | None, time_option("--from", help="Executed at or after this time.")
    ] = None,
    until: Annotated[
        str | None, time_option("--to", help="Executed at or before this time.")
    ] = None,
    limit: Limit = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the entries of the ledger: fills, funding, transfers, corrections.

    The most recently recorded entry comes first. Voided entries are included and struck out. The
    default is all accounts and modes.
    """
    with connected(database) as connection:
        found = rows(
            connection,
            "fills",
            position_filter(account, asset, mode, book),
            ("-id",),
            limit or 100,
            ("executed_at", since, until),
        )
    print_rows(found, FILLS, as_json, name="fills", empty="no fills yet")


@fills.command("record")
def record_fill(
    asset: Asset,
    side: Side,
    quantity: Annotated[str, typer.Argument(help="Quantity > 0.")],
    price: Annotated[str, typer.Argument(help="Price, in the quote currency.")],
    execution_id: Annotated[
        str, typer.Option("--id", help="Execution id; a repeated one counts once.")
    ],
    fee: Fee = None,
    fee_currency: FeeCurrency = None,
    executed_at: Annotated[
        str | None, time_option("--executed-at", help="Time of the fill; by default now.")
    ] = None,
    order_id: Annotated[str | None, typer.Option(help="Id of its order.")] = None,
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    strategy: Strategy = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Record a fill.

    The default is the account main in one-way mode. A repeated fill is a duplicate; a different
    fill with the same id is refused.
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
            strategy=strategy,
        )
    print_outcome(outcome, as_json)


@fills.command()
def bust(
    identity: Identity,
    account: Account = None,
    asset: OfAsset = None,
    position_side: Leg = None,
    side: Annotated[
        str | None,
        typer.Option(
            help="buy or sell, where both sides have the id.", parser=trade_side, metavar="SIDE"
        ),
    ] = None,
    order_id: OfOrder = None,
    pending: Pending = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Void a fill that should not exist.

    Final: no correction restores it. Fails when the fill is not recorded, unless with --pending.
    """
    with connected(database) as connection:
        outcome = amend(
            connection,
            "bust_fill",
            pending=pending,
            account=account,
            asset=asset,
            position_side=position_side,
            side=side,
            order_id=order_id,
            **fill_argument(identity),
        )
    print_outcome(outcome, as_json)


@fills.command()
def correct(
    identity: Identity,
    correction_id: Annotated[
        str, typer.Option(help="Id of the correction; a repeated one counts once.")
    ],
    side: Annotated[
        str | None, typer.Option(help="buy or sell.", parser=trade_side, metavar="SIDE")
    ] = None,
    quantity: Annotated[str | None, typer.Option(help="Quantity > 0.")] = None,
    price: Annotated[str | None, typer.Option(help="Price, in the quote currency.")] = None,
    fee: Fee = None,
    fee_currency: FeeCurrency = None,
    executed_at: Annotated[
        str | None, time_option("--executed-at", help="Time of the fill.")
    ] = None,
    corrected_at: Annotated[
        str | None,
        time_option(
            "--corrected-at",
            help="Time of the decision; of several corrections the newest counts."
            " The default is now, so give it when you repeat a command.",
        ),
    ] = None,
    account: Account = None,
    asset: OfAsset = None,
    position_side: Leg = None,
    order_id: OfOrder = None,
    pending: Pending = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Correct a fill that was reported wrongly.

    Fields that are not given stay as first reported. Fails when the fill is not recorded, unless
    with --pending.
    """
    with connected(database) as connection:
        outcome = amend(
            connection,
            "correct_fill",
            pending=pending,
            correction_id=correction_id,
            side=side,
            execution_quantity=quantity,
            execution_price=price,
            execution_fees=fee,
            fee_currency=fee_currency,
            executed_at=executed_at,
            corrected_at=corrected_at or datetime.now(UTC).isoformat(),
            account=account,
            asset=asset,
            position_side=position_side,
            order_id=order_id,
            **fill_argument(identity),
        )
    print_outcome(outcome, as_json)


@funding.callback()
def _funding_group() -> None:
    """Record funding payments."""


@funding.command("record")
def record_funding(
    asset: Asset,
    amount: Annotated[
        str, typer.Option(help="Amount in the settlement currency; negative if paid.")
    ],
    executed_at: Annotated[
        str, time_option("--executed-at", help="Time of the payment; part of its identity.")
    ],
    funding_id: Annotated[
        str,
        typer.Option("--id", help="Id of the payment at the venue; a repeated one counts once."),
    ],
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    strategy: Strategy = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Record a funding payment.

    The default is the account main in one-way mode. A repeated payment is a duplicate; a different
    amount for it is refused.
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
            strategy=strategy,
        )
    print_outcome(outcome, as_json)


def _is_converted(fill: Document) -> bool:
    return fill["fee_native"] is None or fill["fee_rate"] is not None


def _fee(fill: Document) -> Text:
    """The fee in the settlement currency, or as charged while no rate is known."""
    if _is_converted(fill):
        return exact(fill["fee"])
    return Text(f"{fill['fee_native']} ?", style="yellow")


def _currency(fill: Document) -> Text:
    return Text(fill["settlement_currency"] if _is_converted(fill) else fill["fee_currency"])


def _realized_net(fill: Document) -> Text:
    """What a fill realized; of cash that was paid or received, its value says the amount."""
    if fill["kind"] in {"funding", "distribution"}:
        return missing()
    return gain(fill["realized_pnl"], quantum_of(fill))


FILLS = (
    ACCOUNT,
    BOOK,
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
    Column("realized net", None, _realized_net, leaves=3),
    Column("version", "version", leaves=1),
    words("void", "voided_by", remark("yellow"), leaves=4),
    words("identity", "identity", folds=True),
)
