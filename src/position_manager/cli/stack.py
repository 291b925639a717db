"""``up``, ``down`` and ``status``: the private stack."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from position_manager.cli.output import Screen
from position_manager.cli.query import AsJson, refusals
from position_manager.config.environment import load
from position_manager.stack.context import StackConfig
from position_manager.stack.stack import Stack, Status
from position_manager.terminal import echo, print_json

app = typer.Typer()


@app.command()
def up(as_json: AsJson = False) -> None:
    """Start the private stack and deploy the schema."""
    with refusals():
        stack = Stack(StackConfig.of(load()), log=lambda line: echo(line, err=True))
        started = stack.up()
    if as_json:
        print_json({"started": started, "dir": str(stack.config.dir)})
        return
    echo(f"started {', '.join(started)}" if started else "all parts were running")
    echo(f"Position Manager is available at {stack.env()['POSITION_MANAGER_URL']}")
    echo(f"Addresses and keys: {stack.config.dir / 'env'}")


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
    print_json({"done": done}) if as_json else echo(done)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the state, pid, uptime and ports of each part. Exits with 3 when one is not running."""
    with refusals():
        parts = Stack(StackConfig.of(load()).as_started()).status()
    if as_json:
        print_json([asdict(part) for part in parts])
    else:
        Screen().print(_table(parts))
    if any(part.state != "running" for part in parts):
        raise typer.Exit(3)


def _table(parts: list[Status]) -> Table:
    table = Table("part", "state", "pid", "uptime", "port", box=None)
    for part in parts:
        uptime = "" if part.uptime is None else str(timedelta(seconds=part.uptime))
        color = "green" if part.state == "running" else "red"
        table.add_row(
            part.part,
            Text(part.state, style=color),
            str(part.pid or ""),
            uptime,
            ", ".join(map(str, part.ports)),
        )
    return table
