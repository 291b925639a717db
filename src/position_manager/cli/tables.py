"""Positions and portfolios as people like to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

Document = Mapping[str, Any]
CENT = Decimal("0.01")
# Coins are worth more than dollars.
SATOSHI = Decimal("0.00000001")
MISSING = "-"
PRICE_DIGITS = 10
# The columns beside the key of a position, from those of a wide terminal to what must be.
LAYOUTS = (
    ("size", "average", "price", "unrealised", "%", "realised", "fees", "net", "share %"),
    ("size", "average", "price", "unrealised", "realised", "net"),
    ("size", "price", "unrealised", "realised", "net"),
    ("size", "unrealised", "realised"),
)
# One position shows the fields of the contract, in this order, and then what else there is.
FIELDS = (
    "account", "asset", "mode", "id", "version", "size", "long_size", "short_size",
    "average_entry_price", "current_price", "price_status", "price_updated_at", "unrealized_pnl",
    "unrealized_pnl_pct", "realized_pnl", "fees_paid", "funding", "net_pnl", "position_size_norm",
    "settlement_currency", "unconverted_fees", "time_held_minutes", "needs_review", "created_at",
    "last_updated", "last_snapshot_at", "closed_at",
)  # fmt: skip
PRICE_COLOURS = {"fresh": "", "stale": "yellow", "missing": "red"}


def money(amount: str | None, quantum: Decimal = CENT) -> Text:
    """An amount of a currency, to the cent unless said."""
    if amount is None:
        return Text(MISSING, style="dim")
    return Text(f"{Decimal(amount).quantize(quantum, ROUND_HALF_UP):,}")


def gain(amount: str | None, quantum: Decimal = CENT) -> Text:
    """An amount that may be good or bad news."""
    text = money(amount, quantum)
    if amount is None:
        return text
    value = Decimal(amount)
    style = "green" if value > 0 else "red" if value < 0 else "dim"
    return Text(f"{'+' if value > 0 else ''}{text.plain}", style=style)


def exact(amount: str | None) -> Text:
    """An amount with all its digits, grouped."""
    if amount is None:
        return Text(MISSING, style="dim")
    whole, point, fraction = amount.partition(".")
    return Text(f"{int(whole):,}{point}{fraction}" if whole != "-0" else amount)


def price(amount: str | None, digits: int) -> Text:
    """A price; an average may have more digits than anybody reads."""
    if amount is None:
        return Text(MISSING, style="dim")
    value = Decimal(amount)
    shown = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return exact(format(shown if shown else value, "f").rstrip("0").rstrip("."))


def size(amount: str) -> Text:
    """A signed size: long, short or nothing."""
    text = exact(amount)
    text.stylize("green" if Decimal(amount) > 0 else "red" if Decimal(amount) < 0 else "dim")
    return text


def total(positions: Sequence[Document], field: str) -> str:
    """The sum of an amount over positions."""
    return str(sum((Decimal(each[field]) for each in positions), Decimal(0)))


def grid(title: str | None = None, **options: Any) -> Table:
    """An empty table that wastes no width."""
    return Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        **options,
    )


def fitted(
    console: Console,
    key: Sequence[str],
    layouts: Sequence[Sequence[str]],
    rows: Sequence[Mapping[str, Text]],
    *,
    words: Sequence[str] = (),
    folded: Sequence[str] = (),
    title: str | None = None,
    sums: Mapping[str, Text] | None = None,
) -> Table:
    """The columns of the key and of the first layout that there is room for, else of the last.

    words: the columns that are no figures; folded: those that rather take several lines than lose
    a character.
    """
    for columns in layouts:
        table = grid(title, show_footer=sums is not None)
        for name in (*key, *columns):
            side: JustifyMethod = "left" if name in key or name in words else "right"
            table.add_column(
                name,
                (sums or {}).get(name, ""),
                justify=side,
                no_wrap=name not in folded,
                overflow="fold" if name in folded else "ellipsis",
            )
        for row in rows:
            table.add_row(*(row[name] for name in (*key, *columns)))
        measured = console.measure(table, options=console.options.update(width=1000))
        if measured.maximum <= console.width:
            break
    return table


def moment(document: Document) -> str | None:
    """What a table says of the moment that was asked for; nothing when it is now."""
    if "as_of" not in document:
        return None
    return f"as of {document['as_of']},\nas known at {document['known_at']}"


def positions_table(
    positions: Sequence[Document], console: Console, title: str | None = None
) -> Table:
    """A line for each position and the sums below, in as many columns as there is room for.

    Amounts are in the settlement currency: of several currencies there is no sum.
    """
    accounts = {each["account"] for each in positions}
    modes = {each["mode"] for each in positions}
    currencies = {each["settlement_currency"] for each in positions}
    key = ["account"] * (len(accounts) > 1) + ["asset"] + ["mode"] * (modes != {"one-way"})
    key += ["in"] * (currencies != {"USDT"})
    rows = [position_cells(each) for each in positions]
    unit = CENT if currencies <= {"USDT"} else SATOSHI
    sums = {
        "asset": Text("total"),
        "unrealised": gain(total(positions, "unrealized_pnl"), unit),
        "realised": gain(total(positions, "realized_pnl"), unit),
        "fees": money(total(positions, "fees_paid"), unit),
        "net": gain(total(positions, "net_pnl"), unit),
    }
    if len(currencies) > 1:
        sums = {}
    return fitted(console, key, LAYOUTS, rows, title=title, sums=sums)


def position_cells(each: Document) -> dict[str, Text]:
    """What the tables of positions show of one, by column."""
    unit = quantum_of(each)
    digits = PRICE_DIGITS if each["current_price"] is None else _digits(each["current_price"])
    current = price(each["current_price"], PRICE_DIGITS)
    current.stylize(PRICE_COLOURS[each["price_status"]])
    share = each["position_size_norm"]
    return {
        "account": Text(each["account"]),
        "asset": Text(each["asset"], style="yellow" if each["needs_review"] else ""),
        "mode": Text(each["mode"]),
        "in": Text(each["settlement_currency"]),
        "size": size(each["size"]),
        # Two digits more than the market has.
        "average": price(each["average_entry_price"], min(digits + 2, PRICE_DIGITS)),
        "price": current,
        "unrealised": gain(each["unrealized_pnl"], unit),
        "%": gain(each["unrealized_pnl_pct"]),
        "realised": gain(each["realized_pnl"], unit),
        "fees": money(each["fees_paid"], unit),
        "net": gain(each["net_pnl"], unit),
        "share %": money(None if share is None else str(Decimal(share) * 100)),
    }


def quantum_of(each: Document) -> Decimal:
    """To what an amount in the settlement currency is shown."""
    return CENT if each["settlement_currency"] == "USDT" else SATOSHI


def _digits(amount: str) -> int:
    return len(amount.partition(".")[2])


def position_card(position: Document) -> Table:
    """One position with all its fields, exact."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    signed = {"unrealized_pnl", "realized_pnl", "net_pnl", "unrealized_pnl_pct", "funding"}
    for field in (*FIELDS, *sorted(position.keys() - set(FIELDS))):
        value = position[field]
        if value is None:
            shown = Text(MISSING, style="dim")
        elif field == "size":
            shown = size(value)
        elif field in signed:
            shown = exact(value)
            shown.stylize(gain(value).style)
        else:
            shown = Text(str(value))
        table.add_row(field, shown)
    return table


def portfolio_table(portfolio: Document, title: str | None = None) -> Table:
    """The totals of a portfolio."""
    table = grid(title, show_header=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    counts = (
        f"{portfolio['open_positions_count']} open: {portfolio['long_positions_count']} long, "
        f"{portfolio['short_positions_count']} short"
    )
    table.add_row("exposure", money(portfolio["total_exposure_usdt"]), counts)
    table.add_row("net exposure", gain(portfolio["net_exposure_usdt"]), "long - short")
    table.add_row("unrealised PnL", gain(portfolio["total_unrealized_pnl_usdt"]))
    table.add_row("realised PnL", gain(portfolio["total_realized_pnl_usdt"]), "after closing fees")
    table.add_row("portfolio value", gain(portfolio["portfolio_value_usdt"]))
    for limit in portfolio["limits"]:
        used = Decimal(limit["utilisation"]) * 100
        style = {"breach": "red", "warn": "yellow"}.get(limit["level"], "")
        table.add_row(
            f"limit {limit['id']}",
            Text(f"{used:.1f} %", style=style),
            f"{exact(limit['value'])} of {exact(limit['limit'])}",
        )
    if not portfolio["complete"]:
        unpriced = ", ".join(portfolio["unpriced"])
        table.add_row("[yellow]without a price or a rate[/]", "", unpriced)
    if portfolio["unconverted_fees"]:
        table.add_row("[yellow]fees without a rate[/]", str(portfolio["unconverted_fees"]))
    return table


def by_asset_table(by_asset: Mapping[str, Document]) -> Table:
    """What each asset adds to a portfolio, the largest exposure first."""
    table = grid()
    table.add_column("asset")
    for name in ("size", "exposure", "unrealised", "realised"):
        table.add_column(name, justify="right", no_wrap=True)
    order = sorted(by_asset, key=lambda asset: -Decimal(by_asset[asset]["exposure_usdt"]))
    for asset in order:
        each = by_asset[asset]
        table.add_row(
            asset,
            size(each["size"]),
            money(each["exposure_usdt"]),
            gain(each["unrealized_pnl_usdt"]),
            gain(each["realized_pnl_usdt"]),
        )
    return table
