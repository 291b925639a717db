"""``up``, ``down`` and ``status`` of the private stack."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from position_manager.cli.query import AsJson, refusals
from position_manager.config.environment import load
from position_manager.stack.context import StackConfig
from position_manager.stack.stack import Stack, Status

app = typer.Typer()


@app.command()
def up(as_json: AsJson = False) -> None:
    """Start what does not run of the private stack, and deploy what is new."""
    with refusals():
        stack = Stack(StackConfig.of(load()), say=lambda line: typer.echo(line, err=True))
        started = stack.up()
    if as_json:
        typer.echo(json.dumps({"started": started, "dir": str(stack.config.dir)}))
        return
    typer.echo(f"started {', '.join(started)}" if started else "everything was running")
    typer.echo(f"Position Manager answers on {stack.env()['POSITION_MANAGER_URL']}")
    typer.echo(f"Addresses and keys: {stack.config.dir / 'env'}")


@app.command()
def down(
    delete: Annotated[bool, typer.Option("--delete", help="Delete the data as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop the private stack."""
    with refusals():
        config = StackConfig.of(load()).as_started()
        Stack(config).down(delete=delete)
    done = "stopped and deleted" if delete else "stopped"
    typer.echo(json.dumps({"done": done}) if as_json else done)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show every part: its state, process, age and ports. Exit code 3 when one does not run."""
    with refusals():
        parts = Stack(StackConfig.of(load()).as_started()).status()
    if as_json:
        typer.echo(json.dumps([asdict(part) for part in parts]))
    else:
        Console().print(_table(parts))
    if any(part.state != "running" for part in parts):
        raise typer.Exit(3)


def _table(parts: list[Status]) -> Table:
    table = Table("part", "state", "pid", "uptime", "port", box=None)
    for part in parts:
        uptime = "" if part.uptime is None else str(timedelta(seconds=part.uptime))
        colour = "green" if part.state == "running" else "red"
        table.add_row(
            part.part,
            f"[{colour}]{part.state}[/]",
            str(part.pid or ""),
            uptime,
            ", ".join(map(str, part.ports)),
        )
    return table
