"""``position-manager portfolio``."""

from __future__ import annotations

import typer
from rich.console import Console

from position_manager.cli.service import Account, AsJson, Database, call, connected, print_json
from position_manager.cli.tables import by_asset_table, portfolio_table


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(portfolio)


def portfolio(account: Account = None, as_json: AsJson = False, database: Database = None) -> None:
    """Show the totals: exposure, PnL, counts, limits, and what each asset adds.

    Of all accounts together unless one is named.
    """
    with connected(database) as connection:
        found = call(connection, "get_portfolio", account=account)
    if as_json:
        print_json(found)
        return
    console = Console()
    console.print(portfolio_table(found))
    if found["by_asset"]:
        console.print(by_asset_table(found["by_asset"]))
