"""Entries, cycles, lots and what became of the past, as people like to read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from position_manager.cli.tables import (
    LAYOUTS,
    MISSING,
    PRICE_DIGITS,
    Document,
    exact,
    fitted,
    gain,
    grid,
    money,
    position_cells,
    price,
    quantum_of,
    size,
)

ENTRY_LAYOUTS = (
    (
        "what", "quantity", "price", "fee", "size", "average", "cost", "realised", "fees",
        "funding", "version", "cause", "trace",
    ),
    (
        "what", "quantity", "price", "size", "average", "cost", "realised", "fees", "funding",
        "version", "cause",
    ),
    ("what", "quantity", "price", "size", "average", "realised", "fees", "version", "cause"),
    ("what", "quantity", "price", "size", "average", "realised"),
    ("what", "quantity", "price", "size", "realised"),
    ("what", "quantity", "size", "realised"),
    ("what", "size"),
)  # fmt: skip
CYCLE_LAYOUTS = (
    (
        "held", "entry", "exit", "peak", "realised", "fees", "funding", "net", "MAE", "MFE",
        "entries",
    ),
    ("held", "entry", "exit", "peak", "net", "MAE", "MFE"),
    ("held", "entry", "exit", "net"),
    ("held", "net"),
)  # fmt: skip
FIFO_LAYOUTS = (
    (
        "size", "lots", "price", "FIFO entry", "FIFO realised", "FIFO unrealised", "average entry",
        "average realised", "average unrealised",
    ),
    ("size", "lots", "FIFO entry", "FIFO realised", "average entry", "average realised"),
    ("size", "lots", "FIFO realised", "average realised"),
    ("size", "lots", "FIFO realised"),
)  # fmt: skip
RESTATEMENT_LAYOUTS = (
    ("cause", "since", "realised before", "after", "change", "trace"),
    ("cause", "since", "realised before", "after", "change"),
    ("cause", "since", "change"),
    ("cause", "change"),
)
MINUTES_OF_AN_HOUR, MINUTES_OF_A_DAY = 60, 1440
SIGNIFICANT_DIGITS = 8


def when(time: str) -> Text:
    """A time to the second."""
    return Text(f"{time[:10]} {time[11:19]}")


def held(minutes: int) -> Text:
    """How long, in two units at most."""
    days, rest = divmod(minutes, MINUTES_OF_A_DAY)
    hours, left = divmod(rest, MINUTES_OF_AN_HOUR)
    if days:
        return Text(f"{days}d {hours}h")
    return Text(f"{hours}h {left}m" if hours else f"{left}m")


def average(amount: str | None) -> Text:
    """A quotient, to as many digits as somebody may read."""
    digits = 0 if amount is None else max(2, SIGNIFICANT_DIGITS - 1 - Decimal(amount).adjusted())
    return price(amount, digits)


def text(value: object) -> Text:
    """Anything that may be missing."""
    return Text(MISSING, style="dim") if value is None else Text(str(value))


def entries_table(entries: Sequence[Document], console: Console) -> Table:
    """A line for each entry; what is voided is struck out."""
    is_hedge = any(each["leg"] != "net" for each in entries)
    key = ["entry", "at", *["leg"] * is_hedge]
    rows = [_entry_cells(each) for each in entries]
    return fitted(console, key, ENTRY_LAYOUTS, rows, words=("what", "cause", "trace"))


def _entry_cells(each: Document) -> dict[str, Text]:
    unit = quantum_of(each)
    is_trade = each["kind"] == "trade"
    entry = {
        "at": when(each["executed_at"]),
        "what": Text(each["side"] if is_trade else each["kind"]),
        # The cash of a funding, the change in cost of an adjustment of nothing else.
        "quantity": exact(each["quantity"])
        if Decimal(each["quantity"])
        else gain(each["value"], unit),
        "price": price(each["price"], PRICE_DIGITS),
        "fee": money(each["fee"], unit),
    }
    if each["is_voided"]:
        for cell in entry.values():
            cell.stylize("strike dim")
        entry["what"].append(" (void)", style="not strike")
    return entry | {
        "entry": text(each["id"]),
        "leg": Text(each["leg"]),
        "size": size(each["size"]),
        "average": average(each["average_entry_price"]),
        "cost": money(each["cost"], unit),
        "realised": gain(each["realized_pnl"], unit),
        "fees": money(each["fees_paid"], unit),
        "funding": gain(each["funding"], unit),
        "version": text(each["version"]),
        "cause": _cause(each),
        "trace": text(each["trace_id"]),
    }


def _cause(each: Document) -> Text:
    """Who told us of it; of a correction what it corrects, of what is voided why."""
    if each["is_voided"]:
        return Text(f"void: {each['voided_by']}", style="yellow")
    if each["amends"] is not None:
        return Text(f"corrects {each['amends']}")
    return Text(each["source"])


def cycles_table(cycles: Sequence[Document], console: Console) -> Table:
    """A line for each cycle, the newest first."""
    is_hedge = any(each["leg"] != "net" for each in cycles)
    key = ["closed", *["leg"] * is_hedge, "side"]
    return fitted(console, key, CYCLE_LAYOUTS, [_cycle_cells(each) for each in cycles])


def _cycle_cells(each: Document) -> dict[str, Text]:
    unit = quantum_of(each)
    return {
        "closed": when(each["closed_at"]),
        "leg": Text(each["leg"]),
        "side": Text(each["direction"], style="green" if each["direction"] == "long" else "red"),
        "held": held(each["duration_minutes"]),
        "entry": average(each["average_entry_price"]),
        "exit": average(each["average_exit_price"]),
        "peak": exact(each["peak_size"]),
        "realised": gain(each["realized"], unit),
        "fees": money(each["fees_paid"], unit),
        "funding": gain(each["funding"], unit),
        "net": gain(each["net_pnl"], unit),
        "MAE": gain(each["mae"], unit),
        "MFE": gain(each["mfe"], unit),
        "entries": text(each["entries"]),
    }


def fifo_table(legs: Sequence[Document], console: Console) -> Table:
    """A line for each leg: first in first out, and the average cost beside it."""
    key = [
        *["account"] * (len({each["account"] for each in legs}) > 1),
        "asset",
        *["leg"] * any(each["leg"] != "net" for each in legs),
    ]
    return fitted(console, key, FIFO_LAYOUTS, [_fifo_cells(each) for each in legs])


def _fifo_cells(each: Document) -> dict[str, Text]:
    unit = quantum_of(each)
    return {
        "account": Text(each["account"]),
        "asset": Text(each["asset"]),
        "leg": Text(each["leg"]),
        "size": size(each["size"]),
        "lots": text(each["lots"]),
        "price": price(each["current_price"], PRICE_DIGITS),
        "FIFO entry": average(each["fifo_average"]),
        "FIFO realised": gain(each["fifo_realized"], unit),
        "FIFO unrealised": gain(each["fifo_unrealized"], unit),
        "average entry": average(each["average_entry_price"]),
        "average realised": gain(each["average_realized"], unit),
        "average unrealised": gain(each["average_unrealized"], unit),
    }


def lots_table(lots: Sequence[Document]) -> Table:
    """The open lots, the newest first."""
    table = grid("open lots")
    table.add_column("entry")
    table.add_column("since")
    table.add_column("leg")
    for name in ("quantity", "price", "cost"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in lots:
        table.add_row(
            str(each["entry_id"]),
            when(each["executed_at"]),
            each["leg"],
            size(each["quantity"]),
            average(each["price"]),
            money(each["cost"], quantum_of(each)),
        )
    return table


def restatements_table(restatements: Sequence[Document], console: Console) -> Table:
    """A line for each time that the past changed."""
    key = [
        "known since",
        *["account"] * (len({each["account"] for each in restatements}) > 1),
        "asset",
        *["leg"] * any(each["leg"] != "net" for each in restatements),
    ]
    rows = [_restatement_cells(each) for each in restatements]
    return fitted(console, key, RESTATEMENT_LAYOUTS, rows, words=("cause", "since", "trace"))


def _restatement_cells(each: Document) -> dict[str, Text]:
    unit = quantum_of(each)
    return {
        "known since": when(each["recorded_at"]),
        "account": Text(each["account"]),
        "asset": Text(each["asset"]),
        "leg": Text(each["leg"]),
        "cause": Text(each["cause"]),
        "since": when(each["earliest_at"]),
        "realised before": gain(each["realized_pnl_before"], unit),
        "after": gain(each["realized_pnl_after"], unit),
        "change": gain(each["realized_pnl_change"], unit),
        "trace": text(each["trace_id"]),
    }


def snapshots_table(snapshots: Sequence[Document], console: Console) -> Table:
    """A line for each snapshot: what the position was."""
    key = [
        "of",
        *["account"] * (len({each["account"] for each in snapshots}) > 1),
        "asset",
        *["mode"] * any(each["mode"] != "one-way" for each in snapshots),
        *["in"] * any(each["snapshot_data"]["settlement_currency"] != "USDT" for each in snapshots),
    ]
    rows = [
        position_cells(each["snapshot_data"]) | {"of": when(each["created_at"])}
        for each in snapshots
    ]
    return fitted(console, key, LAYOUTS, rows)


def conflict_card(conflict: Document) -> Table:
    """Both versions of what contradicts itself."""
    times = "once" if conflict["seen_count"] == 1 else f"{conflict['seen_count']} times"
    table = grid(
        f"{conflict['identity']} of {conflict['account']}: another version came {times},"
        f" last {when(conflict['last_seen_at']).plain}"
    )
    table.add_column("version")
    table.add_column("content")
    table.add_row("counts", _content(conflict["recorded"]))
    table.add_row("does not", _content(conflict["received"]))
    return table


def _content(version: dict[str, Any]) -> str:
    """What a version says, without what it leaves open."""
    said = {name: value for name, value in version.items() if value is not None}
    return json.dumps(said, ensure_ascii=False)
