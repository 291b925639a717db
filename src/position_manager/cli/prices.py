"""``prices``: list mark prices, and accept or drop those that are held."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.output import (
    ASSET,
    Column,
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

app = typer.Typer()
prices = typer.Typer(no_args_is_help=True, help="List mark prices; accept or drop held ones.")

app.add_typer(prices, name="prices")


@prices.command("list")
def list_prices(
    held: Annotated[bool, typer.Option("--held", help="Only assets with a held price.")] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the newest mark price of each asset.

    A price that jumps is held until a second one confirms it, and the price before it is used
    meanwhile.
    """
    with connected(database) as connection:
        found = rows(connection, "prices", {}, ("asset",))
    if held:
        found = [each for each in found if each["held_price"] is not None]
    print_rows(found, PRICES, as_json, name="prices", empty="no prices")


@prices.command()
def accept(asset: Asset, as_json: AsJson = False, database: Database = None) -> None:
    """Use the held price of an asset at once."""
    _decide("accept_price", asset, as_json, database)


@prices.command()
def drop(asset: Asset, as_json: AsJson = False, database: Database = None) -> None:
    """Drop the held price of an asset, and go on with the price before it."""
    _decide("drop_price", asset, as_json, database)


def _decide(function: str, asset: str, as_json: bool, database: str | None) -> None:
    with connected(database) as connection:
        decided = call(connection, function, asset=asset)
    if as_json:
        print_json(decided)
    else:
        echo(f"{decided['asset']} is {decided['mark_price']}, of {decided['priced_at']}")


PRICES = (
    ASSET,
    Column("price", "mark_price", exact),
    words("status", "price_status", colored(PRICE_COLORS)),
    Column("age", "age_seconds", count),
    words("source", "source"),
    Column("held", "held_price", exact),
    Column("held since", "held_since", when),
)
