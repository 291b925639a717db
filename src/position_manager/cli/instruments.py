"""``instruments``: definitions of instruments, and their aliases."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    ASSET,
    Column,
    any_but,
    exact,
    print_rows,
    when,
    words,
)
from position_manager.cli.query import AsJson, Asset, Database, call, connected, rows
from position_manager.cli.times import time_option
from position_manager.names import asset_name
from position_manager.terminal import echo, print_json


def _decimal(text: str) -> str:
    """A decimal; the database knows its range."""
    try:
        Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter("must be a decimal") from None
    return text


app = Commands()
instruments = Commands(no_args_is_help=True, help="List and define instruments and their aliases.")
app.add_typer(instruments, name="instruments")


class Kind(StrEnum):
    """Kinds of contracts."""

    linear = "linear"
    inverse = "inverse"
    spot = "spot"


@instruments.command("list")
@listing
def list_instruments(as_json: AsJson = False, database: Database = None) -> None:
    """List instruments and mark those whose definition is assumed."""
    with connected(database) as connection:
        found = rows(connection, "instruments", {}, ("asset",))
    print_rows(found, INSTRUMENTS, as_json, name="instruments", empty="no instruments yet")


@instruments.command()
def define(
    asset: Asset,
    kind: Annotated[
        Kind,
        typer.Option(
            help="Kind of contract; inverse contracts are margined and settled in the coin."
        ),
    ] = Kind.linear,
    multiplier: Annotated[
        str,
        typer.Option(help="Units of the base asset in a quantity of one.", parser=_decimal),
    ] = "1",
    quote: Annotated[str, typer.Option(help="Currency of prices.")] = "USDT",
    settlement: Annotated[str, typer.Option(help="Currency of cost, PnL and fees.")] = "USDT",
    negative_prices: Annotated[
        bool, typer.Option("--negative-prices", help="Allow prices of zero or below.")
    ] = False,
    expires_at: Annotated[
        str | None,
        time_option("--expires-at", help="Time of expiry; a later fill may settle at 0."),
    ] = None,
    tick_size: Annotated[
        str | None,
        typer.Option(
            help="Smallest step of prices; a fill off the grid is flagged.", parser=_decimal
        ),
    ] = None,
    quantity_step: Annotated[
        str | None,
        typer.Option(
            help="Smallest step of quantities; a fill off the grid is flagged.", parser=_decimal
        ),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Define an instrument.

    Idempotent; an option that is not given has its default. Positions that were counted by another
    definition are recounted, and the change of realized PnL is kept as a restatement.
    """
    with connected(database) as connection:
        done = call(
            connection,
            "define_instrument",
            asset=asset,
            kind=kind.value,
            multiplier=multiplier,
            quote_currency=quote,
            settlement_currency=settlement,
            allows_negative_price=str(negative_prices),
            expires_at=expires_at,
            tick_size=tick_size,
            quantity_step=quantity_step,
        )
    if as_json:
        print_json(done)
        return
    echo(f"{done['asset']} is {kind.value}, multiplier {multiplier}, in {asset_name(settlement)}")
    if done["recounted_legs"]:
        echo(f"recounted legs: {done['recounted_legs']}")


@instruments.command()
def alias(
    name: Annotated[str, typer.Argument(help="Alias, such as BTC/USDT:USDT, in any case.")],
    asset: Asset,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Make a name an alias of an instrument.

    From then on messages and arguments with the alias mean the instrument. Fails when the name has
    entries of its own.
    """
    with connected(database) as connection:
        done = call(connection, "alias_instrument", alias=name, asset=asset)
    if as_json:
        print_json(done)
    else:
        echo(f"{done['alias']} is an alias of {done['asset']}")


@instruments.command()
def unalias(
    name: Annotated[
        str, typer.Argument(help="Alias, as shown by **instruments aliases**, in any case.")
    ],
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Remove an alias.

    Entries that came under it stay with the instrument. Later ones are of an instrument of that
    name.
    """
    with connected(database) as connection:
        done = call(connection, "remove_alias", alias=name)
    if as_json:
        print_json(done)
    else:
        echo(f"{done['alias']} is no longer an alias of {done['asset']}")


@instruments.command()
@listing
def aliases(as_json: AsJson = False, database: Database = None) -> None:
    """List aliases and the instruments they stand for."""
    with connected(database) as connection:
        found = rows(connection, "instrument_aliases", {}, ("alias",))
    print_rows(found, ALIASES, as_json, name="aliases", empty="no aliases")


def _assumed(is_assumed: bool) -> Text:
    return Text("assumed" if is_assumed else "", style="yellow")


INSTRUMENTS = (
    words("asset", "asset", folds=True),
    words("kind", "kind"),
    Column("multiplier", "multiplier", exact),
    words("base", "base_currency", leaves=1),
    words("quote", "quote_currency", leaves=4),
    words("settlement", "settlement_currency"),
    words("expires", "expires_at", when, leaves=3, shown=any_but("expires_at", None)),
    Column("tick", "tick_size", exact, leaves=2, shown=any_but("tick_size", None)),
    Column("step", "quantity_step", exact, leaves=2, shown=any_but("quantity_step", None)),
    words("", "is_assumed", _assumed),
)
ALIASES = (words("alias", "alias"), ASSET, words("since", "created_at", when))
