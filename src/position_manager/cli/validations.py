"""``position-manager validations``."""

from __future__ import annotations

import typer
from rich.console import Console

from position_manager.cli.service import AsJson, Database, Limit, connected, print_json, rows
from position_manager.cli.tables import MISSING, grid


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(validations)


def validations(limit: Limit = None, as_json: AsJson = False, database: Database = None) -> None:
    """List what validations have found, the newest first."""
    with connected(database) as connection:
        found = rows(connection, "validations", {}, ("-id",), limit or 100)
    if as_json:
        print_json({"validations": found})
        return
    if not found:
        typer.echo("nothing was validated yet", err=True)
        return
    table = grid()
    for name in ("started", "by", "of"):
        table.add_column(name, no_wrap=True)
    for name in ("positions", "discrepancies", "fixed", "errors"):
        table.add_column(name, justify="right")
    for each in found:
        table.add_row(
            each["started_at"].partition(".")[0] + "Z",
            each["origin"],
            each["scope"] or ("all" if each["finished_at"] else f"all, {MISSING}"),
            *(str(each[name]) for name in ("positions", "discrepancies", "fixes", "errors")),
        )
    Console().print(table)
