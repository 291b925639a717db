"""``position-manager portfolio``."""

from __future__ import annotations

import typer
from rich.console import Console

from position_manager.cli.service import (
    Account,
    AsJson,
    AsOf,
    Database,
    KnownAt,
    call,
    connected,
    print_json,
)
from position_manager.cli.tables import by_asset_table, moment, portfolio_table


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(portfolio)


def portfolio(
    account: Account = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the totals: exposure, PnL, counts, limits, and what each asset adds.

    Of all accounts together unless one is named. A time without a zone is UTC.
    """
    with connected(database) as connection:
        found = call(connection, "get_portfolio", account=account, as_of=as_of, known_at=known_at)
    if as_json:
        print_json(found)
        return
    console = Console()
    console.print(portfolio_table(found, moment(found)))
    if found["by_asset"]:
        console.print(by_asset_table(found["by_asset"]))
