"""``positions`` and ``portfolio``: the positions and their totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from position_manager.cli.commands import Commands, listing, watchable
from position_manager.cli.form import form
from position_manager.cli.output import (
    ACCOUNT,
    ASSET,
    MISSING,
    PRICE_DIGITS,
    WIDE,
    Column,
    Document,
    Screen,
    any_but,
    average,
    exact,
    gain,
    grid,
    incomplete,
    level,
    money,
    percent,
    price,
    print_rows,
    print_table,
    quantum_of,
    size,
    sorted_rows,
    table,
    utilization,
    when,
    words,
)
from position_manager.cli.prices import PRICE_COLORS
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    AsOf,
    Book,
    Database,
    KnownAt,
    Mode,
    call,
    connected,
    require_account,
)
from position_manager.cli.reporting import Currency, amounts_of, currency_of, rate_notes
from position_manager.terminal import print_json

# A single position shows those of these fields that it has in this order, then all others.
FIELDS = (
    "account", "book", "asset", "mode", "id", "version", "size", "long_size", "short_size",
    "average_entry_price", "break_even_price", "current_price", "price_status", "price_updated_at",
    "unrealized_pnl", "unrealized_pnl_pct", "realized_pnl", "fees_paid", "funding", "net_pnl",
    "position_size_norm", "settlement_currency", "unconverted_fees", "time_held_minutes",
    "needs_review", "review_reasons", "created_at", "last_updated", "last_snapshot_at", "closed_at",
)  # fmt: skip

AMOUNTS = {"unrealized_pnl", "realized_pnl", "net_pnl", "funding"}
PERCENT = {"unrealized_pnl_pct", "position_size_norm"}
PRICES = {"average_entry_price", "break_even_price", "current_price"}
TIMES = {"price_updated_at", "created_at", "last_updated", "last_snapshot_at", "closed_at"}
STALE = "~"

app = Commands()


@app.command()
@listing
def positions(
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only open positions.")] = False,
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=1,
            help="Only this many: those with the largest share of the exposure, or the first by"
            " --sort.",
            show_default=False,
        ),
    ] = None,
    all_digits: Annotated[
        bool, typer.Option("--exact", help="Show all digits of a position.")
    ] = False,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List positions, open ones first, or show all fields of one.

    The default for the list is all accounts and modes; for one ASSET it is the account main in
    one-way mode. Fails when the position never existed. Times without an offset are UTC.
    """
    selection = {
        "account": account, "mode": mode, "as_of": as_of, "known_at": known_at, "book": book,
    }  # fmt: skip
    with connected(database) as connection:
        if asset is not None:
            position = call(connection, "get_position", asset=asset, **selection)
            card = position_card(position, all_digits=all_digits)
            print_json(position) if as_json else Screen().print(card)
            return
        found = call(connection, "get_positions", **selection)
        listed = found["positions"]
        if not listed and account is not None:
            require_account(connection, account)
    if only_open:
        listed = [each for each in listed if _is_open(each)]
    if top is not None:
        listed = sorted_rows(listed, POSITIONS, by="share %")[:top]
    elif form().is_table:
        listed = sorted(listed, key=_is_open, reverse=True)
    print_rows(
        listed,
        POSITIONS,
        as_json,
        name="positions",
        document=found | {"count": len(listed)},
        title=_as_of(found),
        sums=_sums(listed),
        empty="no positions at that time"
        if as_of or known_at
        else "no positions yet; to trade some:  make demo",
    )


@app.command()
@watchable
def portfolio(
    account: Account = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    currency: Currency = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show portfolio totals: exposure, PnL, counts and limits, also by asset.

    The default is all accounts together. Times without an offset are UTC. Limits are in USDT.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_portfolio",
            account=account,
            as_of=as_of,
            known_at=known_at,
            currency=currency,
            book=book,
        )
    if as_json:
        print_json(found)
        return
    console = Screen()
    console.print(portfolio_table(found, _as_of(found)))
    if found["by_asset"]:
        print_table(BY_ASSET, _assets(found), console=console)


def _assets(portfolio: Document) -> list[Document]:
    """The amounts of each asset, those with the largest exposure first."""
    currency = currency_of(portfolio)
    reported = portfolio.get("reporting", {"by_asset": {}})["by_asset"]
    assets = [
        {"asset": asset} | amounts_of(each, reported.get(asset), currency)
        for asset, each in portfolio["by_asset"].items()
    ]
    return sorted(assets, key=lambda each: -Decimal(each["exposure"] or 0))


def _is_open(row: Document) -> bool:
    return any(Decimal(row[side] or 0) for side in ("size", "long_size", "short_size"))


def _asset(row: Document) -> Text:
    return Text(row["asset"], style="yellow" if row["needs_review"] else "")


def _average(row: Document) -> Text:
    """Format the average entry price with two more digits than the current price."""
    current = row["current_price"]
    digits = PRICE_DIGITS if current is None else len(current.partition(".")[2]) + 2
    return price(row["average_entry_price"], min(digits, PRICE_DIGITS))


def _current_price(row: Document) -> Text:
    shown = price(row["current_price"])
    shown.stylize(PRICE_COLORS[row["price_status"]])
    return shown


def _mark(status: str) -> Text:
    return Text(STALE if status == "stale" else "", style=PRICE_COLORS["stale"])


def _any_stale(rows: Sequence[Document]) -> bool:
    return any(row["price_status"] == "stale" for row in rows)


def _reasons(codes: Sequence[str]) -> Text:
    return Text(", ".join(codes), style="yellow")


def _share(ratio: str | None) -> Text:
    return money(None if ratio is None else str(Decimal(ratio) * 100))


def realized_net(row: Document) -> str:
    """The realized net of a row, whose realized_pnl has its funding in it."""
    return f"{WIDE.subtract(Decimal(row['realized_pnl']), Decimal(row['funding'])):f}"


REALIZED_NET = Column(
    "realized net",
    None,
    lambda row: gain(realized_net(row), quantum_of(row)),
    sorts=realized_net,
)
POSITIONS = (
    ACCOUNT,
    words("asset", None, _asset),
    words("mode", "mode", shown=any_but("mode", "one-way")),
    words("in", "settlement_currency", shown=any_but("settlement_currency", "USDT")),
    Column("size", "size", size),
    Column("average", None, _average, leaves=2, sorts="average_entry_price"),
    Column("break-even", "break_even_price", average, leaves=1),
    Column("price", None, _current_price, leaves=3, sorts="current_price"),
    words("", "price_status", _mark, leaves=3, shown=_any_stale, legend=f"{STALE} stale price"),
    Column("unrealized", "unrealized_pnl", gain, in_settlement=True),
    Column("%", "unrealized_pnl_pct", gain, leaves=1),
    REALIZED_NET,
    Column("fees", "fees_paid", money, in_settlement=True, leaves=1),
    Column("funding", "funding", gain, in_settlement=True, leaves=1, shown=any_but("funding", "0")),
    Column("net", "net_pnl", gain, in_settlement=True, leaves=3),
    Column("share %", "position_size_norm", _share, leaves=1),
    words(
        "review", "review_reasons", _reasons, folds=True,
        shown=lambda rows: any(row["review_reasons"] for row in rows),
    ),
)  # fmt: skip
BY_ASSET = (
    ASSET,
    Column("size", "size", size),
    Column("exposure", "exposure", money, in_settlement=True),
    Column("unrealized", "unrealized_pnl", gain, in_settlement=True),
    Column("realized net + funding", "realized_pnl", gain, in_settlement=True, leaves=1),
    Column(
        "currency effect", "currency_effect", gain, in_settlement=True, leaves=1,
        shown=lambda rows: any("currency_effect" in row for row in rows),
    ),
)  # fmt: skip


def positions_table(
    positions: Sequence[Document], console: Screen, title: str | None = None
) -> Table:
    """A table of positions with their sums."""
    return table(POSITIONS, positions, console, title=title, sums=_sums(positions))


def _sums(positions: Sequence[Document]) -> dict[str, Text]:
    """The sums of positions by column; empty when they settle in several currencies."""
    if len({each["settlement_currency"] for each in positions}) != 1:
        return {}

    def total(value: Callable[[Document], str]) -> str:
        return str(sum((Decimal(value(each)) for each in positions), Decimal(0)))

    unit = quantum_of(positions[0])
    return {
        "asset": Text("total"),
        "unrealized": gain(total(itemgetter("unrealized_pnl")), unit),
        "realized net": gain(total(realized_net), unit),
        "fees": money(total(itemgetter("fees_paid")), unit),
        "funding": gain(total(itemgetter("funding")), unit),
        "net": gain(total(itemgetter("net_pnl")), unit),
    }


def position_card(position: Document, *, all_digits: bool = False) -> Table:
    """A table with all fields of a position, rounded or with all digits."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    known = [field for field in FIELDS if field in position]
    for field in (*known, *sorted(position.keys() - set(FIELDS))):
        value = position[field]
        if value in (None, []):
            shown = Text(MISSING, style="dim")
        elif field == "size":
            shown = size(value)
        elif field in PRICES:
            shown = exact(value) if all_digits else price(value)
        elif field in PERCENT and not all_digits:
            shown = _share(value) if field == "position_size_norm" else gain(value)
        elif field in AMOUNTS:
            shown = exact(value) if all_digits else gain(value, quantum_of(position))
            shown.stylize(gain(value).style)
        elif field == "fees_paid":
            shown = exact(value) if all_digits else money(value, quantum_of(position))
        elif isinstance(value, list):
            shown = Text(", ".join(value))
        elif isinstance(value, bool):
            shown = Text("yes" if value else "no")
        elif field in TIMES and not all_digits:
            shown = when(value)
        else:
            shown = Text(str(value))
        table.add_row(field, shown)
    return table


def portfolio_table(portfolio: Document, title: str | None = None) -> Table:
    """A table with the totals of a portfolio."""
    table = grid(title, show_header=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    counts = (
        f"{portfolio['open_positions_count']} open: {portfolio['long_positions_count']} long, "
        f"{portfolio['short_positions_count']} short"
    )
    amounts = amounts_of(portfolio, portfolio.get("reporting"), currency_of(portfolio))
    unit = quantum_of(amounts)
    table.add_row("exposure", money(amounts["total_exposure"], unit), counts)
    table.add_row("net exposure", gain(amounts["net_exposure"], unit), "long - short")
    table.add_row("unrealized PnL", gain(amounts["total_unrealized_pnl"], unit))
    table.add_row("realized net", gain(amounts["realized_net"], unit), "after closing fees")
    table.add_row("fees", money(amounts["fees"], unit), "opening and closing")
    table.add_row("funding", gain(amounts["funding"], unit))
    table.add_row("net PnL", gain(amounts["net_pnl"], unit), "after all fees, with funding")
    if "currency_effect" in amounts:
        effect = gain(amounts["currency_effect"], unit)
        table.add_row("currency effect", effect, "of rates since, on realized PnL")
    has_cash = portfolio["cash_usdt"] is not None
    if has_cash and "cash" in amounts:
        table.add_row("cash", money(amounts["cash"], unit), "deposits - withdrawals + interest")
    base, rule = ("cash", "time-weighted") if has_cash else ("capital", "net PnL / capital")
    table.add_row("equity", money(amounts["equity"], unit), f"{base} + net PnL")
    table.add_row("return", percent(portfolio["return"]), rule)
    for limit in portfolio["limits"]:
        used = utilization(limit["utilisation"])
        used.stylize({"breach": "red", "warn": "yellow"}.get(limit["level"], ""))
        table.add_row(
            f"limit {limit['id']}",
            used,
            f"{level(limit['id'], limit['value'])} of {level(limit['id'], limit['limit'])}",
        )
    for reason, found in incomplete(portfolio):
        table.add_row(reason, "", found)
    for note in rate_notes(amounts):
        table.add_row(*note)
    if portfolio["unconverted_fees"]:
        table.add_row(
            Text("fees without a rate", style="yellow"), str(portfolio["unconverted_fees"])
        )
    return table


def _as_of(document: Document) -> str | None:
    """The title of a historical document; None for the current state."""
    if "as_of" not in document:
        return None
    return f"as of {when(document['as_of'])},\nas known at {when(document['known_at'])}"
