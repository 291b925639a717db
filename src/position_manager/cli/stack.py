"""``up``, ``down`` and ``status``: the private stack."""

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
    """Start the private stack and deploy the schema."""
    with refusals():
        stack = Stack(StackConfig.of(load()), log=lambda line: typer.echo(line, err=True))
        started = stack.up()
    if as_json:
        typer.echo(json.dumps({"started": started, "dir": str(stack.config.dir)}))
        return
    typer.echo(f"started {', '.join(started)}" if started else "all parts were running")
    typer.echo(f"Position Manager is available at {stack.env()['POSITION_MANAGER_URL']}")
    typer.echo(f"Addresses and keys: {stack.config.dir / 'env'}")


@app.command()
def down(
    delete: Annotated[bool, typer.Option("--delete", help="Also delete the data.")] = False,
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
    """Show the state, pid, uptime and ports of each part. Exits with 3 when one is not running."""
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
        color = "green" if part.state == "running" else "red"
        table.add_row(
            part.part,
            f"[{color}]{part.state}[/]",
            str(part.pid or ""),
            uptime,
            ", ".join(map(str, part.ports)),
        )
    return table
