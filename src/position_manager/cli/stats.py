"""``stats``: what the round trips came to."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    Column,
    count,
    duration,
    gain,
    money,
    print_rows,
    several,
    utilization,
    words,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    AssetOption,
    Database,
    connected,
    position_filter,
    selected,
)
from position_manager.cli.times import time_option

STATISTICS = """
    SELECT s.*
    FROM api.trade_statistics(
        %(by)s, %(account)s, %(asset)s, %(since)s::timestamptz, %(until)s::timestamptz
    ) s
"""

app = Commands()


class Part(StrEnum):
    """What statistics are made for."""

    asset = "asset"
    account = "account"
    week = "week"


@app.command()
@listing
def stats(
    by: Annotated[
        Part | None,
        typer.Option(help="A row for each; weeks begin on Monday (UTC).", show_default=False),
    ] = None,
    account: Account = None,
    asset: AssetOption = None,
    since: Annotated[
        str | None, time_option("--from", help="Only round trips closed at or after this time.")
    ] = None,
    until: Annotated[
        str | None, time_option("--to", help="Only round trips closed at or before this time.")
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show win rate, profit factor, expectancy, best and worst of all round trips.

    A round trip is a position from flat to flat; it wins or loses by its net PnL. The profit factor
    is what was won for each unit lost, the expectancy the average net PnL.
    """
    wanted: dict[str, Any] = {
        **position_filter(account, asset),
        "by": None if by is None else by.value,
        "since": since,
        "until": until,
    }
    with connected(database) as connection:
        found = selected(connection, STATISTICS, wanted)
    print_rows(found, STATS, as_json, name="statistics", empty="no round trip closed in that time")


STATS = (
    words("of", "part", shown=several("part")),
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
    words("currency", "settlement_currency", shown=several("settlement_currency"), leaves=1),
)
