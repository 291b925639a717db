"""``position-manager jobs``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from position_manager.cli.service import (
    AsJson,
    Database,
    Document,
    connected,
    print_json,
    refuse,
    rows,
)
from position_manager.cli.tables import MISSING, grid

BEGIN = "SELECT api.begin_job(%(job)s, %(due)s)"
CONTINUE = "SELECT api.continue_job(%(run)s)"

# From so many columns on there is room for all.
WIDE = 120
COLOURS = {"succeeded": "green", "failed": "red", "interrupted": "red", "running": "yellow"}

jobs = typer.Typer(no_args_is_help=True, help="What the service does again and again.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(jobs, name="jobs")


@jobs.command("list")
def list_jobs(as_json: AsJson = False, database: Database = None) -> None:
    """List the jobs: when each ran last, what it did, and when it is due next."""
    found = _listed(database)
    if as_json:
        print_json({"jobs": found})
    else:
        console = Console()
        console.print(_table(found, console.width))


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


def _table(found: Sequence[Document], width: int) -> Table:
    """The jobs; in a narrow terminal what each did matters more than for how long."""
    is_wide = width >= WIDE
    table = grid()
    table.add_column("job", no_wrap=True)
    table.add_column("every", justify="right", no_wrap=True)
    table.add_column("last success", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("last run", no_wrap=True)
        table.add_column("took", justify="right", no_wrap=True)
    table.add_column("result")
    for each in found:
        status = each["last_status"]
        colour = COLOURS.get(status, "dim")
        took = each["last_duration_ms"]
        run = (Text(status or MISSING, style=colour), MISSING if took is None else f"{took} ms")
        table.add_row(
            Text(each["job"], style="red" if each["is_overdue"] else ""),
            _duration(each["interval_seconds"]),
            Text(MISSING if each["last_success_at"] is None else _second(each["last_success_at"])),
            *(run if is_wide else ()),
            Text(
                each["last_error"] or each["last_result"] or MISSING,
                style="" if status == "succeeded" else colour,
            ),
        )
    return table


def _second(time: str) -> str:
    """A time to the second."""
    return time.partition(".")[0] + "Z"


def _duration(seconds: int) -> str:
    """An interval in the largest unit that it is a whole number of."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
