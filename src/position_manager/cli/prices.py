"""``prices``: list mark prices, and accept or drop those that are held."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    ASSET,
    Column,
    any_but,
    colored,
    count,
    exact,
    print_rows,
    when,
    words,
)
from position_manager.cli.query import AsJson, Asset, Database, call, connected, rows
from position_manager.terminal import echo, print_json

PRICE_COLORS = {"fresh": "", "stale": "yellow", "missing": "red"}

app = Commands()
prices = Commands(no_args_is_help=True, help="List mark prices, and accept or drop held ones.")

app.add_typer(prices, name="prices")


@prices.command("list")
@listing
def list_prices(
    held: Annotated[bool, typer.Option("--held", help="Only assets with a held price.")] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the newest mark price of each asset.

    A price that jumps is held until a second price confirms it. Until then the price before it is
    used.
    """
    with connected(database) as connection:
        found = rows(connection, "prices", {}, ("asset",))
    if held:
        found = [each for each in found if each["held_price"] is not None]
    print_rows(found, PRICES, as_json, name="prices", empty="no prices")


@prices.command()
def accept(asset: Asset, as_json: AsJson = False, database: Database = None) -> None:
    """Accept the held price of an asset."""
    _decide("accept_price", asset, as_json, database)


@prices.command()
def drop(asset: Asset, as_json: AsJson = False, database: Database = None) -> None:
    """Drop the held price of an asset, and keep the price before it."""
    _decide("drop_price", asset, as_json, database)


def _decide(function: str, asset: str, as_json: bool, database: str | None) -> None:
    with connected(database) as connection:
        decided = call(connection, function, asset=asset)
    if as_json:
        print_json(decided)
    else:
        found = exact(decided["mark_price"]).plain
        echo(f"{decided['asset']} is at {found} since {when(decided['priced_at']).plain}")


PRICES = (
    ASSET,
    Column("price", "mark_price", exact),
    words("status", "price_status", colored(PRICE_COLORS)),
    Column("age", "age_seconds", count),
    words("source", "source", leaves=1),
    Column("held", "held_price", exact, shown=any_but("held_price", None)),
    words("held since", "held_since", when, leaves=2, shown=any_but("held_price", None)),
)
