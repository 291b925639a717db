"""``jobs``: scheduled work."""

from __future__ import annotations

from typing import Annotated, Any

import psycopg
import typer
from rich.text import Text

from position_manager.cli import completion
from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    MISSING,
    Column,
    Document,
    colored,
    missing,
    print_rows,
    when,
    words,
)
from position_manager.cli.query import AsJson, Database, connected, refuse, rows
from position_manager.terminal import echo, print_json

BEGIN = "SELECT api.begin_job(%(job)s, %(due)s)"
CONTINUE = "SELECT api.continue_job(%(run)s)"
COLORS = {"succeeded": "green", "failed": "red", "interrupted": "red", "running": "yellow"}

app = Commands()
jobs = Commands(no_args_is_help=True, help="List and run scheduled jobs.")

app.add_typer(jobs, name="jobs")


@jobs.command("list")
@listing
def list_jobs(as_json: AsJson = False, database: Database = None) -> None:
    """List the jobs with their interval, last success and last result."""
    print_rows(_listed(database), JOBS, as_json, name="jobs", empty="no jobs")


@jobs.command()
def run(
    job: Annotated[
        str | None,
        typer.Argument(help="Name, as shown by **jobs list**.", autocompletion=completion.jobs),
    ] = None,
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
            echo(f"{each['job']}: {outcome(each)}", err=each["status"] == "failed")
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
