"""``instruments``: the valuation rules of contracts, and their names."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

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
from position_manager.names import asset_name
from position_manager.terminal import echo

app = typer.Typer()
instruments = typer.Typer(no_args_is_help=True, help="Manage the valuation rules of contracts.")
app.add_typer(instruments, name="instruments")


class Kind(StrEnum):
    """Kinds of contracts."""

    linear = "linear"
    inverse = "inverse"
    spot = "spot"


@instruments.command("list")
def list_instruments(as_json: AsJson = False, database: Database = None) -> None:
    """List the instruments and mark those with assumed rules."""
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
        str, typer.Option(help="Units of the base asset in a quantity of one.")
    ] = "1",
    quote: Annotated[str, typer.Option(help="Currency of prices.")] = "USDT",
    settlement: Annotated[str, typer.Option(help="Currency of cost, PnL and fees.")] = "USDT",
    negative_prices: Annotated[
        bool, typer.Option("--negative-prices", help="Allow prices of zero or below.")
    ] = False,
    expires_at: Annotated[
        str | None,
        typer.Option(help="Time of expiry, such as 2026-12-25T08:00:00Z; a fill may settle at 0."),
    ] = None,
    tick_size: Annotated[
        str | None, typer.Option(help="Prices are multiples of it; a fill off the grid is flagged.")
    ] = None,
    quantity_step: Annotated[
        str | None,
        typer.Option(help="Quantities are multiples of it; a fill off the grid is flagged."),
    ] = None,
    database: Database = None,
) -> None:
    """Define an instrument.

    Idempotent. Positions that were counted by another definition are counted again, and what that
    changes is kept as a restatement.
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
    echo(f"{done['asset']} is {kind.value}, multiplier {multiplier}, in {asset_name(settlement)}")
    if done["recounted_legs"]:
        echo(f"recounted legs: {done['recounted_legs']}")


@instruments.command()
def alias(
    name: Annotated[str, typer.Argument(help="Other name, such as BTC/USDT:USDT, in any case.")],
    asset: Asset,
    database: Database = None,
) -> None:
    """Let another name stand for an instrument.

    Every message and argument with that name is one of the instrument from then on. Fails when the
    name has fills of its own.
    """
    with connected(database) as connection:
        done = call(connection, "alias_instrument", alias=name, asset=asset)
    echo(f"{done['alias']} is {done['asset']}")


@instruments.command()
def unalias(
    name: Annotated[str, typer.Argument(help="Name that stands for an instrument, in any case.")],
    database: Database = None,
) -> None:
    """Let a name stand for itself again."""
    with connected(database) as connection:
        done = call(connection, "remove_alias", alias=name)
    echo(f"{done['alias']} is no longer {done['asset']}")


@instruments.command()
def aliases(as_json: AsJson = False, database: Database = None) -> None:
    """List the names that stand for instruments."""
    with connected(database) as connection:
        found = rows(connection, "instrument_aliases", {}, ("alias",))
    print_rows(found, ALIASES, as_json, name="aliases", empty="no aliases")


def _assumed(is_assumed: bool) -> Text:
    return Text("assumed" if is_assumed else "", style="yellow")


INSTRUMENTS = (
    ASSET,
    words("kind", "kind"),
    Column("multiplier", "multiplier", exact),
    words("base", "base_currency"),
    words("quote", "quote_currency"),
    words("settlement", "settlement_currency"),
    words("expires", "expires_at", when, shown=any_but("expires_at", None)),
    Column("tick", "tick_size", exact, shown=any_but("tick_size", None)),
    Column("step", "quantity_step", exact, shown=any_but("quantity_step", None)),
    words("", "is_assumed", _assumed),
)
ALIASES = (words("alias", "alias"), ASSET, words("since", "created_at", when))
