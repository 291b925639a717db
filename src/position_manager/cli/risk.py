"""``risk-limits``: limits on exposure and loss."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli import completion
from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    Column,
    Document,
    any_but,
    colored,
    level,
    print_rows,
    text,
    utilization,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    Book,
    Database,
    Limit,
    call,
    connected,
    position_filter,
    rows,
)
from position_manager.terminal import echo

SET_LIMIT = """
    SELECT api.set_limit(
        metric => %(metric)s,
        breach_level => %(breach)s::numeric,
        warn_level => %(warn)s::numeric,
        clear_level => %(clear)s::numeric,
        account => %(account)s,
        asset => %(asset)s,
        book => %(book)s
    )
"""
REMOVE_LIMIT = "SELECT api.remove_limit(%(id)s)"
OfAsset = Annotated[
    str | None,
    typer.Option(
        "--asset",
        help="Limit on this asset; by default on all.",
        autocompletion=completion.assets,
    ),
]
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        "-a",
        help="Limit on this account; by default on all accounts together.",
        autocompletion=completion.accounts,
    ),
]
OfBook = Annotated[
    str | None, typer.Option("--book", help="Limit on this book of the account, or of main.")
]

app = Commands()
risk_limits = Commands(no_args_is_help=True, help="Manage limits on exposure and loss.")

app.add_typer(risk_limits, name="risk-limits")


class Metric(StrEnum):
    """The metrics that a limit can bound."""

    gross_exposure = "gross_exposure"
    net_exposure = "net_exposure"
    position_size = "position_size"
    exposure_share = "exposure_share"
    drawdown = "drawdown"
    daily_loss = "daily_loss"
    open_positions = "open_positions"
    order_size = "order_size"


# Names of the answers that have the value of a metric.
FIELDS = {
    "exposure": Metric.gross_exposure,
    "total_exposure": Metric.gross_exposure,
    "portfolio_value": Metric.net_exposure,
    "size": Metric.position_size,
    "position_size_norm": Metric.exposure_share,
    "open_positions_count": Metric.open_positions,
}
PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


def _metric(name: str) -> Metric:
    """A metric by its name, or by that of a field that has its value."""
    plain = name.lower().removesuffix("_usdt")
    try:
        return FIELDS.get(plain) or Metric(plain)
    except ValueError:
        raise typer.BadParameter(f"must be one of {', '.join(Metric)}") from None


def _level(text: str) -> str:
    """The level of a limit: a number, or a percentage."""
    percentage = PERCENT.fullmatch(text)
    if percentage:
        return f"{Decimal(percentage[1]).scaleb(-2):f}"
    try:
        Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(
            "must be a number such as 1000000, or a percentage such as 20%"
        ) from None
    return text


@risk_limits.command("list")
@listing
def list_limits(
    account: Account = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the limits and their current utilization.

    Those of an account are with those of its books.
    """
    with connected(database) as connection:
        wanted = position_filter(account, book=book)
        found = rows(connection, "limits", wanted, ("-scope", "id"))
    print_rows(found, LIMITS, as_json, name="limits", empty="no limits are set")


@risk_limits.command("set")
def set_limit(
    metric: Annotated[
        Metric,
        typer.Argument(
            parser=_metric,
            metavar="METRIC",
            help=f"{', '.join(Metric)}, or the name of a field that has its value.",
            autocompletion=lambda: list(Metric),
        ),
    ],
    breach: Annotated[
        str,
        typer.Argument(
            parser=_level,
            metavar="LEVEL",
            help="Level above which the limit is breached, such as 1000000 or 20%.",
        ),
    ],
    warn: Annotated[
        str | None,
        typer.Option(parser=_level, metavar="LEVEL", help="Level above which the limit warns."),
    ] = None,
    clear: Annotated[
        str | None,
        typer.Option(
            parser=_level,
            metavar="LEVEL",
            help="Level at or below which a breach ends; by default that of the breach.",
        ),
    ] = None,
    account: OfAccount = None,
    asset: OfAsset = None,
    book: OfBook = None,
    database: Database = None,
) -> None:
    """Set a limit in USDT; position_size is a quantity, exposure_share a ratio.

    open_positions is a number. order_size is of one fill: only **check** judges it.
    Replaces an earlier limit with the same account, book, asset and metric.
    """
    with connected(database) as connection:
        row = connection.execute(
            SET_LIMIT,
            {
                "metric": metric.value,
                "breach": breach,
                "warn": warn,
                "clear": clear,
                "account": account,
                "asset": asset,
                "book": book,
            },
        ).fetchone()
    warning = "" if warn is None else f", warning above {warn}"
    end = "" if clear is None else f", cleared at {clear}"
    echo(f"{row[0] if row else ''}: breach above {breach}{warning}{end}")


@risk_limits.command()
def remove(
    limit: Annotated[
        str,
        typer.Argument(help="Id, as shown by  risk-limits list.", autocompletion=completion.limits),
    ],
    database: Database = None,
) -> None:
    """Remove a limit."""
    with connected(database) as connection:
        connection.execute(REMOVE_LIMIT, {"id": limit})
    echo(f"{limit} removed")


@risk_limits.command()
@listing
def breaches(
    account: Account = None,
    limit: Limit = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List breaches of limits, newest first."""
    with connected(database) as connection:
        found = rows(
            connection,
            "limit_breaches",
            position_filter(account, book=book),
            ("-began_at", "-id"),
            limit or 100,
        )
    print_rows(found, BREACHES, as_json, name="breaches", empty="no breaches")


@risk_limits.command()
def acknowledge(
    breach: Annotated[int, typer.Argument(help="Id, as shown by  risk-limits breaches.", min=1)],
    note: Annotated[str | None, typer.Option(help="What to note with it.")] = None,
    database: Database = None,
) -> None:
    """Note that a breach was seen; it goes on as it would."""
    with connected(database) as connection:
        seen = call(connection, "acknowledge_breach", id=str(breach), note=note)
    echo(f"{seen['limit_id']}: breach {seen['id']} acknowledged by {seen['acknowledged_by']}")


def _end(time: str | None) -> Text:
    return Text("ongoing", style="red") if time is None else when(time)


def amount_of(field: str, limit: str = "id") -> Callable[[Document], Text]:
    """Format a value of a limit."""
    return lambda row: level(row[limit], row[field])


LEVEL = words("", "level", colored({"ok": "green", "warn": "yellow", "breach": "red"}))
LIMITS = (
    words("limit", "id"),
    Column("warning above", None, amount_of("warn_level"), leaves=2),
    Column("breach above", None, amount_of("breach_level")),
    Column(
        "cleared at", None, amount_of("clear_level"), leaves=1, shown=any_but("clear_level", None)
    ),
    Column("now", None, amount_of("value")),
    Column("used", "utilisation", utilization),
    LEVEL,
)
BREACHES = (
    Column("id", "id", text),
    words("limit", "limit_id"),
    Column("level", None, amount_of("breach_level", "limit_id"), leaves=1),
    Column("peak", None, amount_of("peak_value", "limit_id")),
    Column("began", "began_at", when),
    Column("ended", "ended_at", _end),
    words("trace", "trace_id"),
    words("acknowledged by", "acknowledged_by", leaves=3),
    words("note", "note", leaves=3),
)
