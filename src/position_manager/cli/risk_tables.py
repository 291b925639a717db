"""Limits, breaches and checks as people like to read them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from position_manager.cli.tables import MISSING, Document, exact, gain, grid, money

LEVEL_COLOURS = {"ok": "green", "warn": "yellow", "breach": "red"}
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


def level(name: str) -> Text:
    """The level of a limit, in its colour."""
    return Text(name, style=LEVEL_COLOURS[name])


def percent(ratio: str) -> str:
    """A utilisation as people say it."""
    return f"{Decimal(ratio) * 100:.1f} %"


def check_table(check: Document) -> Table:
    """What a fill would do, before and after."""
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


def check_limits_table(limits: Sequence[Document]) -> Table:
    """How far a fill would use each limit."""
    table = grid()
    table.add_column("limit")
    for name in ("level", "before", "after"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for limit in limits:
        table.add_row(
            limit["id"],
            exact(limit["limit"]),
            percent(limit["before"]["utilisation"]),
            percent(limit["after"]["utilisation"]),
            level(limit["after"]["level"]),
        )
    return table


def limits_table(limits: Sequence[Document]) -> Table:
    """The limits, and how far each is used."""
    table = grid()
    table.add_column("limit")
    for name in ("warns above", "breach above", "now", "used"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for limit in limits:
        table.add_row(
            limit["id"],
            exact(limit["warn_level"]),
            exact(limit["breach_level"]),
            exact(limit["value"]),
            percent(limit["utilisation"]),
            level(limit["level"]),
        )
    return table


def breaches_table(breaches: Sequence[Document]) -> Table:
    """When limits were breached, until when and how far."""
    table = grid()
    table.add_column("limit")
    for name in ("level", "peak", "began", "ended"):
        table.add_column(name, justify="right", no_wrap=True)
    for breach in breaches:
        ended = breach["ended_at"]
        table.add_row(
            breach["limit_id"],
            exact(breach["breach_level"]),
            exact(breach["peak_value"]),
            breach["began_at"][:19],
            Text("it lasts", style="red") if ended is None else Text(ended[:19]),
        )
    return table


def periods_table(periods: Sequence[Document]) -> Table:
    """What was earned in each period."""
    table = grid()
    table.add_column("from", no_wrap=True)
    for name in ("net PnL", "realised", "unrealised", "fees", "funding", "equity", "return"):
        table.add_column(name, justify="right", no_wrap=True)
    for period in periods:
        ratio = period["return_ratio"]
        table.add_row(
            period["period_start"],
            gain(period["net_pnl_usdt"]),
            gain(period["realized_usdt"]),
            gain(period["unrealized_pnl_usdt"]),
            money(period["fees_paid_usdt"]),
            gain(period["funding_usdt"]),
            money(period["closing_equity_usdt"]),
            MISSING if ratio is None else f"{Decimal(ratio) * 100:+.2f} %",
        )
    return table


def minutes_table(minutes: Sequence[Document]) -> Table:
    """The totals of each minute."""
    table = grid()
    table.add_column("minute", no_wrap=True)
    for name in ("equity", "net PnL", "realised", "unrealised", "exposure", "net", "open"):
        table.add_column(name, justify="right", no_wrap=True)
    for minute in minutes:
        table.add_row(
            minute["recorded_at"][:16],
            money(minute["equity_usdt"]),
            gain(minute["net_pnl_usdt"]),
            gain(minute["realized_usdt"]),
            gain(minute["unrealized_pnl_usdt"]),
            money(minute["exposure_usdt"]),
            gain(minute["net_exposure_usdt"]),
            str(minute["open_positions_count"]),
        )
    return table
