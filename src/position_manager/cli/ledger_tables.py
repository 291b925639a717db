"""The ledger and the instruments as people like to read them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from position_manager.cli.history_tables import text, when
from position_manager.cli.tables import PRICE_DIGITS, Document, exact, fitted, grid, price, size

# The identity is what other commands ask for: it is there in whole, however narrow.
FILL_LAYOUTS = (
    (
        "at", "kind", "side", "quantity", "price", "value", "fee", "currency", "version",
        "identity", "void",
    ),
    ("at", "kind", "quantity", "price", "value", "identity", "void"),
    ("at", "quantity", "price", "identity", "void"),
    ("quantity", "price", "identity", "void"),
    ("quantity", "identity"),
)  # fmt: skip
WORDS = ("at", "kind", "side", "currency", "identity", "void")


def fills_table(fills: Sequence[Document], console: Console) -> Table:
    """A line for each entry, in as many columns as there is room for."""
    key = [
        *["account"] * (len({each["account"] for each in fills}) > 1),
        "asset",
        *["leg"] * any(each["leg"] != "net" for each in fills),
    ]
    rows = [_fill_cells(each) for each in fills]
    return fitted(console, key, FILL_LAYOUTS, rows, words=WORDS, folded=["identity"])


def _fill_cells(each: Document) -> dict[str, Text]:
    is_counted = each["fee_native"] is None or each["fee_rate"] is not None
    cells = {
        "quantity": size(each["quantity"]),
        "price": price(each["price"], PRICE_DIGITS),
        "value": exact(each["value"]),
        # One that could not be converted is as it was charged.
        "fee": exact(each["fee"])
        if is_counted
        else Text(f"{each['fee_native']} ?", style="yellow"),
        "currency": Text(each["settlement_currency"] if is_counted else each["fee_currency"]),
    }
    if each["voided_by"] is not None:
        for cell in cells.values():
            cell.stylize("strike dim")
    return cells | {
        "account": Text(each["account"]),
        "asset": Text(each["asset"]),
        "leg": Text(each["leg"]),
        "at": when(each["executed_at"]),
        "kind": Text(each["kind"]),
        "side": text(each["side"]),
        "version": text(each["version"]),
        "identity": Text(each["identity"]),
        "void": Text(each["voided_by"] or "", style="yellow"),
    }


def instruments_table(instruments: Sequence[Document]) -> Table:
    """A line for each instrument."""
    table = grid()
    table.add_column("asset")
    table.add_column("kind")
    table.add_column("multiplier", justify="right")
    for name in ("base", "quote", "settlement", ""):
        table.add_column(name)
    for each in instruments:
        table.add_row(
            each["asset"],
            each["kind"],
            exact(each["multiplier"]),
            text(each["base_currency"]),
            each["quote_currency"],
            each["settlement_currency"],
            Text("assumed", style="yellow") if each["is_assumed"] else "",
        )
    return table
