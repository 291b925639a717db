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
    print_rows,
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
Ids = Annotated[list[int], typer.Argument(help="Ids, as shown by **dead-letters list**.")]
Feed = Annotated[
    str | None, typer.Option(help="Only this feed: order_events, venue_positions or prices.")
]
Reason = Annotated[str | None, typer.Option(help="Only messages rejected with this reason code.")]

app = typer.Typer()
jobs = typer.Typer(no_args_is_help=True, help="List and run scheduled jobs.")
dead_letters = typer.Typer(no_args_is_help=True, help="List, retry and drop rejected messages.")

app.add_typer(jobs, name="jobs")
app.add_typer(dead_letters, name="dead-letters")


@jobs.command("list")
def list_jobs(as_json: AsJson = False, database: Database = None) -> None:
    """List the jobs with their interval, last success and last result."""
    found = _listed(database)
    if as_json:
        print_json({"jobs": found})
    else:
        print_table(JOBS, found)


@jobs.command()
def run(
    job: Annotated[str | None, typer.Argument(help="Name, as shown by **jobs list**.")] = None,
    due: Annotated[
        bool,
        typer.Option("--due", help="Run the job only if it is due; without JOB, run all due jobs."),
    ] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Run a job now, or all due jobs.

    Without pg_cron, run this with --due every minute from a crontab.

    A failed job does not stop the others; the command then exits with 1. A job that another session
    is running is skipped.
    """
    if job is None and not due:
        refuse("give a JOB, or --due", "See  jobs list")
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
    """Run a job to its end, one transaction per step; return the run.

    The status is None, with a message, when the job did not start.
    """
    # The job stays locked until the session ends, after the last commit.
    with connected(database) as connection:
        begun = _call(connection, BEGIN, job=job, due=due)
        if begun["run"] is None:
            return {"job": job, "status": None, "said": begun["said"]}
        while (run := _call(connection, CONTINUE, run=begun["run"]))["status"] == "running":
            pass
        return run


def _call(connection: psycopg.Connection[Any], query: str, **values: object) -> Document:
    row = connection.execute(query.encode(), values).fetchone()
    connection.commit()
    if row is None:
        raise RuntimeError("the job returned no row")
    document: Document = row[0]
    return document


def outcome(run: Document) -> str:
    """The result or the error of a run, or the reason why it did not start."""
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
    """List rejected messages, the last seen first."""
    with connected(database) as connection:
        found = rows(
            connection,
            "dead_letters",
            {"feed": feed, "reason": reason},
            LAST_SEEN_FIRST,
            limit or 100,
        )
    print_rows(found, DEAD_LETTERS, as_json, name="dead_letters", empty="no dead letters")


@dead_letters.command()
def show(
    letter_id: Annotated[
        str, typer.Argument(metavar="ID", help="Id, as shown by **dead-letters list**.")
    ],
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show a rejected message with its full content."""
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
    """Apply rejected messages again, after the cause has been fixed.

    A message that was applied meanwhile is a duplicate. Exits with 1 when one is rejected again.
    """
    _decide("retry_dead_letter", ids, as_json, database)


@dead_letters.command()
def drop(ids: Ids, as_json: AsJson = False, database: Database = None) -> None:
    """Drop rejected messages for good."""
    _decide("drop_dead_letter", ids, as_json, database)


def _decide(function: str, ids: Sequence[int], as_json: bool, database: str | None) -> None:
    """Call `function` for each message in its own transaction."""
    done = []
    for each in ids:
        with connected(database) as connection:
            done.append(call(connection, function, id=str(each)))
        if not as_json:
            _print_decision(done[-1])
    if as_json:
        print_json({"dead_letters": done})
    if any(each["outcome"] == "rejected" for each in done):
        raise typer.Exit(1)


def _print_decision(done: Document) -> None:
    reason = ": ".join(done[name] for name in ("reason", "detail") if done.get(name))
    typer.echo(f"{done['id']}: {done['outcome']}" + (f" ({reason})" if reason else ""))


def _job(job: Document) -> Text:
    return Text(job["job"], style="red" if job["is_overdue"] else "")


def _interval(seconds: int) -> Text:
    """Format an interval in the largest unit that divides it."""
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
    Column("duration", "last_duration_ms", _milliseconds, leaves=1),
    words("result", None, _result, folds=True),
)
DEAD_LETTERS = (
    Column("id", "id"),
    words("feed", "feed"),
    words("reason", "reason", remark("red")),
    words("detail", "detail", folds=True),
    Column("seen", "seen_count", count),
    words("last seen", "last_seen_at", when),
)
