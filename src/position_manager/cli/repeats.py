"""``repeats``: fills that may be repeats of others."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    ACCOUNT,
    ASSET,
    LEG,
    Column,
    Document,
    count,
    price,
    print_outcome,
    print_rows,
    size,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Database,
    Limit,
    Mode,
    call,
    connected,
    position_filter,
    rows,
)

Id = Annotated[int, typer.Argument(metavar="ID", help="Id, as shown by **repeats list**.")]

app = Commands()
suspected_repeats = Commands(
    no_args_is_help=True, help="List, count and drop fills that may be repeats of others."
)

app.add_typer(suspected_repeats, name="repeats")


@suspected_repeats.command("list")
@listing
def list_suspected_repeats(
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Include those that were counted or dropped.")
    ] = False,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List fills that wait to be counted or dropped, newest first."""
    status = None if everything else "waiting"
    wanted = {**position_filter(account, asset, mode), "status": status}
    with connected(database) as connection:
        found = rows(connection, "suspected_repeats", wanted, ("-id",), limit or 100)
    print_rows(found, REPEATS, as_json, name="suspected_repeats", empty="no suspected repeats")


@suspected_repeats.command("count")
def count_repeat(repeat: Id, as_json: AsJson = False, database: Database = None) -> None:
    """Count a fill, as one of its own."""
    print_outcome(_settled("count", repeat, database), as_json)


@suspected_repeats.command("drop")
def drop_repeat(repeat: Id, as_json: AsJson = False, database: Database = None) -> None:
    """Drop a fill, as a repeat of another."""
    print_outcome(_settled("drop", repeat, database), as_json)


def _settled(decision: str, repeat: int, database: str | None) -> Document:
    with connected(database) as connection:
        return call(connection, "settle_suspected_repeat", id=str(repeat), decision=decision)


REPEATS = (
    Column("id", "id"),
    ACCOUNT,
    ASSET,
    LEG,
    Column("quantity", "quantity", size),
    Column("price", "price", price),
    words("order", "order_id", leaves=4),
    words("detail", "detail", folds=True, leaves=1),
    words("status", "status"),
    Column("seen", "times_seen", count, leaves=2),
    words("executed", "executed_at", when, leaves=3),
)
