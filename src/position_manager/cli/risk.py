"""``check``, ``risk-limits`` and ``history``: pre-trade checks, limits, and equity over time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from position_manager.cli.chart import chart
from position_manager.cli.commands import Commands, listing
from position_manager.cli.form import form
from position_manager.cli.output import (
    Column,
    Document,
    Screen,
    colored,
    exact,
    gain,
    grid,
    incomplete,
    money,
    percent,
    print_rows,
    print_table,
    utilization,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    Asset,
    Database,
    Leg,
    Limit,
    Mode,
    call,
    connected,
    position_filter,
    rows,
)
from position_manager.cli.times import time_option
from position_manager.terminal import echo, print_json

# Exit code; 2 means a usage error.
NOT_ALLOWED = 3
SET_LIMIT = """
    SELECT api.set_limit(
        metric => %(metric)s,
        breach_level => %(breach)s::numeric,
        warn_level => %(warn)s::numeric,
        account => %(account)s,
        asset => %(asset)s
    )
"""
REMOVE_LIMIT = "SELECT api.remove_limit(%(id)s)"
SET_CAPITAL = """
    SELECT api.set_capital(
        %(amount)s::numeric, %(account)s, coalesce(%(effective_at)s::timestamptz, now())
    )
"""
DEFAULT_BREACHES = 100
DEFAULT_PERIODS = 30
CHART_HEIGHT = 8
CHART_WIDTH = 72
# Fewer points are no curve.
CHARTED = 3
OfAsset = Annotated[
    str | None, typer.Option("--asset", help="Limit on this asset; by default on all.")
]
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account", "-a", help="Limit on this account; by default on all accounts together."
    ),
]

app = Commands()
risk_limits = Commands(no_args_is_help=True, help="Manage limits on exposure and loss.")
history = Commands(invoke_without_command=True)

app.add_typer(risk_limits, name="risk-limits")
app.add_typer(history, name="history")


class Metric(StrEnum):
    """The metrics that a limit can bound."""

    gross_exposure = "gross_exposure"
    net_exposure = "net_exposure"
    position_size = "position_size"
    exposure_share = "exposure_share"
    drawdown = "drawdown"
    daily_loss = "daily_loss"


class Period(StrEnum):
    """The period of a row of the history."""

    minute = "minute"
    day = "day"
    week = "week"
    month = "month"


@app.command()
def check(
    asset: Asset,
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    quantity: Annotated[str, typer.Argument(help="Quantity > 0.")],
    price: Annotated[str | None, typer.Option(help="Price; by default the mark price.")] = None,
    fee: Annotated[
        str | None, typer.Option(help="Fee in the settlement currency; by default none.")
    ] = None,
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the effect of a fill on size, average, exposure and limits, without recording it.

    Exits with 3 when the fill would breach a limit or worsen a breach.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "check_fill",
            asset=asset,
            side=side,
            quantity=quantity,
            price=price,
            fee=fee,
            mode=mode,
            position_side=position_side,
            account=account,
        )
    if as_json:
        print_json(found)
    else:
        Screen().print(check_table(found))
        if found["limits"]:
            print_table(CHECKED_LIMITS, [_used(limit) for limit in found["limits"]])
    if not found["allowed"]:
        echo("not allowed: a limit would be breached", err=True, color="red")
        raise typer.Exit(NOT_ALLOWED)


@risk_limits.command("list")
@listing
def list_limits(
    account: Account = None, as_json: AsJson = False, database: Database = None
) -> None:
    """List the limits and their current utilization."""
    with connected(database) as connection:
        found = rows(connection, "limits", position_filter(account), ("-scope", "id"))
    print_rows(found, LIMITS, as_json, name="limits", empty="no limits are set")


@risk_limits.command("set")
def set_limit(
    metric: Metric,
    breach: Annotated[str, typer.Argument(help="Level above which the limit is breached.")],
    warn: Annotated[str | None, typer.Option(help="Level above which the limit warns.")] = None,
    account: OfAccount = None,
    asset: OfAsset = None,
    database: Database = None,
) -> None:
    """Set a limit in USDT; position_size is a quantity, exposure_share a ratio.

    Replaces an earlier limit with the same account, asset and metric.
    """
    with connected(database) as connection:
        row = connection.execute(
            SET_LIMIT,
            {
                "metric": metric.value,
                "breach": breach,
                "warn": warn,
                "account": account,
                "asset": asset,
            },
        ).fetchone()
    warning = "" if warn is None else f", warning above {warn}"
    echo(f"{row[0] if row else ''}: breach above {breach}{warning}")


@risk_limits.command()
def remove(
    limit: Annotated[str, typer.Argument(help="Id, as shown by  risk-limits list.")],
    database: Database = None,
) -> None:
    """Remove a limit."""
    with connected(database) as connection:
        connection.execute(REMOVE_LIMIT, {"id": limit})
    echo(f"{limit} removed")


@risk_limits.command()
@listing
def breaches(
    account: Account = None,
    limit: Limit = DEFAULT_BREACHES,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List breaches of limits, newest first."""
    with connected(database) as connection:
        found = rows(
            connection, "limit_breaches", position_filter(account), ("-began_at", "-id"), limit
        )
    print_rows(found, BREACHES, as_json, name="breaches", empty="no breaches")


@history.callback()
@listing
def show(
    context: typer.Context,
    by: Annotated[Period, typer.Option(help="Period of each row.")] = Period.day,
    account: Account = None,
    limit: Limit = DEFAULT_PERIODS,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show equity over time, and PnL by minute, day, week or month (UTC).

    The default is all accounts together. Equity is capital plus net PnL. Minutes in which nothing
    changed have no row.
    """
    if context.invoked_subcommand is not None:
        return
    view, time, field = (
        ("portfolio_history", "recorded_at", "equity_usdt")
        if by is Period.minute
        else (f"pnl_by_{by.value}", "period_start", "closing_equity_usdt")
    )
    with connected(database) as connection:
        # Rows without an account are totals of all accounts. The order is that of the index.
        absent = ("account",) if account is None else ()
        order = ("-account", f"-{time}")
        found = rows(connection, view, {"account": account}, order, limit, absent=absent)
    if form().is_table and len(found) >= CHARTED:
        console = Screen()
        equity = [Decimal(row[field]) for row in reversed(found)]
        for line in chart(equity, CHART_WIDTH, CHART_HEIGHT):
            console.print(line, style="cyan")
    columns = MINUTES if by is Period.minute else PERIODS
    print_rows(found, columns, as_json, name="history", empty="no portfolio history yet")


@history.command()
def capital(
    amount: Annotated[str, typer.Argument(help="Total capital, in USDT.")],
    account: Annotated[str, typer.Option("--account", "-a", help="Account name.")] = "main",
    effective_at: Annotated[
        str | None, time_option("--from", help="Effective time; by default now.")
    ] = None,
    database: Database = None,
) -> None:
    """Set the capital of an account; equity is capital plus net PnL.

    A change of capital counts as neither gain nor loss.
    """
    with connected(database) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute(
            SET_CAPITAL, {"amount": amount, "account": account, "effective_at": effective_at}
        )
    since = "now" if effective_at is None else when(effective_at).plain
    echo(f"{account}: capital {amount} USDT, effective {since}")


# The figures that a check shows: title and field.
OF_POSITION = (
    ("size", "size"),
    ("average", "average_entry_price"),
    ("realized PnL", "realized_pnl"),
    ("fees", "fees_paid"),
    ("exposure", "exposure_usdt"),
)
OF_PORTFOLIO = (
    ("portfolio exposure", "total_exposure_usdt"),
    ("portfolio net exposure", "net_exposure_usdt"),
)


def check_table(check: Document) -> Table:
    """A table of a position and a portfolio before and after a fill."""
    fill = check["fill"]
    title = f"{fill['side']} {fill['quantity']} {fill['asset']} at {fill['price']}"
    table = grid(f"{title}, {fill['account']}")
    table.add_column("")
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after", justify="right", no_wrap=True)
    before, after = check["position"]["before"] or {}, check["position"]["after"]
    for name, field in OF_POSITION:
        table.add_row(name, exact(before.get(field)), exact(after[field]))
    before, after = check["portfolio"]["before"], check["portfolio"]["after"]
    for name, field in OF_PORTFOLIO:
        table.add_row(name, money(before[field]), money(after[field]))
    for reason, found in incomplete(after):
        table.add_row(reason, "", found)
    return table


def _used(limit: Document) -> Document:
    """A limit with its utilization before and after the fill."""
    return {
        "id": limit["id"],
        "limit": limit["limit"],
        "before": limit["before"]["utilisation"],
        "after": limit["after"]["utilisation"],
        "level": limit["after"]["level"],
    }


def _end(time: str | None) -> Text:
    return Text("ongoing", style="red") if time is None else when(time)


def _amount(field: str, limit: str = "id") -> Callable[[Document], Text]:
    """Format a value of a limit by its metric, which ends its id."""

    def amount(row: Document) -> Text:
        metric = row[limit].rpartition("/")[2]
        if metric == Metric.exposure_share and row[field] is not None:
            return utilization(row[field])
        return exact(row[field]) if metric == Metric.position_size else money(row[field])

    return amount


LEVEL = words("", "level", colored({"ok": "green", "warn": "yellow", "breach": "red"}))
CHECKED_LIMITS = (
    words("limit", "id"),
    Column("level", None, _amount("limit")),
    Column("before", "before", utilization),
    Column("after", "after", utilization),
    LEVEL,
)
LIMITS = (
    words("limit", "id"),
    Column("warning above", None, _amount("warn_level"), leaves=1),
    Column("breach above", None, _amount("breach_level")),
    Column("now", None, _amount("value")),
    Column("used", "utilisation", utilization),
    LEVEL,
)
BREACHES = (
    words("limit", "limit_id"),
    Column("level", None, _amount("breach_level", "limit_id"), leaves=1),
    Column("peak", None, _amount("peak_value", "limit_id")),
    Column("began", "began_at", when),
    Column("ended", "ended_at", _end),
)
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
