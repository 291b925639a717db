"""``explain``, ``cycles``, ``fifo``, ``restatements``: the history of positions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli import completion
from position_manager.cli.commands import Commands, listing
from position_manager.cli.form import form
from position_manager.cli.output import (
    ACCOUNT,
    ASSET,
    LEG,
    Column,
    Document,
    average,
    colored,
    duration,
    exact,
    gain,
    money,
    price,
    print_rows,
    print_table,
    size,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Asset,
    Book,
    Database,
    Limit,
    Mode,
    call,
    connected,
    position_filter,
    rows,
)
from position_manager.cli.times import time_option
from position_manager.terminal import echo

KEY = ("account", "asset", "mode", "leg")
# Corporate actions whose terms are the cause of their entries; of a rename, where it leaves.
WITH_TERMS = {"split", "rename", "contract"}

app = Commands()


@app.command()
@listing
def explain(
    asset: Asset,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    before: Annotated[
        int | None, typer.Option("--before", help="Only entries before the entry with this id.")
    ] = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the entries of a position, newest first, with its state after each.

    The default is the account main in one-way mode. In hedge mode both legs are shown, each with
    its own figures. Entries voided by a bust or a correction are struck out and do not count. Fails
    when the position never existed.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_position_entries",
            asset=asset,
            mode=mode,
            account=account,
            page_limit=None if limit is None else str(limit),
            before=None if before is None else str(before),
            book=book,
        )
    entries = found["entries"]
    print_rows(entries, ENTRIES, as_json, name="entries", document=found, empty="no entries")
    if "archived_before" in found and not as_json:
        echo(f"older entries are archived, those before {found['archived_before']}")
    if found["next_before"] is not None and not as_json:
        echo(f"more entries:  --before {found['next_before']}", err=True)


@app.command()
@listing
def cycles(
    asset: Asset,
    account: Account = None,
    mode: Mode = None,
    since: Annotated[
        str | None,
        time_option(
            "--from", help="Closed at or after this time; by default 30 days before the end."
        ),
    ] = None,
    until: Annotated[
        str | None,
        time_option("--to", help="Closed at or before this time."),
    ] = None,
    limit: Limit = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the round trips of a position, each from flat to flat, newest first.

    MAE and MFE are the maximum adverse and favorable excursion before fees and funding, at the
    stored prices. The default is the account main in one-way mode. Fails when the position never
    existed.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_closed_cycles",
            asset=asset,
            mode=mode,
            account=account,
            from_time=since,
            to_time=until,
            page_limit=None if limit is None else str(limit),
            book=book,
        )
    empty = "no round trip closed in that time"
    print_rows(found["cycles"], CYCLES, as_json, name="cycles", document=found, empty=empty)
    if found["count"] > len(found["cycles"]) and not as_json:
        echo(f"{len(found['cycles'])} of {found['count']} round trips", err=True)


@app.command()
@listing
def fifo(
    asset: Annotated[
        str | None,
        typer.Argument(
            help="Symbol, to show its open lots; by default all positions, without lots.",
            show_default=False,
            autocompletion=completion.assets,
        ),
    ] = None,
    account: Account = None,
    mode: Mode = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show positions by FIFO beside average cost, before fees and funding.

    Total PnL is the same by both methods; they differ in when it is realized. The default is all
    accounts and modes.
    """
    wanted = position_filter(account, asset, mode)
    with connected(database) as connection:
        legs = rows(connection, "fifo_positions", wanted, KEY)
        lots = (
            []
            if asset is None and not as_json
            else rows(connection, "fifo_lots", wanted, (*KEY, "-executed_at", "-entry_id"))
        )
    print_rows(
        legs, FIFO, as_json, name="positions", document={"lots": lots}, empty="no such position"
    )
    if legs and lots and form().is_table:
        echo()
        print_table(LOTS, lots, title="open lots")


@app.command()
@listing
def restatements(
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List restatements: changes of published realized PnL, newest first.

    Each shows realized_pnl, which is realized net + funding, before and after a late, busted or
    corrected entry. The default is all accounts and modes.
    """
    with connected(database) as connection:
        found = rows(
            connection,
            "restatements",
            position_filter(account, asset, mode),
            ("-recorded_at", "-id"),
            limit or 100,
        )
    print_rows(found, RESTATEMENTS, as_json, name="restatements", empty="no restatements")


def _event(entry: Document) -> Text:
    shown = Text(entry["side"] if entry["kind"] == "trade" else entry["kind"])
    if entry["is_voided"]:
        shown.stylize("strike dim")
        shown.append(" (void)", style="not strike")
    return shown


def _quantity(entry: Document, unit: Decimal) -> Text:
    """The quantity, of a corporate action the change in size; else the cash or change in cost."""
    for quantity in (entry["quantity"], entry["size_change"]):
        if Decimal(quantity):
            return exact(quantity)
    return gain(entry["value"], unit)


def _cause(entry: Document) -> Text:
    """The source, with terms or the price of a close; what is corrected; the reason for a void."""
    if entry["is_voided"]:
        return Text(f"void: {entry['voided_by']}", style="yellow")
    if entry["amends"] is not None:
        return Text(f"corrects {entry['amends']}")
    if entry["kind"] in WITH_TERMS and entry["cause"] is not None:
        return Text(f"{entry['source']}, {entry['cause']}")
    if entry["closing_price"] is not None and _closes(entry):
        closing = f"{entry['closing_price']} ({entry['closing_source']})"
        return Text(f"{entry['source']}, closes at {closing}")
    return Text(entry["source"])


def _closes(entry: Document) -> bool:
    """Whether an entry reduced or turned its leg."""
    size = Decimal(entry["size"])
    before = size - Decimal(entry["size_change"])
    return before * size < 0 or size.copy_abs() < before.copy_abs()


ENTRIES = (
    words("entry", "id"),
    words("at", "executed_at", when, struck_by="is_voided"),
    LEG,
    words("event", None, _event),
    Column("quantity", None, _quantity, in_settlement=True, leaves=6, struck_by="is_voided"),
    Column("price", "price", price, leaves=5, struck_by="is_voided"),
    Column("fee", "fee", money, in_settlement=True, leaves=1, struck_by="is_voided"),
    Column("size", "size", size),
    Column("average", "average_entry_price", average, leaves=4),
    Column("cost", "cost", money, in_settlement=True, leaves=2),
    Column("realized", "realized", gain, in_settlement=True, leaves=6),
    Column("fees", "fees_paid", money, in_settlement=True, leaves=3),
    Column("funding", "funding", gain, in_settlement=True, leaves=2),
    Column("version", "version", leaves=3),
    words("cause", None, _cause, leaves=3),
    words("trace", "trace_id", leaves=1),
)
CYCLES = (
    words("closed", "closed_at", when),
    LEG,
    words("side", "direction", colored({"long": "green", "short": "red"})),
    Column("held", "duration_minutes", duration),
    Column("entry", "average_entry_price", average, leaves=3),
    Column("exit", "average_exit_price", average, leaves=3),
    Column("peak", "peak_size", exact, leaves=2),
    Column("realized", "realized", gain, in_settlement=True, leaves=1),
    Column("fees", "fees_paid", money, in_settlement=True, leaves=1),
    Column("funding", "funding", gain, in_settlement=True, leaves=1),
    Column("net", "net_pnl", gain, in_settlement=True),
    Column("MAE", "mae", gain, in_settlement=True, leaves=2),
    Column("MFE", "mfe", gain, in_settlement=True, leaves=2),
    Column("entries", "entries", leaves=1),
)
FIFO = (
    ACCOUNT,
    ASSET,
    LEG,
    Column("size", "size", size),
    Column("lots", "lots"),
    Column("price", "current_price", price, leaves=1),
    Column("FIFO entry", "fifo_average_entry_price", average, leaves=2),
    Column("FIFO realized", "fifo_realized", gain, in_settlement=True),
    Column("FIFO unrealized", "fifo_unrealized_pnl", gain, in_settlement=True, leaves=1),
    Column("average entry", "average_entry_price", average, leaves=2),
    Column("average realized", "average_realized", gain, in_settlement=True, leaves=3),
    Column("average unrealized", "average_unrealized_pnl", gain, in_settlement=True, leaves=1),
)
LOTS = (
    words("entry", "entry_id"),
    words("since", "executed_at", when),
    words("leg", "leg"),
    Column("quantity", "quantity", size),
    Column("price", "price", average),
    Column("cost", "cost", money, in_settlement=True),
)
RESTATEMENTS = (
    words("known since", "recorded_at", when),
    ACCOUNT,
    ASSET,
    LEG,
    words("cause", "cause"),
    words("since", "earliest_at", when, leaves=3),
    Column("realized_pnl before", "realized_pnl_before", gain, in_settlement=True, leaves=2),
    Column("after", "realized_pnl_after", gain, in_settlement=True, leaves=2),
    Column("change", "realized_pnl_change", gain, in_settlement=True),
    words("trace", "trace_id", leaves=1),
)
