"""``pnl``: profit and loss by day, week or month, in a time zone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.chart import signed_bars
from position_manager.cli.commands import Commands, listing
from position_manager.cli.form import form
from position_manager.cli.output import (
    ACCOUNT,
    ASSET,
    Column,
    Document,
    Screen,
    any_but,
    gain,
    missing,
    money,
    percent,
    print_rows,
    several,
    words,
)
from position_manager.cli.positions import REALIZED_NET
from position_manager.cli.query import (
    Account,
    AsJson,
    AssetOption,
    Book,
    Database,
    Limit,
    call,
    connected,
)
from position_manager.cli.reporting import Currency, amounts_of, currency_of, print_rate_notes
from position_manager.cli.times import time_option

# The width of a gain in the chart; fewer periods than this are no chart.
HALF = 8
CHARTED = 3

app = Commands()


class Unit(StrEnum):
    """The length of a period."""

    day = "day"
    week = "week"
    month = "month"


@app.command()
@listing
def pnl(
    by: Annotated[Unit, typer.Option(help="Period of each row; weeks begin on Monday.")] = Unit.day,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            help="IANA time zone in which periods begin, such as Asia/Kathmandu; by default that"
            " of the service.",
        ),
    ] = None,
    account: Account = None,
    asset: AssetOption = None,
    since: Annotated[
        str | None,
        time_option("--from", help="Only periods that end after this time."),
    ] = None,
    until: Annotated[
        str | None,
        time_option("--to", help="Only periods that begin before this time."),
    ] = None,
    positions: Annotated[
        bool, typer.Option("--positions", help="List the positions of each period.")
    ] = False,
    limit: Limit = None,
    currency: Currency = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show profit and loss by day, week or month, newest first.

    An entry counts in the period of its event time, whenever it was recorded. The default is all
    accounts together. A period that a late fill, a bust or a correction changed after its end shows
    when it was restated.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_pnl_by_period",
            unit=by.value,
            time_zone=time_zone,
            account=account,
            asset=asset,
            from_time=since,
            to_time=until,
            include_positions="true" if positions else None,
            page_limit=None if limit is None else str(limit),
            currency=currency,
            book=book,
        )
    rows: Sequence[Document] = found["periods"]
    columns: Sequence[Column] = PERIODS
    if positions and not as_json:
        columns = POSITIONS
        rows = [
            {"period_start": period["period_start"], **position}
            for period in rows
            for position in period["positions"]
        ]
    elif form().is_table:
        if "reporting" in found:
            columns = REPORTED
            rows = [amounts_of(row, row["reporting"], currency_of(found)) for row in rows]
        if Screen().is_terminal and len(rows) >= CHARTED:
            field = "net_pnl" if "reporting" in found else "net_pnl_usdt"
            bars = signed_bars([Decimal(row[field] or 0) for row in rows], HALF)
            rows = [row | {"bar": bar} for row, bar in zip(rows, bars, strict=True)]
            columns = (*columns, BAR)
    empty = "no PnL in that time"
    print_rows(rows, columns, as_json, name="periods", document=found, empty=empty)
    if form().is_table and not positions:
        print_rate_notes(found)


def _restated(rows: Sequence[Document]) -> bool:
    return any(row["is_restated"] for row in rows)


def _incomplete(is_complete: bool) -> Text:
    return Text("" if is_complete else "incomplete", style="yellow")


def _day(time: str | None) -> Text:
    return missing() if time is None else Text(time[:10])


RESTATED = words("restated", "restated_at", _day, shown=_restated)
INCOMPLETE = words("", "complete", _incomplete, shown=any_but("complete", True))
PERIODS = (
    words("from", "period_start"),
    Column("net PnL", "net_pnl_usdt", gain),
    Column("realized", "realized_usdt", gain),
    Column("unrealized", "unrealized_pnl_usdt", gain, leaves=5),
    Column("fees", "fees_paid_usdt", money, leaves=4),
    Column("funding", "funding_usdt", gain, leaves=3),
    Column("conversion", "conversion_usdt", gain, leaves=3, shown=several("conversion_usdt")),
    Column("interest", "interest_usdt", gain, leaves=3, shown=any_but("interest_usdt", None)),
    Column("flows", "flows_usdt", gain, leaves=3, shown=any_but("flows_usdt", None)),
    Column("equity", "closing_equity_usdt", money, leaves=2),
    Column("return", "return_ratio", percent, leaves=1),
    RESTATED,
    Column("restated PnL", "restated_realized_pnl_usdt", gain, shown=_restated),
    INCOMPLETE,
)
# In the currency of --currency.
REPORTED = (
    words("from", "period_start"),
    Column("net PnL", "net_pnl", gain, in_settlement=True),
    Column("realized", "realized", gain, in_settlement=True),
    Column("unrealized", "unrealized_pnl", gain, in_settlement=True, leaves=4),
    Column("fees", "fees_paid", money, in_settlement=True, leaves=3),
    Column("funding", "funding", gain, in_settlement=True, leaves=2),
    Column("currency effect", "currency_effect", gain, in_settlement=True, leaves=1),
    words("currency", "settlement_currency", leaves=1),
    RESTATED,
    INCOMPLETE,
)
BAR = words("loss or gain", "bar", leaves=1)
POSITIONS = (
    words("from", "period_start"),
    ACCOUNT,
    ASSET,
    words("mode", "mode", shown=several("mode")),
    Column("net PnL", "net_pnl", gain, in_settlement=True),
    REALIZED_NET,
    Column("unrealized", "unrealized_pnl", gain, in_settlement=True, leaves=3),
    Column("fees", "fees_paid", money, in_settlement=True, leaves=2),
    Column("funding", "funding", gain, in_settlement=True, leaves=1),
    words("currency", "settlement_currency", shown=several("settlement_currency")),
    RESTATED,
    Column(
        "restated PnL", "restated_realized_pnl", gain, in_settlement=True, leaves=4, shown=_restated
    ),
    INCOMPLETE,
)
