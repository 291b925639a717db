"""``position-manager discrepancies``: what disagrees, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Document,
    Limit,
    Mode,
    call,
    connected,
    print_json,
)
from position_manager.cli.tables import MISSING, grid

COLOURS = {"open": "red", "fixed": "green", "accepted": "green", "dismissed": "yellow"}

discrepancies = typer.Typer(
    no_args_is_help=True, help="What disagrees with the venue, its ledger or a rule."
)

Id = Annotated[str, typer.Argument(metavar="ID", help="As **discrepancies list** shows it.")]
Note = Annotated[str | None, typer.Option("--note", help="Why, in your words.")]


class Status(StrEnum):
    """What has become of it."""

    open = "open"
    fixed = "fixed"
    accepted = "accepted"
    dismissed = "dismissed"
    resolved = "resolved"
    all = "all"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(discrepancies, name="discrepancies")


@discrepancies.command("list")
def list_discrepancies(
    asset: Annotated[
        str | None, typer.Argument(help="Symbol; without it, of all.", show_default=False)
    ] = None,
    status: Annotated[Status, typer.Option("--status", "-s", help="Which of them.")] = Status.open,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List what was found not to be as it should be, the last seen first.

    Those that are open, of all accounts and modes, unless others are named.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_discrepancies",
            status=status.value,
            asset=asset,
            mode=mode,
            account=account,
            page_limit=None if limit is None else str(limit),
        )
    if as_json:
        print_json(found)
        return
    listed = found["discrepancies"]
    if listed:
        Console().print(discrepancies_table(listed))
    if len(listed) < found["count"]:
        typer.echo(f"{len(listed)} of {found['count']}", err=True)
    elif not listed:
        typer.echo("nothing disagrees", err=True)


@discrepancies.command()
def accept(id_: Id, note: Note = None, as_json: AsJson = False, database: Database = None) -> None:
    """Have the proposal applied, also where the rules alone would not.

    What the venue says is stated as of the time of its report; a row is made anew from its ledger.
    Refused when it is not open, or when there is nothing to apply.
    """
    _decide("accept_discrepancy", id_, note, as_json, database)


@discrepancies.command()
def dismiss(id_: Id, note: Note = None, as_json: AsJson = False, database: Database = None) -> None:
    """Let it differ: nothing is changed, and it needs no review until its values change."""
    _decide("dismiss_discrepancy", id_, note, as_json, database)


def _decide(function: str, id_: str, note: str | None, as_json: bool, database: str | None) -> None:
    with connected(database) as connection:
        decided = call(connection, function, id=id_, note=note)
    if as_json:
        print_json(decided)
    else:
        typer.echo(
            f"{decided['status']}: {decided['field']} of {decided['asset']} {decided['leg']},"
            f" {decided['ours']} here, {decided['theirs']} there"
        )


def discrepancies_table(found: Sequence[Document]) -> Table:
    """A line for each, with the id that decides it."""
    table = grid()
    for name in ("account", "asset", "leg", "kind"):
        table.add_column(name, no_wrap=True)
    for name in ("ours", "theirs"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("proposal", overflow="fold")
    table.add_column("id", no_wrap=True)
    for each in found:
        table.add_row(
            each["account"],
            Text(each["asset"], style="yellow"),
            each["leg"],
            each["kind"] if each["kind"] != "stored_row" else f"stored {each['field']}",
            each["ours"] or MISSING,
            each["theirs"] or MISSING,
            Text(each["status"], style=COLOURS.get(each["status"], "dim")),
            each["proposal"],
            each["id"],
        )
    return table
