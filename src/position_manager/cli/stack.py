"""``up``, ``down``, ``status`` and ``logs``: the private stack."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table
from rich.text import Text

from position_manager import __version__
from position_manager.cli.commands import Commands
from position_manager.cli.output import Screen
from position_manager.cli.query import AsJson, pages, refusals
from position_manager.stack import settings
from position_manager.stack.context import Context
from position_manager.stack.log_lines import Entries
from position_manager.stack.log_reader import Log
from position_manager.stack.parts import NAMES
from position_manager.stack.stack import Stack, Status
from position_manager.terminal import echo, print_json

HEALTHY = "healthy"
HEALTH_TIMEOUT = 5.0
MIB = 1024**2
PAUSE = 0.5

app = Commands()


def _part(name: str) -> str:
    if name not in NAMES:
        raise typer.BadParameter(f"must be one of {', '.join(NAMES)}")
    return name


@app.command()
def up(as_json: AsJson = False) -> None:
    """Start the private stack and deploy the schema."""
    with refusals():
        stack = Stack(settings.chosen(), log=lambda line: echo(line, err=True))
        started = stack.up()
    if as_json:
        print_json({"started": started, "dir": str(stack.config.dir)})
        return
    echo(f"started {', '.join(started)}" if started else "all parts were running")
    echo("Position Manager is available:")
    for line in pages(stack.env()["POSITION_MANAGER_URL"]):
        echo(line)
    echo(f"Addresses and keys: {stack.config.dir / 'env'}")


@app.command()
def down(
    delete: Annotated[bool, typer.Option("--delete", help="Also delete the data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop the private stack."""
    with refusals():
        config = settings.chosen().as_started()
        Stack(config).down(delete=delete)
    done = "stopped and deleted" if delete else "stopped"
    print_json({"done": done}) if as_json else echo(done)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the parts, the health, the version and the settings in force.

    Exits with 3 when a part does not run or the service is not healthy.
    """
    with refusals():
        config = settings.chosen().as_started()
        stack = Stack(config)
        parts = stack.status()
        in_force = settings.kept(config.dir)
    url = stack.env()["POSITION_MANAGER_URL"] if stack.context.exists() else None
    health = _health(url)
    storage = _storage(url)
    state = str(health["status"])
    if as_json:
        print_json(
            {
                "parts": [asdict(part) for part in parts],
                "health": state,
                "assumed_instruments_count": health.get("assumed_instruments_count"),
                "storage": storage,
                "url": url,
                "version": __version__,
                "settings": in_force,
            }
        )
    else:
        screen = Screen()
        screen.print(_table(parts))
        screen.print(_facts(health, storage, url, in_force))
    down = [part for part in parts if part.state != "running"]
    if down:
        names = ", ".join(part.part for part in down)
        lack = "not running" if down[0].pid is None else "not supervised"
        log = stack.context.logs / f"{down[0].part}.log"
        echo(f"{lack}: {names}. Start with  make up;  see {log}", err=True)
    if down or state != HEALTHY:
        raise typer.Exit(3)


@app.command()
def logs(
    part: Annotated[
        str | None, typer.Argument(parser=_part, metavar="PART", help="Part; by default all.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more lines.")] = False,
    trace: Annotated[
        str | None, typer.Option("--trace", help="Only lines with this trace id.")
    ] = None,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="Number of lines of each part.")
    ] = 100,
) -> None:
    """Print the logs of the private stack as JSON, each line after the name of its part."""
    with refusals():
        folder = Context(settings.chosen()).logs
        names = NAMES if part is None else (part,)
        logs = [(Log(name, folder / f"{name}.log"), Entries(name)) for name in names]
        for log, entries in logs:
            found = entries.read(log.new(), trace)
            _print_lines(log.name, found[max(len(found) - lines, 0) :])
        while follow:
            time.sleep(PAUSE)
            for log, entries in logs:
                _print_lines(log.name, entries.read(log.new(), trace))


def _print_lines(part: str, lines: Iterable[str]) -> None:
    for line in lines:
        echo(f"{part} | {line}")


def _health(url: str | None) -> dict[str, Any]:
    """What /health reports; without an answer, the reason as the status."""
    if url is None:
        return {"status": "not started"}
    try:
        answer = httpx.get(f"{url}/health", timeout=HEALTH_TIMEOUT, trust_env=False)
        return {"status": f"HTTP {answer.status_code}"} | dict(answer.json())
    except (httpx.HTTPError, ValueError):
        return {"status": "no answer"}


def _storage(url: str | None) -> dict[str, Any] | None:
    """What /metrics reports of the size of the tables; None without an answer."""
    if url is None:
        return None
    try:
        answer = httpx.get(f"{url}/metrics", timeout=HEALTH_TIMEOUT, trust_env=False)
        storage: dict[str, Any] | None = answer.json().get("storage")
    except (httpx.HTTPError, ValueError):
        return None
    return storage


def _size(storage: Mapping[str, Any]) -> str:
    text = f"{storage['bytes'] / MIB:,.0f} MiB"
    growth = storage["growth_bytes_per_day"]
    return text if growth is None else f"{text}, {growth / MIB:+,.1f} MiB a day"


def _facts(
    health: Mapping[str, Any],
    storage: Mapping[str, Any] | None,
    url: str | None,
    in_force: Mapping[str, str],
) -> Table:
    table = Table.grid("name", "value", padding=(0, 2))
    state = str(health["status"])
    table.add_row("health", Text(state, style="green" if state == HEALTHY else "red"))
    if assumed := health.get("assumed_instruments_count"):
        table.add_row("assumed", f"instruments: {assumed}; see  reviews")
    if storage is not None:
        table.add_row("tables", _size(storage))
    table.add_row("address", url or "-")
    table.add_row("version", __version__)
    own = (f"{name}={settings.shown(name, value)}" for name, value in in_force.items())
    table.add_row("settings", "\n".join(own) or "defaults")
    return table


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
