"""``position-manager instruments``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.ledger_tables import instruments_table
from position_manager.cli.service import AsJson, Asset, Database, connected, print_json, rows

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


class Kind(StrEnum):
    """How a contract is valued."""

    linear = "linear"
    inverse = "inverse"
    spot = "spot"


instruments = typer.Typer(no_args_is_help=True, help="How each contract is counted.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(instruments, name="instruments")


@instruments.command("list")
def list_instruments(as_json: AsJson = False, database: Database = None) -> None:
    """List the instruments, and which of them are only assumed."""
    with connected(database) as connection:
        found = rows(connection, "instruments", {}, ("asset",))
    if as_json:
        print_json({"instruments": found})
    elif found:
        Console().print(instruments_table(found))
    else:
        typer.echo("no instruments yet", err=True)


@instruments.command()
def define(
    asset: Asset,
    kind: Annotated[
        Kind, typer.Option(help="inverse contracts are margined and settled in the coin.")
    ] = Kind.linear,
    multiplier: Annotated[
        str, typer.Option(help="How much of what is priced one of the quantity stands for.")
    ] = "1",
    quote: Annotated[str, typer.Option(help="Currency of prices.")] = "USDT",
    settlement: Annotated[str, typer.Option(help="Currency of cost, PnL and fees.")] = "USDT",
    negative_prices: Annotated[
        bool, typer.Option("--negative-prices", help="Prices may be zero or below.")
    ] = False,
    database: Database = None,
) -> None:
    """Say how an instrument is counted, before it is traded.

    May be repeated. Refused when positions have been counted by another rule.
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
    typer.echo(f"{asset.upper()} is {kind.value}, multiplier {multiplier}, in {settlement.upper()}")
