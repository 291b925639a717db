"""``jobs`` and ``dead-letters``: scheduled work and rejected messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.text import Text

from position_manager.cli.output import (
    MISSING,
    Column,
    Document,
    colored,
    count,
    missing,
    print_json,
    print_table,
    remark,
    when,
    words,
)
from position_manager.cli.query import AsJson, Database, Limit, call, connected, refuse, rows

BEGIN = "SELECT api.begin_job(%(job)s, %(due)s)"
CONTINUE = "SELECT api.continue_job(%(run)s)"
COLORS = {"succeeded": "green", "failed": "red", "interrupted": "red", "running": "yellow"}
LAST_SEEN_FIRST = ("-last_seen_at", "-id")
Ids = Annotated[list[int], typer.Argument(help="Their ids, as **dead-letters list** shows them.")]
Feed = Annotated[str | None, typer.Option(help="Only of order_events, venue_positions or prices.")]
Reason = Annotated[str | None, typer.Option(help="Only those refused for this reason, a code.")]

app = typer.Typer()
jobs = typer.Typer(no_args_is_help=True, help="What the service does again and again.")
dead_letters = typer.Typer(
    no_args_is_help=True, help="Messages that were refused: see them, retry or drop them."
)

app.add_typer(jobs, name="jobs")
app.add_typer(dead_letters, name="dead-letters")


@jobs.command("list")
def list_jobs(as_json: AsJson = False, database: Database = None) -> None:
    """List the jobs: when each ran last, what it did, and when it is due next."""
    found = _listed(database)
    if as_json:
        print_json({"jobs": found})
    else:
        print_table(JOBS, found)


@jobs.command()
def run(
    job: Annotated[str | None, typer.Argument(help="Its name, as **jobs list** has it.")] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only when it is due; without a name, all that are.")
    ] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Run a job now, or all that are due: where there is no pg_cron, from a crontab every minute.

    Exit code 1 when one fails; the others run all the same. What another session runs is left to
    it.
    """
    if job is None and not due:
        refuse("which job?", "Name one of  jobs list,  or run all that are due with  --due")
    names = [each["job"] for each in _listed(database)] if job is None else [job]
    done = [run_to_end(name, due, database) for name in names]
    if as_json:
        print_json({"runs": done})
    else:
        for each in done:
            typer.echo(f"{each['job']}: {outcome(each)}", err=each["status"] == "failed")
    if any(each["status"] == "failed" for each in done):
        raise typer.Exit(1)


def _listed(database: str | None) -> list[Document]:
    with connected(database) as connection:
        return rows(connection, "jobs", {}, ("job",))


def run_to_end(job: str, due: bool, database: str | None) -> Document:
    """Run a job to its end, each step committed by itself; the run, or why there is none."""
    # The end of the session is what gives the job free, after the last commit.
    with connected(database) as connection:
        begun = _ask(connection, BEGIN, job=job, due=due)
        if begun["run"] is None:
            return {"job": job, "status": None, "said": begun["said"]}
        while (run := _ask(connection, CONTINUE, run=begun["run"]))["status"] == "running":
            pass
        return run


def _ask(connection: psycopg.Connection[Any], query: str, **values: object) -> Document:
    row = connection.execute(query.encode(), values).fetchone()
    connection.commit()
    if row is None:
        raise RuntimeError("a job answered nothing")
    document: Document = row[0]
    return document


def outcome(run: Document) -> str:
    """What a run has come to, or why there is none."""
    if run["status"] is None:
        return str(run["said"])
    if run["status"] == "failed":
        return f"failed: {run['error']} ({run['error_code']})"
    return str(run["result"])


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
            connection,
            "dead_letters",
            {"feed": feed, "reason": reason},
            LAST_SEEN_FIRST,
            limit or 100,
        )
    if as_json:
        print_json({"dead_letters": found})
    elif found:
        print_table(DEAD_LETTERS, found)
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
        found = rows(connection, "dead_letters", {"id": letter_id}, LAST_SEEN_FIRST)
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


def _job(job: Document) -> Text:
    return Text(job["job"], style="red" if job["is_overdue"] else "")


def _interval(seconds: int) -> Text:
    """An interval in the largest unit of which it is a multiple."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return Text(f"{seconds // length} {unit}")
    return Text(f"{seconds} s")


def _milliseconds(number: int | None) -> Text:
    return missing() if number is None else Text(f"{number} ms")


def _result(job: Document) -> Text:
    status = job["last_status"]
    style = "" if status == "succeeded" else COLORS.get(status, "dim")
    return Text(job["last_error"] or job["last_result"] or MISSING, style=style)


JOBS = (
    words("job", None, _job),
    Column("every", "interval_seconds", _interval),
    Column("last success", "last_success_at", when),
    words("last run", "last_status", colored(COLORS), leaves=1),
    Column("took", "last_duration_ms", _milliseconds, leaves=1),
    words("result", None, _result, folds=True),
)
DEAD_LETTERS = (
    Column("id", "id"),
    words("feed", "feed"),
    words("reason", "reason", remark("red")),
    words("what is wrong", "detail", folds=True),
    Column("seen", "seen_count", count),
    words("last", "last_seen_at", when),
)
