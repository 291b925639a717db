"""``instruments``: the valuation rules of contracts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.output import (
    ASSET,
    Column,
    exact,
    print_rows,
    words,
)
from position_manager.cli.query import AsJson, Asset, Database, connected, rows
from position_manager.names import asset_name
from position_manager.terminal import echo

DEFINE = """
    SELECT api.define_instrument(
        asset => %(asset)s,
        kind => %(kind)s,
        multiplier => %(multiplier)s,
        quote_currency => %(quote)s,
        settlement_currency => %(settlement)s,
        allows_negative_price => %(negative)s
    )
"""

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
    database: Database = None,
) -> None:
    """Define an instrument before it is traded.

    Idempotent. Fails when the instrument was traded under another definition.
    """
    with connected(database) as connection:
        connection.execute(
            DEFINE,
            {
                "asset": asset,
                "kind": kind.value,
                "multiplier": multiplier,
                "quote": quote,
                "settlement": settlement,
                "negative": negative_prices,
            },
        )
    echo(
        f"{asset_name(asset)} is {kind.value}, multiplier {multiplier}, in {asset_name(settlement)}"
    )


def _assumed(is_assumed: bool) -> Text:
    return Text("assumed" if is_assumed else "", style="yellow")


INSTRUMENTS = (
    ASSET,
    words("kind", "kind"),
    Column("multiplier", "multiplier", exact),
    words("base", "base_currency"),
    words("quote", "quote_currency"),
    words("settlement", "settlement_currency"),
    words("", "is_assumed", _assumed),
)
