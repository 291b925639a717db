"""``position-manager dead-letters``: messages that were refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from position_manager.cli.service import (
    AsJson,
    Database,
    Document,
    Limit,
    call,
    connected,
    print_json,
    refuse,
    rows,
)
from position_manager.cli.tables import MISSING, grid

ORDER = ("-last_seen_at", "-id")

Ids = Annotated[list[int], typer.Argument(help="Their ids, as **dead-letters list** shows them.")]
Feed = Annotated[str | None, typer.Option(help="Only of order_events, venue_positions or prices.")]
Reason = Annotated[str | None, typer.Option(help="Only those refused for this reason, a code.")]

dead_letters = typer.Typer(
    no_args_is_help=True, help="Messages that were refused: see them, retry or drop them."
)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(dead_letters, name="dead-letters")


@dead_letters.command("list")
def list_dead_letters(
    feed: Feed = None,
    reason: Reason = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the messages that were refused, the last seen first."""
    with connected(database) as connection:
        found = rows(
            connection, "dead_letters", {"feed": feed, "reason": reason}, ORDER, limit or 100
        )
    if as_json:
        print_json({"dead_letters": found})
    elif found:
        Console().print(_table(found))
    else:
        typer.echo("no dead letters", err=True)


@dead_letters.command()
def show(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show one with all that came."""
    with connected(database) as connection:
        found = rows(connection, "dead_letters", {"id": letter_id}, ORDER)
    if not found:
        refuse(f"no dead letter {letter_id}", "See  dead-letters list")
    (letter,) = found
    if as_json:
        print_json(letter)
        return
    console = Console()
    for name in ("id", "feed", "reason", "detail", "trace_id", "seen_count", "last_seen_at"):
        console.print(f"{name:>12}  {letter[name] if letter[name] is not None else MISSING}",
                      markup=False, highlight=False)  # fmt: skip
    body = letter["body"] if letter["message"] is None else json.dumps(letter["message"], indent=2)
    console.print(body, markup=False)


@dead_letters.command()
def retry(ids: Ids, as_json: AsJson = False, database: Database = None) -> None:
    """Take messages again, as if they had just come: after what they were refused for is mended.

    One that was applied before counts once. Exit code 1 when one is rejected again.
    """
    _settle("retry_dead_letter", ids, as_json, database)


@dead_letters.command()
def drop(ids: Ids, as_json: AsJson = False, database: Database = None) -> None:
    """Throw messages away."""
    _settle("drop_dead_letter", ids, as_json, database)


def _settle(function: str, ids: Sequence[int], as_json: bool, database: str | None) -> None:
    """Each by itself: what one comes to changes nothing for the others."""
    done = []
    for each in ids:
        with connected(database) as connection:
            done.append(call(connection, function, id=str(each)))
        if not as_json:
            _say(done[-1])
    if as_json:
        print_json({"dead_letters": done})
    if any(each["outcome"] == "rejected" for each in done):
        raise typer.Exit(1)


def _say(done: Document) -> None:
    why = ": ".join(done[name] for name in ("reason", "detail") if done.get(name))
    typer.echo(f"{done['id']}: {done['outcome']}" + (f" ({why})" if why else ""))


def _table(found: Sequence[Document]) -> Table:
    table = grid()
    table.add_column("id", justify="right", no_wrap=True)
    for name in ("feed", "reason"):
        table.add_column(name, no_wrap=True)
    table.add_column("what is wrong", overflow="fold")
    table.add_column("seen", justify="right")
    table.add_column("last", no_wrap=True)
    for each in found:
        table.add_row(
            str(each["id"]),
            each["feed"],
            Text(each["reason"], style="red"),
            Text(each["detail"] or MISSING),
            f"{each['seen_count']:,}",
            each["last_seen_at"][:19] + "Z",
        )
    return table
