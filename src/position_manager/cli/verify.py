"""``position-manager verify``."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from position_manager.cli.service import AsJson, Database, Document, call, connected, print_json
from position_manager.cli.tables import MISSING, grid


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(verify)


def verify(as_json: AsJson = False, database: Database = None) -> None:
    """Fold the whole ledger again and compare it with every stored position.

    In all accounts; nobody has to wait for it. Exit code 1 when something differs: **validate**
    puts a position right.
    """
    with connected(database) as connection:
        found = call(connection, "verify_ledger")
    if as_json:
        print_json(found)
    else:
        _show(found)
    if found["discrepancies"]:
        raise typer.Exit(1)


def _show(found: Document) -> None:
    console = Console()
    if found["findings"]:
        console.print(_table(found["findings"]))
    checked = f"{found['positions']} positions, {found['entries']} entries"
    if not found["discrepancies"]:
        console.print(f"[green]verified[/]: {checked}, no discrepancy")
        return
    console.print(f"[red]{found['discrepancies']} discrepancies[/] in {checked}")
    left_out = found["discrepancies"] - len(found["findings"])
    if left_out > 0:
        console.print(f"  the first {len(found['findings'])} are shown")


def _table(findings: Sequence[Document]) -> Table:
    table = grid()
    for name in ("account", "asset", "mode", "leg", "field"):
        table.add_column(name)
    for name in ("stored", "by the ledger"):
        table.add_column(name, justify="right")
    for each in findings:
        names = ("account", "asset", "mode", "leg", "field", "stored", "expected")
        table.add_row(*(MISSING if each[name] is None else str(each[name]) for name in names))
    return table
