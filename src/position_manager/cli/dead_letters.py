"""``dead-letters``: rejected messages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import psycopg
import typer

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    MISSING,
    Column,
    Document,
    count,
    print_rows,
    remark,
    when,
    words,
)
from position_manager.cli.query import AsJson, Database, Limit, answer, connected, refuse, rows
from position_manager.cli.times import time_option
from position_manager.terminal import echo, echo_lines, print_json

LAST_SEEN_FIRST = ("-last_seen_at", "-id")
LISTED = ("id", "feed", "reason", "detail", "trace_id", "bytes", "times_seen", "last_seen_at")
UNSETTLED = ("rejected", "refused", "failed")
Ids = Annotated[
    list[int] | None,
    typer.Argument(help="Ids, as shown by **dead-letters list**.", show_default=False),
]
Feed = Annotated[
    str | None, typer.Option(help="Only this feed: order_events, venue_positions or prices.")
]
Reason = Annotated[str | None, typer.Option(help="Only messages rejected with this reason code.")]
Since = Annotated[
    str | None, time_option("--since", help="Only messages last seen at or after this time.")
]

app = Commands()
dead_letters = Commands(no_args_is_help=True, help="List, retry and drop rejected messages.")

app.add_typer(dead_letters, name="dead-letters")


@dead_letters.command("list")
@listing
def list_dead_letters(
    feed: Feed = None,
    reason: Reason = None,
    since: Since = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List rejected messages, the last seen first.

    For the content of a message see **dead-letters show**.
    """
    with connected(database) as connection:
        found = rows(
            connection,
            "dead_letters",
            {"feed": feed, "reason": reason},
            LAST_SEEN_FIRST,
            limit or 100,
            between=("last_seen_at", since, None),
            columns=LISTED,
        )
    print_rows(found, DEAD_LETTERS, as_json, name="dead_letters", empty="no dead letters")


@dead_letters.command()
def show(
    letter_id: Annotated[
        int, typer.Argument(metavar="ID", help="Id, as shown by **dead-letters list**.")
    ],
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show a rejected message with its content; of an unreadable one, the first 4 kB."""
    with connected(database) as connection:
        found = rows(connection, "dead_letters", {"id": str(letter_id)}, LAST_SEEN_FIRST)
    if not found:
        refuse(f"no dead letter {letter_id}", "See  dead-letters list")
    (letter,) = found
    if as_json:
        print_json(letter)
        return
    for name in (*LISTED, "sha256"):
        echo(f"{name:>12}  {letter[name] if letter[name] is not None else MISSING}")
    body = letter["body"] if letter["message"] is None else json.dumps(letter["message"], indent=2)
    echo_lines(body)


@dead_letters.command()
def retry(
    ids: Ids = None,
    feed: Feed = None,
    reason: Reason = None,
    since: Since = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Apply rejected messages again, after the cause has been fixed.

    Takes ids, or all messages that match the options, the first received first. Each message has a
    transaction of its own: when one fails, the next one follows. A message that was applied
    meanwhile is a duplicate. Exits with 1 when a message is rejected again or fails.
    """
    _decide("retry_dead_letter", ids, (feed, reason, since), as_json, database)


@dead_letters.command()
def drop(
    ids: Ids = None,
    feed: Feed = None,
    reason: Reason = None,
    since: Since = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Drop rejected messages for good: by id, or all that match the options."""
    _decide("drop_dead_letter", ids, (feed, reason, since), as_json, database)


def _decide(
    function: str,
    ids: Sequence[int] | None,
    wanted: tuple[str | None, str | None, str | None],
    as_json: bool,
    database: str | None,
) -> None:
    """Call `function` for each message in its own transaction."""
    if bool(ids) == any(wanted):
        refuse("give IDS, or at least one of --feed, --reason and --since")
    done: list[Document] = []
    with connected(database) as connection:
        for letter in ids or _matching(connection, *wanted):
            done.append({"id": letter} | _decided(connection, function, letter))
            if not as_json:
                echo(_sentence(done[-1]))
    counts = Counter(each["outcome"] for each in done)
    if as_json:
        print_json({"dead_letters": done, "counts": counts})
    else:
        summary = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        echo(summary or "no dead letters", err=True)
    if any(counts[outcome] for outcome in UNSETTLED):
        raise typer.Exit(1)


def _matching(
    connection: psycopg.Connection[Any], feed: str | None, reason: str | None, since: str | None
) -> list[int]:
    """The ids of the messages that match, the first received first."""
    with connection.transaction():
        found = rows(
            connection,
            "dead_letters",
            {"feed": feed, "reason": reason},
            ("first_seen_at", "id"),
            between=("last_seen_at", since, None),
            columns=("id",),
        )
    return [each["id"] for each in found]


def _decided(connection: psycopg.Connection[Any], function: str, letter: int) -> Document:
    """The outcome of one message, or its error; raises one that ended the connection."""
    try:
        with connection.transaction():
            document = answer(connection, function, id=str(letter))
    except psycopg.Error as error:
        if error.sqlstate is None:
            raise
        primary = error.diag.message_primary
        return {"outcome": "failed", "reason": error.sqlstate, "detail": primary}
    if "error_code" in document:
        code, message = document["error_code"], document["message"]
        return {"outcome": "refused", "reason": code, "detail": message}
    return document


def _sentence(done: Document) -> str:
    reason = ": ".join(done[name] for name in ("reason", "detail") if done.get(name))
    return f"{done['id']}: {done['outcome']}" + (f" ({reason})" if reason else "")


DEAD_LETTERS = (
    Column("id", "id"),
    words("feed", "feed"),
    words("reason", "reason", remark("red")),
    words("detail", "detail", folds=True),
    Column("seen", "times_seen", count),
    words("last seen", "last_seen_at", when),
)
