"""``position-manager history``."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.chart import chart
from position_manager.cli.risk_tables import minutes_table, periods_table
from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Limit,
    connected,
    print_json,
    rows,
)

SET_CAPITAL = """
    SELECT api.set_capital(
        %(amount)s::numeric, %(account)s, coalesce(%(effective_at)s::timestamptz, now())
    )
"""
DEFAULT_LIMIT = 30
CHART_HEIGHT = 8
CHART_WIDTH = 72


class Period(StrEnum):
    """What a row of the history stands for."""

    minute = "minute"
    day = "day"
    week = "week"
    month = "month"


history = typer.Typer(invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(history, name="history")


@history.callback()
def show(
    context: typer.Context,
    by: Annotated[Period, typer.Option(help="One row for each.")] = Period.day,
    account: Account = None,
    limit: Limit = DEFAULT_LIMIT,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the equity over time, and what was earned in each day, week or month (UTC).

    Of all accounts together unless one is named. Equity is the capital and the net PnL.
    """
    if context.invoked_subcommand is not None:
        return
    view, time, field = (
        ("portfolio_history", "recorded_at", "equity_usdt")
        if by is Period.minute
        else (f"pnl_by_{by.value}", "period_start", "closing_equity_usdt")
    )
    with connected(database) as connection:
        # The rows of no account are those of all of them. Ordered as the index is, by both.
        absent = ("account",) if account is None else ()
        order = ("-account", f"-{time}")
        found = rows(connection, view, {"account": account}, order, limit, absent=absent)
    if as_json:
        print_json({"history": found})
        return
    if not found:
        typer.echo("no minute has been kept yet", err=True)
        return
    console = Console()
    equity = [Decimal(row[field]) for row in reversed(found)]
    for line in chart(equity, CHART_WIDTH, CHART_HEIGHT):
        console.print(line, highlight=False, style="cyan")
    console.print(minutes_table(found) if by is Period.minute else periods_table(found))


@history.command()
def capital(
    amount: Annotated[str, typer.Argument(help="All of it, in USDT.")],
    account: Annotated[str, typer.Option("--account", "-a", help="Whose it is.")] = "main",
    effective_at: Annotated[
        str | None, typer.Option("--from", help="From when on; by default from now on.")
    ] = None,
    database: Database = None,
) -> None:
    """Say what an account has to trade with: equity is that and the net PnL.

    What is added or taken out is neither gain nor loss.
    """
    with connected(database) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute(
            SET_CAPITAL, {"amount": amount, "account": account, "effective_at": effective_at}
        )
    typer.echo(f"{account} has {amount} USDT from {effective_at or 'now'} on")
