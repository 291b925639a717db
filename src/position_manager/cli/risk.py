"""``check``, ``risk-limits`` and ``history``: exposure, its limits, and equity over time."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from position_manager.cli.chart import chart
from position_manager.cli.output import (
    Column,
    Document,
    colored,
    exact,
    gain,
    grid,
    money,
    percent,
    print_json,
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

# 2 is what a wrong option ends with.
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
OfAsset = Annotated[str | None, typer.Option("--asset", help="On this asset; by default on all.")]
OfAccount = Annotated[
    str | None,
    typer.Option("--account", "-a", help="On this account; by default on all of them together."),
]

app = typer.Typer()
risk_limits = typer.Typer(no_args_is_help=True, help="How much may be at stake.")
history = typer.Typer(invoke_without_command=True)

app.add_typer(risk_limits, name="risk-limits")
app.add_typer(history, name="history")


class Metric(StrEnum):
    """What a limit is on."""

    gross_exposure = "gross_exposure"
    net_exposure = "net_exposure"
    position_size = "position_size"
    exposure_share = "exposure_share"
    drawdown = "drawdown"
    daily_loss = "daily_loss"


class Period(StrEnum):
    """What a row of the history stands for."""

    minute = "minute"
    day = "day"
    week = "week"
    month = "month"


@app.command()
def check(
    asset: Asset,
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    quantity: Annotated[str, typer.Argument(help="How much, above 0.")],
    price: Annotated[
        str | None, typer.Option(help="At which price; by default the mark price.")
    ] = None,
    fee: Annotated[
        str | None, typer.Option(help="In the settlement currency; by default none.")
    ] = None,
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Say what a fill would do to size, average, exposure and every limit, without doing it.

    Ends with exit code 3 when a limit would be breached, or further than it is.
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
        Console().print(check_table(found))
        if found["limits"]:
            print_table(CHECKED_LIMITS, [_used(limit) for limit in found["limits"]])
    if not found["allowed"]:
        typer.secho("not allowed: a limit would be breached", err=True, fg="red")
        raise typer.Exit(NOT_ALLOWED)


@risk_limits.command("list")
def list_limits(
    account: Account = None, as_json: AsJson = False, database: Database = None
) -> None:
    """List the limits, and how far each is used now."""
    with connected(database) as connection:
        found = rows(connection, "limits", position_filter(account), ("-scope", "id"))
    if as_json:
        print_json({"limits": found})
    elif found:
        print_table(LIMITS, found)
    else:
        typer.echo("no limits are set", err=True)


@risk_limits.command("set")
def set_limit(
    metric: Metric,
    breach: Annotated[str, typer.Argument(help="The level: what is above it is a breach.")],
    warn: Annotated[str | None, typer.Option(help="What is above this warns.")] = None,
    account: OfAccount = None,
    asset: OfAsset = None,
    database: Database = None,
) -> None:
    """Set a limit: in USDT, for position_size a quantity, for exposure_share a ratio.

    One for each account, asset and metric: set again, it is changed.
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
    warning = "" if warn is None else f", warns above {warn}"
    typer.echo(f"{row[0] if row else ''}: a breach above {breach}{warning}")


@risk_limits.command()
def remove(
    limit: Annotated[str, typer.Argument(help="Its id, as the list shows it.")],
    database: Database = None,
) -> None:
    """Remove a limit."""
    with connected(database) as connection:
        connection.execute(REMOVE_LIMIT, {"id": limit})
    typer.echo(f"{limit} is removed")


@risk_limits.command()
def breaches(
    account: Account = None,
    limit: Limit = DEFAULT_BREACHES,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List when limits were breached, the newest first."""
    with connected(database) as connection:
        found = rows(
            connection, "limit_breaches", position_filter(account), ("-began_at", "-id"), limit
        )
    if as_json:
        print_json({"breaches": found})
    elif found:
        print_table(BREACHES, found)
    else:
        typer.echo("no limit was ever breached", err=True)


@history.callback()
def show(
    context: typer.Context,
    by: Annotated[Period, typer.Option(help="One row for each.")] = Period.day,
    account: Account = None,
    limit: Limit = DEFAULT_PERIODS,
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
    print_table(MINUTES if by is Period.minute else PERIODS, found, console=console)


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


# What a check shows of the position and of the portfolio: under which name, and which field.
OF_POSITION = (
    ("size", "size"),
    ("average", "average_entry_price"),
    ("realised PnL", "realized_pnl"),
    ("fees", "fees_paid"),
    ("exposure", "exposure_usdt"),
)
OF_PORTFOLIO = (
    ("portfolio exposure", "total_exposure_usdt"),
    ("portfolio net exposure", "net_exposure_usdt"),
)


def check_table(check: Document) -> Table:
    """Lay out a position and a portfolio before and after a fill."""
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
    if not after["complete"]:
        table.add_row("[yellow]without a price or a rate[/]", "", ", ".join(after["unpriced"]))
    return table


def _used(limit: Document) -> Document:
    """A limit with its use before and after the fill."""
    return {
        "id": limit["id"],
        "limit": limit["limit"],
        "before": limit["before"]["utilisation"],
        "after": limit["after"]["utilisation"],
        "level": limit["after"]["level"],
    }


def _end(time: str | None) -> Text:
    return Text("it lasts", style="red") if time is None else when(time)


LEVEL = words("", "level", colored({"ok": "green", "warn": "yellow", "breach": "red"}))
CHECKED_LIMITS = (
    words("limit", "id"),
    Column("level", "limit", exact),
    Column("before", "before", utilization),
    Column("after", "after", utilization),
    LEVEL,
)
LIMITS = (
    words("limit", "id"),
    Column("warns above", "warn_level", exact),
    Column("breach above", "breach_level", exact),
    Column("now", "value", exact),
    Column("used", "utilisation", utilization),
    LEVEL,
)
BREACHES = (
    words("limit", "limit_id"),
    Column("level", "breach_level", exact),
    Column("peak", "peak_value", exact),
    Column("began", "began_at", when),
    Column("ended", "ended_at", _end),
)
PERIODS = (
    words("from", "period_start"),
    Column("net PnL", "net_pnl_usdt", gain),
    Column("realised", "realized_usdt", gain),
    Column("unrealised", "unrealized_pnl_usdt", gain),
    Column("fees", "fees_paid_usdt", money),
    Column("funding", "funding_usdt", gain),
    Column("equity", "closing_equity_usdt", money),
    Column("return", "return_ratio", percent),
)
MINUTES = (
    words("minute", "recorded_at", when),
    Column("equity", "equity_usdt", money),
    Column("net PnL", "net_pnl_usdt", gain),
    Column("realised", "realized_usdt", gain),
    Column("unrealised", "unrealized_pnl_usdt", gain),
    Column("exposure", "exposure_usdt", money),
    Column("net", "net_exposure_usdt", gain),
    Column("open", "open_positions_count"),
)
