"""How the commands reach a service: its database, its broker, its address.

They go by the environment (``DATABASE_URL``, ``RABBITMQ_URL``, ``POSITION_MANAGER_URL``), else by
the private stack of this clone, which leaves the same names in its file ``env``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, NoReturn
from uuid import UUID

import psycopg
import typer
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from position_manager.cli.output import Document
from position_manager.config.environment import load
from position_manager.config.settings import ConfigError
from position_manager.stack.context import StackConfig, StackError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="DATABASE_URL",
        help="Connection string of an operator; by default that of the private stack.",
        show_default=False,
    ),
]
Broker = Annotated[
    str | None,
    typer.Option(
        "--broker",
        envvar="RABBITMQ_URL",
        help="AMQP URL of the broker; by default that of the private stack.",
        show_default=False,
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="POSITION_MANAGER_URL",
        help="Address of the gateway; by default that of the private stack.",
        show_default=False,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="POSITION_MANAGER_API_KEY",
        help="API key for the gateway; by default that of the private stack.",
        show_default=False,
    ),
]
Asset = Annotated[str, typer.Argument(help="Symbol, in any case, such as BTCUSDT.")]
Account = Annotated[str | None, typer.Option("--account", "-a", help="Name of the account.")]
Leg = Annotated[str | None, typer.Option("--position-side", help="In hedge mode: long or short.")]
Mode = Annotated[str | None, typer.Option("--mode", "-m", help="one-way or hedge.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="As it was at this time, such as 2026-01-31T12:00:00Z."),
]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", help="As it was known at this time; by default now."),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", "-n", min=1, max=1000, help="How many at most; by default 100."),
]
MODES = ("one-way", "hedge")
CONNECT_SECONDS = 5
REMEDY = "Start it with:  make up\n  Or name another one in {name}."


def refuse(message: str, *details: str) -> NoReturn:
    """Say on stderr what is refused and what to do, and end with exit code 1."""
    typer.secho(message, err=True, fg="red")
    for detail in details:
        typer.echo(f"  {detail}", err=True)
    raise typer.Exit(1)


@contextmanager
def refusals() -> Iterator[None]:
    """Print a refusal as a sentence, without a stack trace, and exit with 1."""
    try:
        yield
    except (ConfigError, StackError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from None
    except PermissionError as error:
        typer.secho(
            f"{error.filename} is closed to this user: the stack belongs to another one. Use it as "
            "that user, or choose another folder with POSITION_MANAGER_STACK_DIR.",
            err=True,
            fg="red",
        )
        raise typer.Exit(1) from None


def address(name: str, given: str | None) -> str:
    """Where a part of the service is: as given, else as the private stack has written it down."""
    found = given or stack_env().get(name)
    if found is None:
        refuse("no service runs here", REMEDY.format(name=name))
    return found


def stack_env() -> Mapping[str, str]:
    """What the private stack has left for its clients; nothing when there is no stack."""
    with refusals():
        path = StackConfig.of(load()).dir / "env"
        if not path.exists():
            return {}
        return dict(line.split("=", 1) for line in path.read_text().splitlines())


@contextmanager
def connected(database: str | None) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the database; what it refuses becomes a sentence and exit code 1."""
    url = address("DATABASE_URL", database)
    try:
        connection = psycopg.connect(
            url, connect_timeout=CONNECT_SECONDS, application_name="position-manager cli"
        )
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        refuse("the database does not answer", reason, REMEDY.format(name="DATABASE_URL"))
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        if error.sqlstate is None:
            refuse("the database went away", REMEDY.format(name="DATABASE_URL"))
        facts = (error.diag.message_detail, error.diag.message_hint)
        refuse(f"refused: {error.diag.message_primary}", *(fact for fact in facts if fact))


def call(connection: psycopg.Connection[Any], function: str, **arguments: str | None) -> Document:
    """Ask a function of ``api`` what REST would ask it; an envelope of an error is a refusal."""
    names = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in arguments
    )
    statement = sql.SQL("SELECT {}({})").format(sql.Identifier("api", function), names)
    row = connection.execute(statement, arguments).fetchone()
    if row is None:
        raise RuntimeError(f"api.{function} answered nothing")
    document: Document = row[0]
    if "error_code" in document:
        details = document["details"] or {}
        refuse(
            f"refused: {document['message']}",
            *(f"{name}: {value}" for name, value in details.items()),
        )
    return document


def position_filter(
    account: str | None = None, asset: str | None = None, mode: str | None = None
) -> Mapping[str, str | None]:
    """Select positions by the columns of a view; names are accepted in any case."""
    if mode is not None and mode.lower() not in MODES:
        refuse("refused: mode: must be one-way or hedge")
    return {
        "account": account,
        "asset": None if asset is None else asset.upper(),
        "mode": None if mode is None else mode.lower(),
    }


def rows(
    connection: psycopg.Connection[Any],
    view: str,
    wanted: Mapping[str, str | None],
    order: Sequence[str],
    limit: int | None = None,
    between: tuple[str, str | None, str | None] | None = None,
    absent: Sequence[str] = (),
) -> list[Document]:
    """The rows of a view of ``api``, amounts and times as the contract writes them.

    wanted: values of columns, None is any. order: columns, the greatest first of those that begin
    with a minus. between: a column of times, the earliest and the latest; without an offset they
    are UTC's. absent: columns that must be null.
    """
    given = {name: value for name, value in wanted.items() if value is not None}
    conditions = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in given
    ]
    if between is not None:
        connection.execute("SET LOCAL TIME ZONE 'UTC'")
        column, *ends = between
        for name, sign, end in zip(("since", "until"), (">=", "<="), ends, strict=True):
            if end is not None:
                given[name] = end
                conditions.append(
                    sql.SQL(f"{{}} {sign} {{}}::timestamptz").format(
                        sql.Identifier(column), sql.Placeholder(name)
                    )
                )
    conditions += [sql.SQL("{} IS NULL").format(sql.Identifier(name)) for name in absent]
    statement = sql.SQL("SELECT * FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
        sql.Identifier("api", view),
        sql.SQL(" AND ").join([sql.SQL("TRUE"), *conditions]),
        sql.SQL(", ").join(
            sql.SQL("{} DESC" if name.startswith("-") else "{}").format(
                sql.Identifier(name.lstrip("-"))
            )
            for name in order
        ),
        sql.Literal(limit),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        # A float would change what the database keeps exactly.
        set_json_loads(partial(json.loads, parse_float=str), cursor)
        return [
            {name: _written(value) for name, value in row.items()}
            for row in cursor.execute(statement, given)
        ]


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
