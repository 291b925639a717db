"""``position-manager validate``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from position_manager.cli.service import (
    Account,
    AsJson,
    Asset,
    Database,
    Document,
    Mode,
    call,
    connected,
    print_json,
)
from position_manager.cli.tables import grid

INVALID = 3


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(validate)


def validate(
    asset: Asset,
    account: Account = None,
    mode: Mode = None,
    fix: Annotated[
        bool, typer.Option("--fix/--no-fix", help="Put right what can be, or only look.")
    ] = True,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Compare a position with its ledger, its rules and the venue, and put it right.

    Of the account main, in one-way mode, unless another is named. Exit code 3 when something is
    wrong and stays so; refused when nothing speaks for such a position.
    """
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


def _show(found: Document) -> None:
    console = Console()
    discrepancies = found["discrepancies"]
    if discrepancies:
        table = grid()
        for name in ("against", "leg", "field"):
            table.add_column(name)
        for name in ("stored", "expected"):
            table.add_column(name, justify="right")
        table.add_column("")
        for each in discrepancies:
            state = "[green]fixed[/]" if each["fixed"] else "[red]stands[/]"
            shown = (each[name] for name in ("source", "leg", "field", "stored", "expected"))
            table.add_row(*(str(value) for value in shown), state)
        console.print(table)
    if found["is_valid"]:
        console.print("[green]valid[/]" + (", now that it is fixed" if discrepancies else ""))
    else:
        console.print(f"[red]not valid[/]: {found['error_message']}")
