"""``conflicts``: messages that contradict the ledger, with both versions."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Table

from position_manager.cli.commands import Commands, listing
from position_manager.cli.form import form
from position_manager.cli.output import Document, Screen, grid, print_outcome, print_rows, when
from position_manager.cli.query import Account, AsJson, Database, Limit, call, connected, rows
from position_manager.terminal import printable

Id = Annotated[str, typer.Argument(metavar="ID", help="Id, as shown by **conflicts**.")]

app = Commands()
conflicts = Commands(invoke_without_command=True)

app.add_typer(conflicts, name="conflicts")


@conflicts.callback()
@listing
def show(
    context: typer.Context,
    account: Account = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Include those that were kept or taken.")
    ] = False,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List and settle messages that contradict the ledger, with both versions, newest first.

    Only the recorded version counts. Its position needs review until one of the two is chosen.
    """
    if context.invoked_subcommand is not None:
        return
    wanted = {"account": account, "status": None if everything else "waiting"}
    with connected(database) as connection:
        found = rows(connection, "conflicts", wanted, ("-last_seen_at", "-id"), limit or 100)
    if not found or not form().is_table:
        print_rows(found, (), as_json, name="conflicts", empty="no conflicts")
        return
    console = Screen()
    for conflict in found:
        console.print(conflict_card(conflict))
        console.print()


@conflicts.command()
def keep(conflict: Id, as_json: AsJson = False, database: Database = None) -> None:
    """Keep the recorded version, and drop the received one."""
    print_outcome(_settled("keep", conflict, database), as_json)


@conflicts.command()
def take(conflict: Id, as_json: AsJson = False, database: Database = None) -> None:
    """Take the received version: the recorded fill is corrected by it.

    Refused for other messages than fills, and for fills that a total counts: correct these by hand,
    then keep.
    """
    print_outcome(_settled("take", conflict, database), as_json)


def _settled(decision: str, conflict: str, database: str | None) -> Document:
    with connected(database) as connection:
        return call(connection, "settle_conflict", id=conflict, decision=decision)


def conflict_card(conflict: Document) -> Table:
    """A table with both versions of a message."""
    times = "once" if conflict["times_seen"] == 1 else f"{conflict['times_seen']} times"
    state = "" if conflict["status"] == "waiting" else f", {conflict['status']}"
    table = grid(
        f"{conflict['id']}: {printable(conflict['identity'])} of {conflict['account']}: another"
        f" version received {times}, last {when(conflict['last_seen_at']).plain}{state}"
    )
    table.add_column("version")
    table.add_column("content", overflow="fold")
    table.add_row("recorded", _content(conflict["recorded"]))
    table.add_row("received", _content(conflict["received"]))
    return table


def _content(version: dict[str, Any]) -> str:
    """The fields of a version that are not null, as JSON."""
    fields = {name: value for name, value in version.items() if value is not None}
    return json.dumps(fields, ensure_ascii=False)
