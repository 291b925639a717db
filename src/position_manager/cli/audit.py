"""``position-manager audit``."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Limit,
    connected,
    print_json,
    rows,
)
from position_manager.cli.tables import MISSING, grid

Command = Annotated[str | None, typer.Option("--command", help="A function, as record_fill.")]
Key = Annotated[str | None, typer.Option("--key", help="Through the key of this id.")]
Trace = Annotated[str | None, typer.Option("--trace", help="Of the request of this trace.")]


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(audit)


def audit(
    account: Account = None,
    command: Command = None,
    key: Key = None,
    trace: Trace = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List who has changed what, through which key, the newest first."""
    wanted = {"account": account, "command": command, "key_id": key, "trace_id": trace}
    with connected(database) as connection:
        found = rows(connection, "audit", wanted, ("-recorded_at", "-id"), limit or 100)
    if as_json:
        print_json({"audit": found})
        return
    if not found:
        typer.echo("nothing was noted", err=True)
        return
    table = grid()
    for name in ("at", "who", "command", "account", "asset", "outcome"):
        table.add_column(name, no_wrap=True)
    table.add_column("with", no_wrap=True, overflow="ellipsis")
    for each in found:
        table.add_row(
            each["recorded_at"].partition(".")[0] + "Z",
            each["key_id"] or each["role"],
            each["command"],
            each["account"] or MISSING,
            each["asset"] or MISSING,
            each["outcome"],
            json.dumps(each["arguments"]),
        )
    Console().print(table)
