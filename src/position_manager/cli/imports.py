"""``import``: import the positions of another system."""

from __future__ import annotations

from typing import Annotated

import psycopg
import typer
from psycopg import sql
from rich.text import Text

from position_manager.cli.commands import Commands
from position_manager.cli.output import ASSET, Column, print_table, remark, when, words
from position_manager.cli.query import (
    CONNECT_SECONDS,
    Account,
    AsJson,
    Database,
    address,
    call,
    connected,
    refuse,
)
from position_manager.terminal import echo, print_json

MOST = 10_000

# As text, so that no amount passes through a float.
READ = """
    SELECT
        coalesce(jsonb_agg(r.doc ORDER BY r.doc ->> 'asset', r.doc ->> 'mode'), '[]')::text,
        count(*)
    FROM (SELECT to_jsonb(t) AS doc FROM {} t LIMIT {}) r
"""
OUTCOMES = {
    "applied": ("import", "green"),
    "duplicate": ("already imported", "dim"),
    "ignored": ("skip", "dim"),
    "rejected": ("reject", "red"),
}

app = Commands()
importing = Commands(no_args_is_help=True, help="Import data of another system.")

app.add_typer(importing, name="import")


@importing.callback()
def _group() -> None:
    """Import data of another system."""


@importing.command()
def positions(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Connection string of the source database; by default the service's own.",
            show_default=False,
        ),
    ] = None,
    table: Annotated[str, typer.Option(help="Source table, with its schema.")] = "public.positions",
    account: Account = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Import without confirmation.")] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Import a table of positions, each row as the opening entry of its leg.

    Shows the plan for each row and asks for confirmation. Size, average and realized PnL are
    imported unchanged, effective at **last_updated**; later fills count on top. Idempotent:
    imported rows and legs with entries are skipped. With **--json** but without **--yes**, only
    prints the plan. Exits with 1 when a row is rejected.
    """  # fmt: skip
    rows = _read(address("DATABASE_URL", database) if source is None else source, table)
    values = {"positions": rows, "account": account or "main"}
    with connected(database) as connection:
        found = call(connection, "import_positions", **values, only_plan="true")
    if not as_json:
        if found["legs"]:
            print_table(LEGS, found["legs"])
        else:
            echo("the table is empty", err=True)
    count = found["counts"].get("applied", 0)
    if count and (yes or (not as_json and typer.confirm(f"import {count} positions?", err=True))):
        # One transaction imports all rows or none.
        with connected(database) as connection:
            found = call(connection, "import_positions", **values)
        if not as_json:
            echo(f"{found['counts'].get('applied', 0)} positions imported")
    if as_json:
        print_json(found)
    if found["counts"].get("rejected"):
        raise typer.Exit(1)


def _read(dsn: str, table: str) -> str:
    """The rows of the source table, as a JSON array."""
    statement = sql.SQL(READ).format(sql.Identifier(*table.split(".")), sql.Literal(MOST + 1))
    try:
        with psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS) as connection:
            connection.read_only = True
            row = connection.execute(statement).fetchone()
    except psycopg.Error as error:
        refuse(f"cannot read {table}", str(error).strip().splitlines()[0])
    if row is None:
        raise RuntimeError("the query returned no row")
    rows, count = str(row[0]), int(row[1])
    if count > MOST:
        refuse(f"{table} has more than {MOST} rows", "Give a view that selects fewer rows.")
    return rows


def _time(time: str | None) -> Text:
    return Text("now") if time is None else when(time)


def _plan(outcome: str) -> Text:
    word, style = OUTCOMES[outcome]
    return Text(word, style=style)


LEGS = (
    words("account", "account", leaves=3),
    ASSET,
    words("mode", "mode", leaves=2),
    words("leg", "leg"),
    Column("size", "size"),
    Column("average", "average_entry_price"),
    Column("realized", "realized_pnl"),
    Column("at", "executed_at", _time, leaves=1),
    words("plan", "outcome", _plan),
    words("why", "detail", remark(), folds=True),
)
