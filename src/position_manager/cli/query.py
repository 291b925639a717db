"""Connections of the commands to a service, and their queries.

Heavy modules are imported where they are used, so that help and completion answer at once.

Addresses come from options or the environment (``DATABASE_URL``, ``RABBITMQ_URL``,
``POSITION_MANAGER_URL``), else from the file ``env`` of this clone's private stack.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from uuid import UUID

import typer

from position_manager.cli import completion
from position_manager.cli.form import form
from position_manager.cli.output import Document
from position_manager.cli.times import time_option
from position_manager.names import account_name, asset_name
from position_manager.terminal import echo, print_json

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

LEGS = ("long", "short")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="DATABASE_URL",
        help="Connection string of the operator role; by default the private stack's.",
        show_default=False,
    ),
]
Broker = Annotated[
    str | None,
    typer.Option(
        "--broker",
        envvar="RABBITMQ_URL",
        help="AMQP URL of the broker; by default the private stack's.",
        show_default=False,
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="POSITION_MANAGER_URL",
        help="Address of the gateway; by default the private stack's.",
        show_default=False,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="POSITION_MANAGER_API_KEY",
        help="API key for the gateway; by default the private stack's.",
        show_default=False,
    ),
]
Asset = Annotated[
    str,
    typer.Argument(help="Symbol such as BTCUSDT, in any case.", autocompletion=completion.assets),
]
AnyAsset = Annotated[
    str | None,
    typer.Argument(
        help="Symbol; by default all.", show_default=False, autocompletion=completion.assets
    ),
]
AssetOption = Annotated[
    str | None,
    typer.Option("--asset", help="Symbol; by default all.", autocompletion=completion.assets),
]
Account = Annotated[
    str | None,
    typer.Option("--account", "-a", help="Account name.", autocompletion=completion.accounts),
]
Book = Annotated[
    str | None, typer.Option("--book", help="Only this book of the account, or of main.")
]


def trade_side(text: str) -> str:
    """The side of a fill as typed, unless it is that of a position; raises BadParameter."""
    if text.strip().lower() in LEGS:
        raise typer.BadParameter(
            f"must be buy or sell; {text} is a side of a position, see  --position-side"
        )
    return text


Side = Annotated[str, typer.Argument(help="buy or sell.", parser=trade_side, metavar="side")]
Leg = Annotated[
    str | None, typer.Option("--position-side", help="Leg in hedge mode: long or short.")
]
Mode = Annotated[str | None, typer.Option("--mode", "-m", help="Position mode: one-way or hedge.")]
AsOf = Annotated[
    str | None,
    time_option(
        "--as-of",
        help="State at this time, such as 2026-01-31T12:00:00Z, yesterday, or 30d for 30 days ago.",
    ),
]
KnownAt = Annotated[
    str | None,
    time_option("--known-at", help="State as known at this time; by default now."),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", "-n", min=1, max=1000, help="Maximum number of rows; by default 100."),
]
# A view has the asset behind an alias.
OF_ALIAS = """{0} = coalesce(
    (SELECT a.asset FROM api.instrument_aliases a WHERE a.alias = {1}), {1}
)"""
MODES = ("one-way", "hedge")
CONNECT_SECONDS = 5
# What pms.raise_denied raises, for PostgREST: its message is JSON.
DENIED = "PGRST"
# What a person can look at.
PAGES = {"page": "/", "REST API": "/api/v1/docs", "metrics": "/metrics"}
REMEDY = "Start the private stack with  make up,  or set {name}."


def refuse(message: str, *details: str, document: Document | None = None) -> NoReturn:
    """Print an error and its details to stderr, and exit with 1.

    With --json, print `document`, the error of the service, if there is one.
    """
    if form().as_json:
        print_json(document or {"message": message, "details": details}, err=True)
        raise typer.Exit(1)
    echo(message, err=True, color="red")
    for detail in details:
        echo(f"  {detail}", err=True)
    raise typer.Exit(1)


@contextmanager
def refusals() -> Iterator[None]:
    """Print an error of the configuration or the stack without a traceback, and exit with 1."""
    try:
        yield
    except _of_the_stack() as error:
        refuse(*str(error).split("\n"))
    except PermissionError as error:
        refuse(
            f"cannot read {error.filename}: the stack belongs to another user",
            "Run the command as that user, or set POSITION_MANAGER_STACK_DIR to another folder.",
        )


def _of_the_stack() -> tuple[type[Exception], ...]:
    from position_manager.config.settings import ConfigError
    from position_manager.stack.context import StackError

    return ConfigError, StackError


def address(name: str, value: str | None) -> str:
    """The address `value` of a part of the service, else the private stack's; exits without."""
    found = value or stack_env().get(name)
    if found is None:
        refuse("no service found", REMEDY.format(name=name))
    return found


def pages(url: str) -> Iterator[str]:
    """The lines that name what the gateway at `url` shows in a browser."""
    for name, path in PAGES.items():
        yield f"  {name:<10}{url}{path}"
    # As it was called: after `make up` the command is not on PATH.
    yield f"{sys.argv[0]} open  prints a link to the page that needs no key."


def stack_env() -> Mapping[str, str]:
    """The variables of the private stack's file ``env``; empty when there is no stack."""
    from position_manager.stack import home

    with refusals():
        path = home.folder() / "env"
        if not path.exists():
            return {}
        return dict(line.split("=", 1) for line in path.read_text().splitlines())


@contextmanager
def connected(database: str | None) -> Iterator[psycopg.Connection[Any]]:
    """Connect to the database; print its errors without a traceback and exit with 1."""
    import psycopg

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
            refuse("the connection to the database was lost", REMEDY.format(name="DATABASE_URL"))
        # That of a broken constraint is the row, with the digests of a key.
        is_row = error.sqlstate in {"23502", "23514"}
        facts = (None if is_row else error.diag.message_detail, error.diag.message_hint)
        if error.sqlstate == DENIED:
            refuse(f"refused: {json.loads(error.diag.message_primary or '')['message']}")
        refuse(f"refused: {error.diag.message_primary}", *(fact for fact in facts if fact))


def call(connection: psycopg.Connection[Any], function: str, **arguments: str | None) -> Document:
    """Call a function of ``api`` and return its document; exit with 1 for an error envelope."""
    document = answer(connection, function, **arguments)
    if "error_code" in document:
        message = document["message"]
        details = (f"{name}: {value}" for name, value in (document["details"] or {}).items())
        # The message of invalid arguments has them all.
        refuse(
            f"refused: {message}",
            *(each for each in details if each not in message),
            document=document,
        )
    return document


def answer(connection: psycopg.Connection[Any], function: str, **arguments: str | None) -> Document:
    """Call a function of ``api`` and return its document, which may be an error envelope."""
    from psycopg import sql

    names = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in arguments
    )
    statement = sql.SQL("SELECT {}({})").format(sql.Identifier("api", function), names)
    row = connection.execute(statement, arguments).fetchone()
    if row is None:
        raise RuntimeError(f"api.{function} returned no row")
    document: Document = row[0]
    return document


def require_account(connection: psycopg.Connection[Any], account: str) -> None:
    """Exit with 1 when nothing was ever recorded in an account, with those that there are."""
    listed = rows(connection, "positions", {}, ("account",), columns=("account",))
    known = list(dict.fromkeys(each["account"] for each in listed))
    if account_name(account) not in known:
        there_are = f"there are: {', '.join(known)}" if known else "there is none yet"
        refuse(f"refused: no account {account}; {there_are}")


def position_filter(
    account: str | None = None,
    asset: str | None = None,
    mode: str | None = None,
    book: str | None = None,
) -> Mapping[str, str | None]:
    """A filter for :func:`rows` by position; names are accepted in any case.

    A book without an account is one of main.
    """
    if mode is not None and mode.lower() not in MODES:
        refuse("refused: mode: must be one-way or hedge")
    if book is not None:
        account = account or "main"
    return {
        "account": None if account is None else account_name(account),
        "asset": None if asset is None else asset_name(asset),
        "mode": None if mode is None else mode.lower(),
        "book": None if book is None else account_name(book),
    }


def rows(
    connection: psycopg.Connection[Any],
    view: str,
    wanted: Mapping[str, str | None],
    order: Sequence[str],
    limit: int | None = None,
    between: tuple[str, str | None, str | None] | None = None,
    columns: Sequence[str] = (),
) -> list[Document]:
    """The rows of a view of ``api``, with amounts and times in the format of the contract.

    wanted: required values by column; None matches any. order: columns to sort by, descending with
    a leading minus. between: a column of times with its first and last value, in UTC unless they
    have an offset. columns: those to read; by default all.
    """
    from psycopg import sql

    values = {name: value for name, value in wanted.items() if value is not None}
    conditions = [
        sql.SQL(OF_ALIAS if name == "asset" else "{} = {}").format(
            sql.Identifier(name), sql.Placeholder(name)
        )
        for name in values
    ]
    if between is not None:
        connection.execute("SET LOCAL TIME ZONE 'UTC'")
        column, *ends = between
        for name, sign, end in zip(("since", "until"), (">=", "<="), ends, strict=True):
            if end is not None:
                values[name] = end
                conditions.append(
                    sql.SQL(f"{{}} {sign} {{}}::timestamptz").format(
                        sql.Identifier(column), sql.Placeholder(name)
                    )
                )
    statement = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)) if columns else sql.SQL("*"),
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
    return selected(connection, statement, values)


def selected(
    connection: psycopg.Connection[Any],
    statement: str | sql.Composed,
    values: Mapping[str, Any],
) -> list[Document]:
    """The rows of a query, with amounts and times in the format of the contract."""
    from psycopg.rows import dict_row
    from psycopg.types.json import set_json_loads

    text = statement.encode() if isinstance(statement, str) else statement
    with connection.cursor(row_factory=dict_row) as cursor:
        # A float would not represent the amount exactly.
        set_json_loads(partial(json.loads, parse_float=str), cursor)
        return [
            {name: _formatted(value) for name, value in row.items()}
            for row in cursor.execute(text, values)
        ]


def _formatted(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
