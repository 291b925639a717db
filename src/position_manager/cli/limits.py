"""``position-manager limits``: how much the gateway lets in."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from position_manager.cli.service import AsJson, Database, Document, connected, print_json, rows
from position_manager.cli.tables import MISSING, grid

limits = typer.Typer(no_args_is_help=True, help="How many requests a minute are let in.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(limits, name="limits")


@limits.callback()
def _group() -> None:
    """How many requests a minute are let in."""


@limits.command()
def show(as_json: AsJson = False, database: Database = None) -> None:
    """Show the requests a minute of every key and address, and what is in force.

    The limits on what is at stake are under **risk-limits**.
    """
    with connected(database) as connection:
        found = rows(connection, "rate_limits", {}, ("counted_by", "id"))
    if as_json:
        print_json({"limits": found})
        return
    Console().print(_table(found))
    if any(each["in_force"] != each["per_minute"] for each in found):
        typer.echo("the gateway has not been told everything yet", err=True)


def _table(found: Sequence[Document]) -> Table:
    table = grid()
    for name in ("counted by", "id", "name", "tier"):
        table.add_column(name)
    for name in ("a minute", "at once", "under way", "in force"):
        table.add_column(name, justify="right")
    for each in found:
        numbers = (each[name] for name in ("per_minute", "burst", "concurrent", "in_force"))
        table.add_row(
            each["counted_by"],
            each["id"],
            each["name"],
            each["tier"] or MISSING,
            *("no limit" if number is None else f"{number:,}" for number in numbers),
        )
    return table
