"""What commands that record something by hand have in common."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.service import Document, print_json

Leg = Annotated[str | None, typer.Option("--position-side", help="In hedge mode: long or short.")]


def tell(outcome: Document, as_json: bool) -> None:
    """Say what became of it: applied, or a duplicate of what was recorded before."""
    if as_json:
        print_json(outcome)
        return
    remarks = [outcome[name] for name in ("reason", "detail") if outcome.get(name)]
    typer.echo(", ".join([outcome["outcome"], *remarks]))
