"""Limits, breaches and checks as people like to read them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from position_manager.cli.tables import Document, exact, grid, money

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
