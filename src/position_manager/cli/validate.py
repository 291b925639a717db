"""``position-manager validate``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.discrepancies import discrepancies_table
from position_manager.cli.jobs import outcome, run_to_end
from position_manager.cli.service import (
    Account,
    AsJson,
    Database,
    Document,
    Mode,
    call,
    connected,
    print_json,
    refuse,
)

INVALID = 3


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(validate)


def validate(
    asset: Annotated[
        str | None,
        typer.Argument(help="Symbol, in any case, such as BTCUSDT.", show_default=False),
    ] = None,
    account: Account = None,
    mode: Mode = None,
    fix: Annotated[
        bool, typer.Option("--fix/--no-fix", help="Put right what can be, or only look.")
    ] = True,
    everything: Annotated[
        bool, typer.Option("--all", help="All positions of all accounts, as the schedule does.")
    ] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Compare a position with its ledger, its rules and the venue, and put it right.

    Of the account main, in one-way mode, unless another is named. Exit code 3 when something is
    wrong and stays so; refused when nothing speaks for such a position.
    """
    if everything == (asset is not None) or (everything and (account or mode or not fix)):
        refuse("which position?", "Name an asset, or  --all  alone.")
    if asset is None:
        _validate_all(as_json, database)
        return
    with connected(database) as connection:
        found = call(
            connection,
            "validate_position",
            asset=asset,
            mode=mode,
            fix_discrepancies=str(fix).lower(),
            account=account,
        )
    if as_json:
        print_json(found)
    else:
        _show(found)
    if not found["is_valid"]:
        raise typer.Exit(INVALID)


def _validate_all(as_json: bool, database: str | None) -> None:
    """The job, now."""
    run = run_to_end("validate_positions", False, database)
    with connected(database) as connection:
        standing = call(connection, "get_discrepancies", status="open")["count"]
    if as_json:
        print_json({"run": run, "open": standing})
    else:
        typer.echo(outcome(run), err=run["status"] != "succeeded")
        if standing:
            typer.echo(f"{standing} open: see  discrepancies list", err=True)
    if run["status"] != "succeeded":
        raise typer.Exit(1)
    if standing:
        raise typer.Exit(INVALID)


def _show(found: Document) -> None:
    console = Console()
    discrepancies = found["discrepancies"]
    if discrepancies:
        console.print(discrepancies_table(discrepancies))
    if found["is_valid"]:
        settled = any(each["status"] == "fixed" for each in discrepancies)
        console.print("[green]valid[/]" + (", now that it is fixed" if settled else ""))
    else:
        console.print(f"[red]not valid[/]: {found['error_message']}")
