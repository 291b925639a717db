"""``actions``: splits, renames, contract changes, settlements and distributions."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.output import (
    ASSET,
    Column,
    exact,
    print_outcome,
    print_rows,
    remark,
    when,
    words,
)
from position_manager.cli.query import (
    AnyAsset,
    AsJson,
    Asset,
    Database,
    Limit,
    call,
    connected,
    rows,
)

ActionId = Annotated[
    str, typer.Option("--id", help="Id of the action; a repeated one counts once.")
]
At = Annotated[str, typer.Option("--at", help="Time from which it holds, in ISO 8601.")]
Another = Annotated[
    bool,
    typer.Option("--another", help="Count it beside one with the same terms within a day."),
]
Ratio = Annotated[str, typer.Option(help="New units to an old one, such as 10 or 1:3.")]

app = typer.Typer()
actions = typer.Typer(
    no_args_is_help=True, help="Record splits, renames, settlements and the like."
)
app.add_typer(actions, name="actions")


@actions.command("list")
def list_actions(
    asset: AnyAsset = None, limit: Limit = None, as_json: AsJson = False, database: Database = None
) -> None:
    """List corporate actions, the newest first; busted ones are struck out."""
    with connected(database) as connection:
        found = rows(
            connection,
            "corporate_actions",
            {"asset": asset and asset.upper()},
            ("-effective_at", "action_id"),
            limit or 100,
        )
    print_rows(found, ACTIONS, as_json, name="actions", empty="no corporate actions")


@actions.command()
def split(
    asset: Asset,
    ratio: Ratio,
    at: At,
    action_id: ActionId,
    another: Another = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Multiply the quantities of an asset at an unchanged cost.

    In all accounts. A fill of before that arrives later counts in the units of before.
    """
    _record(
        database,
        as_json,
        action="split",
        asset=asset,
        ratio=ratio,
        at=at,
        id_=action_id,
        another=another,
    )


@actions.command()
def rename(
    asset: Asset,
    to_asset: Annotated[str, typer.Argument(help="Symbol that goes on.")],
    at: At,
    action_id: ActionId,
    ratio: Ratio = "1",
    rate: Annotated[
        str | None,
        typer.Option(
            help="Settlement currency of the new asset for one of the old, where they differ."
        ),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Move the positions of an asset to another one, at cost.

    In all accounts. Realized PnL stays with the old asset.
    """
    _record(
        database,
        as_json,
        action="rename",
        asset=asset,
        to_asset=to_asset,
        ratio=ratio,
        rate=rate,
        at=at,
        id_=action_id,
    )


@actions.command()
def contract(
    asset: Asset,
    multiplier: Annotated[str, typer.Option(help="Multiplier from then on.")],
    at: At,
    action_id: ActionId,
    ratio: Ratio = "1",
    another: Another = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Change the multiplier of a contract at an unchanged cost.

    With a ratio when the venue converts the quantities, too.
    """
    _record(
        database,
        as_json,
        action="contract",
        asset=asset,
        multiplier=multiplier,
        ratio=ratio,
        at=at,
        id_=action_id,
        another=another,
    )


@actions.command()
def settle(
    asset: Asset,
    price: Annotated[str, typer.Option(help="Price that closes the positions; may be 0.")],
    at: At,
    action_id: ActionId,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Close all positions of an asset at a price, at its expiry or delisting."""
    _record(database, as_json, action="settlement", asset=asset, price=price, at=at, id_=action_id)


@actions.command()
def distribute(
    asset: Asset,
    amount: Annotated[
        str, typer.Option(help="Settlement currency for one unit; negative if holders pay.")
    ],
    at: At,
    action_id: ActionId,
    another: Another = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Pay cash for each unit of an asset that is held; short positions pay it."""
    _record(
        database,
        as_json,
        action="distribution",
        asset=asset,
        amount=amount,
        at=at,
        id_=action_id,
        another=another,
    )


@actions.command()
def bust(
    action_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the action.")],
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Void an action in all accounts. Final."""
    with connected(database) as connection:
        outcome = call(connection, "bust_fill", identity=f"action:{action_id}")
    print_outcome(outcome, as_json)


def _record(
    database: str | None,
    as_json: bool,
    *,
    at: str,
    id_: str,
    another: bool = False,
    **terms: str | None,
) -> None:
    with connected(database) as connection:
        outcome = call(
            connection,
            "record_corporate_action",
            action_id=id_,
            effective_at=at,
            is_another="true" if another else None,
            **terms,
        )
    print_outcome(outcome, as_json)


def _busted(at: str | None) -> Text:
    return Text("" if at is None else f"void since {when(at).plain}", style="yellow")


ACTIONS = (
    words("effective", "effective_at", when, struck_by="busted_at"),
    ASSET,
    words("action", "action", struck_by="busted_at"),
    words("ratio", "ratio", remark()),
    words("to", "to_asset", remark()),
    Column("multiplier", "multiplier", exact, leaves=2),
    Column("price", "price", exact, leaves=2),
    Column("amount", "amount", exact, leaves=2),
    words("id", "action_id", folds=True),
    words("bust", "busted_at", _busted, leaves=1),
)
