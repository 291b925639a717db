"""``actions``: splits, renames, contract changes, settlements and distributions."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.amendments import Pending, amend
from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    ASSET,
    Document,
    any_but,
    exact,
    print_outcome,
    print_rows,
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
    position_filter,
    rows,
)
from position_manager.cli.times import time_option

ActionId = Annotated[
    str, typer.Option("--id", help="Id of the action; a repeated one counts once.")
]
At = Annotated[str, time_option("--at", help="Time of the action.")]
Another = Annotated[
    bool,
    typer.Option("--another", help="Count the action beside an equal one within a day."),
]
Ratio = Annotated[str, typer.Option(help="New units for old ones, such as 10 or 1:3.")]

app = Commands()
actions = Commands(no_args_is_help=True, help="List, record and bust corporate actions.")
app.add_typer(actions, name="actions")


@actions.command("list")
@listing
def list_actions(
    asset: AnyAsset = None, limit: Limit = None, as_json: AsJson = False, database: Database = None
) -> None:
    """List corporate actions, newest first.

    Busted actions are included and struck out.
    """
    with connected(database) as connection:
        found = rows(
            connection,
            "corporate_actions",
            position_filter(asset=asset),
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
    """Multiply the quantities of an asset in all accounts, at an unchanged cost.

    A late fill dated before the split counts in old units.
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
    to_asset: Annotated[str, typer.Argument(help="Symbol of the new asset.")],
    at: At,
    action_id: ActionId,
    ratio: Ratio = "1",
    rate: Annotated[
        str | None,
        typer.Option(
            help="Price of the old settlement currency in the new one, where they differ."
        ),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Move the positions of an asset in all accounts to another asset, at cost.

    Realized PnL stays with the old asset.
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
    multiplier: Annotated[str, typer.Option(help="New multiplier of the contract.")],
    at: At,
    action_id: ActionId,
    ratio: Ratio = "1",
    another: Another = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Change the multiplier of a contract, at an unchanged cost.

    With --ratio, quantities are converted as well.
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
        str,
        typer.Option(
            help="Amount for one unit, in the settlement currency; negative if holders pay."
        ),
    ],
    at: At,
    action_id: ActionId,
    another: Another = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Pay an amount of cash for each unit of an asset; short positions pay it."""
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
    pending: Pending = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Void a corporate action in all accounts.

    Final. Fails when the action is not recorded, unless with --pending.
    """
    with connected(database) as connection:
        outcome = amend(connection, "bust_fill", pending=pending, identity=f"action:{action_id}")
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


def _terms(action: Document) -> Text:
    """The terms of an action; those of its kind are set."""
    shown = [action["ratio"]] if action["ratio"] not in {None, "1:1"} else []
    if action["to_asset"] is not None:
        shown.append(f"into {action['to_asset']}")
    for name in ("rate", "multiplier", "price", "amount"):
        if action[name] is not None and (name, action[name]) != ("rate", "1"):
            shown.append(f"{name} {exact(action[name]).plain}")
    return Text(", ".join(shown))


def _void(busted_at: str | None) -> Text:
    return Text("void" if busted_at else "", style="yellow")


ACTIONS = (
    words("effective", "effective_at", when, struck_by="busted_at"),
    ASSET,
    words("action", "action", struck_by="busted_at"),
    words("terms", None, _terms, folds=True, struck_by="busted_at"),
    words("id", "action_id", folds=True),
    words("void", "busted_at", _void, shown=any_but("busted_at", None)),
)
