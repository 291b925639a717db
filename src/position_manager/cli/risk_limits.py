"""``position-manager risk-limits``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.risk_tables import breaches_table, limits_table
from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Limit,
    connected,
    print_json,
    rows,
    which,
)

SET = """
    SELECT api.set_limit(
        metric => %(metric)s,
        breach_level => %(breach)s::numeric,
        warn_level => %(warn)s::numeric,
        account => %(account)s,
        asset => %(asset)s
    )
"""
REMOVE = "SELECT api.remove_limit(%(id)s)"
DEFAULT_LIMIT = 100


class Metric(StrEnum):
    """What a limit is on."""

    gross_exposure = "gross_exposure"
    net_exposure = "net_exposure"
    position_size = "position_size"
    exposure_share = "exposure_share"
    drawdown = "drawdown"
    daily_loss = "daily_loss"


OfAsset = Annotated[str | None, typer.Option("--asset", help="On this asset; by default on all.")]
OfAccount = Annotated[
    str | None,
    typer.Option("--account", "-a", help="On this account; by default on all of them together."),
]

risk_limits = typer.Typer(no_args_is_help=True, help="How much may be at stake.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(risk_limits, name="risk-limits")


@risk_limits.command("list")
def list_limits(
    account: Account = None, as_json: AsJson = False, database: Database = None
) -> None:
    """List the limits, and how far each is used now."""
    with connected(database) as connection:
        found = rows(connection, "limits", which(account), ("-scope", "id"))
    if as_json:
        print_json({"limits": found})
    elif found:
        Console().print(limits_table(found))
    else:
        typer.echo("no limits are set", err=True)


@risk_limits.command("set")
def set_limit(
    metric: Metric,
    breach: Annotated[str, typer.Argument(help="The level: what is above it is a breach.")],
    warn: Annotated[str | None, typer.Option(help="What is above this warns.")] = None,
    account: OfAccount = None,
    asset: OfAsset = None,
    database: Database = None,
) -> None:
    """Set a limit: in USDT, for position_size a quantity, for exposure_share a ratio.

    One for each account, asset and metric: set again, it is changed.
    """
    with connected(database) as connection:
        row = connection.execute(
            SET,
            {
                "metric": metric.value,
                "breach": breach,
                "warn": warn,
                "account": account,
                "asset": asset,
            },
        ).fetchone()
    warning = "" if warn is None else f", warns above {warn}"
    typer.echo(f"{row[0] if row else ''}: a breach above {breach}{warning}")


@risk_limits.command()
def remove(
    limit: Annotated[str, typer.Argument(help="Its id, as the list shows it.")],
    database: Database = None,
) -> None:
    """Remove a limit."""
    with connected(database) as connection:
        connection.execute(REMOVE, {"id": limit})
    typer.echo(f"{limit} is removed")


@risk_limits.command()
def breaches(
    account: Account = None,
    limit: Limit = DEFAULT_LIMIT,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List when limits were breached, the newest first."""
    with connected(database) as connection:
        found = rows(connection, "limit_breaches", which(account), ("-began_at", "-id"), limit)
    if as_json:
        print_json({"breaches": found})
    elif found:
        Console().print(breaches_table(found))
    else:
        typer.echo("no limit was ever breached", err=True)
