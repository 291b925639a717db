"""``import``: positions of another system."""

from __future__ import annotations

from typing import Annotated

import psycopg
import typer
from psycopg import sql
from rich.text import Text

from position_manager.cli.output import ASSET, Column, print_json, print_table, remark, when, words
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

MOST = 10_000

# As text: no digit of an amount goes through a float on its way.
READ = """
    SELECT
        coalesce(jsonb_agg(r.doc ORDER BY r.doc ->> 'asset', r.doc ->> 'mode'), '[]')::text,
        count(*)
    FROM (SELECT to_jsonb(t) AS doc FROM {} t LIMIT {}) r
"""
OUTCOMES = {
    "applied": ("import", "green"),
    "duplicate": ("done before", "dim"),
    "ignored": ("leave out", "dim"),
    "rejected": ("refuse", "red"),
}

app = typer.Typer()
importing = typer.Typer(no_args_is_help=True, help="Take over what another system has kept.")

app.add_typer(importing, name="import")


@importing.callback()
def take_over() -> None:
    """Take over what another system has kept."""


@importing.command()
def positions(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Connection string of its database; by default our own.",
            show_default=False,
        ),
    ] = None,
    table: Annotated[str, typer.Option(help="Its table, with the schema.")] = "public.positions",
    account: Account = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Import the rows of an older table of positions, each as the opening entry of its leg.

    Shows first what would be done with every row, and asks. Size, average and realised PnL are
    taken over as they are, at the time of **last_updated**; fills dated later count on top. Safe to
    repeat: what was imported is not imported again, and a leg that has entries is left alone. With
    **--json** and without **--yes** it only shows the plan. Exit code 1 when a row is refused.
    """  # fmt: skip
    rows = _read(address("DATABASE_URL", database) if source is None else source, table)
    given = {"positions": rows, "account": account or "main"}
    with connected(database) as connection:
        found = call(connection, "import_positions", **given, only_plan="true")
    if not as_json:
        if found["legs"]:
            print_table(LEGS, found["legs"])
        else:
            typer.echo("the table is empty", err=True)
    count = found["counts"].get("applied", 0)
    if count and (yes or (not as_json and typer.confirm(f"import {count} positions?", err=True))):
        # In one transaction: all of them, or none.
        with connected(database) as connection:
            found = call(connection, "import_positions", **given)
        if not as_json:
            typer.echo(f"{found['counts'].get('applied', 0)} positions imported")
    if as_json:
        print_json(found)
    if found["counts"].get("rejected"):
        raise typer.Exit(1)


def _read(dsn: str, table: str) -> str:
    """The rows of the older table, as a JSON array."""
    statement = sql.SQL(READ).format(sql.Identifier(*table.split(".")), sql.Literal(MOST + 1))
    try:
        with psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS) as connection:
            connection.read_only = True
            row = connection.execute(statement).fetchone()
    except psycopg.Error as error:
        refuse(f"cannot read {table}", str(error).strip().splitlines()[0])
    if row is None:
        raise RuntimeError("an aggregate answered nothing")
    rows, count = str(row[0]), int(row[1])
    if count > MOST:
        refuse(f"{table} has more than {MOST} rows", "Name a view of the rows that are meant.")
    return rows


def _time(time: str | None) -> Text:
    return Text("now") if time is None else when(time)


def _plan(outcome: str) -> Text:
    word, style = OUTCOMES[outcome]
    return Text(word, style=style)


LEGS = (
    words("account", "account"),
    ASSET,
    words("mode", "mode"),
    words("leg", "leg"),
    Column("size", "size"),
    Column("average", "average_entry_price"),
    Column("realised", "realized_pnl"),
    Column("at", "executed_at", _time),
    words("plan", "outcome", _plan),
    words("why", "detail", remark(), folds=True),
)
