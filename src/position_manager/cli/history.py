"""``history``: equity over time, and capital."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from position_manager.cli.chart import chart
from position_manager.cli.commands import Commands, listing
from position_manager.cli.form import form
from position_manager.cli.output import (
    Column,
    Document,
    Screen,
    gain,
    money,
    percent,
    print_rows,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    Book,
    Database,
    call,
    connected,
    refuse,
    rows,
    selected,
)
from position_manager.cli.times import time_option
from position_manager.terminal import echo

if TYPE_CHECKING:
    import psycopg

SET_CAPITAL = """
    SELECT api.set_capital(%(amount)s::numeric, %(account)s, %(effective_at)s::timestamptz)
        AS effective_at
"""
CHART_HEIGHT = 8
CHART_WIDTH = 72
# Fewer points are no curve.
CHARTED = 3

app = Commands()
history = Commands(invoke_without_command=True)

app.add_typer(history, name="history")


class Period(StrEnum):
    """The period of a row of the history."""

    minute = "minute"
    day = "day"
    week = "week"
    month = "month"


@history.callback()
@listing
def show(
    context: typer.Context,
    by: Annotated[Period, typer.Option(help="Period of each row.")] = Period.day,
    account: Account = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1000, help="Maximum number of rows.")
    ] = 30,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show equity over time, and PnL by minute, day, week or month (UTC).

    The default is all accounts together. Equity is capital or cash plus net PnL. Minutes in which
    nothing changed have no row. With --book, the net PnL of the book at the start of each day and
    now, since it began.
    """
    if context.invoked_subcommand is not None:
        return
    if book is not None and by is not Period.day:
        refuse("refused: by: must be day with --book;  pnl --book  has weeks and months")
    view, time, field = (
        ("portfolio_history", "recorded_at", "equity_usdt")
        if by is Period.minute
        else (f"pnl_by_{by.value}", "period_start", "closing_equity_usdt")
    )
    columns: Sequence[Column] = MINUTES if by is Period.minute else PERIODS
    with connected(database) as connection:
        if book is None:
            chosen = f"{view}_total" if account is None else view
            found = rows(connection, chosen, {"account": account}, (f"-{time}",), limit)
        else:
            field, columns = "net_pnl_usdt", POINTS
            found = _points(connection, account, book, limit)
    if form().is_table and len(found) >= CHARTED:
        console = Screen()
        equity = [Decimal(row[field]) for row in reversed(found)]
        for line in chart(equity, CHART_WIDTH, CHART_HEIGHT):
            console.print(line, style="cyan")
    print_rows(found, columns, as_json, name="history", empty="no portfolio history yet")


def _points(
    connection: psycopg.Connection[Any], account: str | None, book: str, limit: int
) -> list[Document]:
    """The totals of a book at the start of each day and now, newest first."""
    since = datetime.now(UTC) - timedelta(days=limit - 1)
    found = call(
        connection,
        "get_history",
        account=account,
        book=book,
        unit="day",
        from_time=since.isoformat(),
    )
    points: list[Document] = found["points"]
    return points[::-1]


@history.command()
def capital(
    amount: Annotated[str, typer.Argument(help="Total capital, in USDT.")],
    account: Annotated[str, typer.Option("--account", "-a", help="Account name.")] = "main",
    effective_at: Annotated[
        str | None,
        time_option(
            "--from",
            help="Effective time; by default that of the first entry of the account for its first"
            " capital, and now for a later one.",
        ),
    ] = None,
    database: Database = None,
) -> None:
    """Set the capital of an account; equity is capital plus net PnL.

    A change of capital counts as neither gain nor loss.
    """
    with connected(database) as connection:
        connection.execute("SET timezone = 'UTC'")
        (done,) = selected(
            connection,
            SET_CAPITAL,
            {"amount": amount, "account": account, "effective_at": effective_at},
        )
    echo(f"{account}: capital {amount} USDT, effective {when(done['effective_at']).plain}")


PERIODS = (
    words("from", "period_start"),
    Column("net PnL", "net_pnl_usdt", gain),
    Column("realized", "realized_usdt", gain),
    Column("unrealized", "unrealized_pnl_usdt", gain, leaves=4),
    Column("fees", "fees_paid_usdt", money, leaves=3),
    Column("funding", "funding_usdt", gain, leaves=2),
    Column("equity", "closing_equity_usdt", money),
    Column("return", "return_ratio", percent, leaves=1),
)
POINTS = (
    words("at", "at", when),
    Column("net PnL", "net_pnl_usdt", gain),
    Column("drawdown", "drawdown_usdt", money, leaves=1),
    Column("exposure", "exposure_usdt", money, leaves=3),
    Column("net", "net_exposure_usdt", gain, leaves=2),
)
MINUTES = (
    words("minute", "recorded_at", when),
    Column("equity", "equity_usdt", money),
    Column("net PnL", "net_pnl_usdt", gain),
    Column("realized", "realized_usdt", gain),
    Column("unrealized", "unrealized_pnl_usdt", gain, leaves=4),
    Column("exposure", "exposure_usdt", money, leaves=3),
    Column("net", "net_exposure_usdt", gain, leaves=2),
    Column("open", "open_positions_count", leaves=1),
)
