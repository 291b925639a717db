"""``stats``: what the round trips and the days came to."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.commands import Commands, listing
from position_manager.cli.form import form
from position_manager.cli.output import (
    Column,
    count,
    duration,
    gain,
    missing,
    money,
    percent,
    print_rows,
    print_table,
    several,
    utilization,
    words,
)
from position_manager.cli.pnl import INCOMPLETE
from position_manager.cli.query import (
    Account,
    AsJson,
    AssetOption,
    Book,
    Database,
    call,
    connected,
)
from position_manager.cli.reporting import Currency, print_rate_notes
from position_manager.cli.times import time_option
from position_manager.terminal import echo

app = Commands()


class Part(StrEnum):
    """What statistics are made for."""

    asset = "asset"
    account = "account"
    book = "book"
    week = "week"
    month = "month"
    year = "year"


@app.command()
@listing
def stats(
    by: Annotated[
        Part | None,
        typer.Option(help="A row for each; weeks begin on Monday.", show_default=False),
    ] = None,
    days: Annotated[
        bool, typer.Option("--days", help="Show the daily returns only, for --csv and --sort.")
    ] = False,
    account: Account = None,
    asset: AssetOption = None,
    since: Annotated[
        str | None,
        time_option("--from", help="Only round trips closed at or after this time, and its days."),
    ] = None,
    until: Annotated[
        str | None,
        time_option("--to", help="Only round trips closed at or before this time, and its days."),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            help="IANA time zone in which days begin, such as Asia/Kathmandu; by default that of"
            " the service.",
        ),
    ] = None,
    days_per_year: Annotated[
        int | None,
        typer.Option(help="Days of a year; 365 by default, 252 for a market with holidays."),
    ] = None,
    risk_free: Annotated[
        str | None,
        typer.Option(help="Risk-free return of a year, such as 0.04; 0 by default."),
    ] = None,
    book: Book = None,
    currency: Currency = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show win rate, profit factor and expectancy of round trips, and the ratios of daily returns.

    A round trip is a position from flat to flat; it wins or loses by its net PnL. The profit factor
    is what was won for each unit lost, the expectancy the average net PnL.

    The return of a day is its net PnL / the equity before it. Sharpe, Sortino and Calmar ratio are
    those of a year. The drawdown is the largest loss from a peak; it lasts until that is reached
    again.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_statistics",
            part=None if by is None else by.value,
            account=account,
            asset=asset,
            from_time=since,
            to_time=until,
            time_zone=time_zone,
            days_per_year=None if days_per_year is None else str(days_per_year),
            risk_free=risk_free,
            book=book,
            currency=currency,
        )
    shown = found if as_json else found.get("reporting", found)
    returns = [row for row in shown["days"] if row["days"]]
    if days:
        empty = "no day with a return in that time"
        print_rows(shown["days"] if as_json else returns, DAYS, as_json, name="days", empty=empty)
        return
    trips, empty = shown["statistics"], "no round trip closed in that time"
    print_rows(trips, TRIPS, as_json, name="statistics", document=found, empty=empty)
    if not form().is_table:
        return
    if returns:
        print_table(DAYS, returns, title="\nDaily returns")
    print_rate_notes(found)
    if left_out := found.get("reporting", {}).get("unconverted_trades"):
        echo(f"{left_out} left out, without a rate when they closed")


def _part(ratio: str | None) -> Text:
    """Format a ratio that is never negative, in percent."""
    return missing() if ratio is None else Text(f"{Decimal(ratio) * 100:.2f} %")


def _days(number: int | None) -> Text:
    return missing() if number is None else Text(f"{number:,}d")


OF = words("of", "part", shown=several("part"))
TRIPS = (
    OF,
    Column("trades", "trades", count),
    Column("won", "won", count, leaves=2),
    Column("lost", "lost", count, leaves=2),
    Column("win rate", "win_rate", utilization),
    Column("profit factor", "profit_factor", money),
    Column("net PnL", "net_pnl", gain, in_settlement=True),
    Column("expectancy", "expectancy", gain, in_settlement=True, leaves=5),
    Column("best", "best", gain, in_settlement=True, leaves=4),
    Column("worst", "worst", gain, in_settlement=True, leaves=4),
    Column("held", "average_minutes", duration, leaves=3),
    Column("turnover", "turnover", money, in_settlement=True, leaves=6),
    words("currency", "settlement_currency", shown=several("settlement_currency"), leaves=1),
)
DAYS = (
    OF,
    Column("days", "days", count),
    Column("won", "winning_days", count, leaves=3),
    Column("lost", "losing_days", count, leaves=3),
    Column("return", "total_return", percent),
    Column("by the year", "annual_return", percent, leaves=4),
    Column("mean", "mean_return", percent, leaves=5),
    Column("deviation", "standard_deviation", _part, leaves=5),
    Column("best", "best_return", percent, leaves=6),
    Column("worst", "worst_return", percent, leaves=6),
    Column("Sharpe", "sharpe", money),
    Column("Sortino", "sortino", money),
    Column("Calmar", "calmar", money),
    Column("drawdown", "max_drawdown", _part),
    Column("below", "max_drawdown_days", _days, leaves=1),
    words("from", "max_drawdown_from", leaves=2),
    words("to", "max_drawdown_to", leaves=2),
    INCOMPLETE,
)
