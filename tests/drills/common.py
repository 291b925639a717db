"""What the drills share: a stack of their own, the demo, and figures to compare."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
import psycopg

from position_manager.paths import ROOT
from position_manager.stack import rabbitmq
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers import release
from tests.helpers.harness import ORDER_EVENTS
from tests.helpers.runs import private_stack

DRAINED = 120.0
COLUMNS = """
    SELECT quote_ident(a.attname) FROM pg_attribute a
    WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 ORDER BY a.attnum
"""
# Equal before and after: what a client has seen stays, to the digit, while LOAD trades.
LOAD = "DRILLUSDT"
FIGURES = ("api.fills", "api.positions")
# What columns of the last release are called now.
RENAMED = {("api.fills", "realized"): "carried_realized"}
# With the time, the jobs, or what else is held.
CHANGING = (
    "price_status",
    "time_held_minutes",
    "last_updated",
    "last_snapshot_at",
    "version",
    "position_size_norm",
)


def fills_wanted() -> int:
    """The number of fills that the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fills", type=int, default=100_000)
    return int(parser.parse_args().fills)


@contextmanager
def own_stack(**settings: object) -> Iterator[tuple[Stack, Path]]:
    """A stack that is deleted at the end, and a folder for files."""
    with tempfile.TemporaryDirectory(dir=ROOT / ".stack") as folder:
        Path(folder).chmod(0o755)
        stack = private_stack(Path(folder) / "stack", **settings)
        try:
            yield stack, Path(folder)
        finally:
            # It may have other passwords by now.
            Stack(stack.config).down(delete=True)


def environment(stack: Stack) -> dict[str, str]:
    """The settings of a command on the stack."""
    ports = {name: str(port) for name, port in stack.config.port_settings().items()}
    path = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return path | ports | {"POSITION_MANAGER_STACK_DIR": str(stack.config.dir)}


def command(stack: Stack, *arguments: str, tree: Path = ROOT) -> str:
    """Run a command of a tree on the stack; return its output."""
    return release.run(tree, environment(stack), *arguments)


class Figures:
    """Fills and positions of the demo's account as a client reads them."""

    def __init__(self, stack: Stack) -> None:
        self._dsn = stack.context.dsn()
        self._columns = {
            view: [name for name in self._present(view) if name not in CHANGING] for view in FIGURES
        }
        self.seen = self._read()

    def differences(self, stack: Stack) -> list[str]:
        """The views whose rows are no longer those that were seen."""
        self._dsn = stack.context.dsn()
        for view, names in self._columns.items():
            present = self._present(view)
            self._columns[view] = [
                name if name in present else RENAMED[view, name] for name in names
            ]
        now = self._read()
        return [view for view, rows in self.seen.items() if now[view] != rows]

    def _present(self, view: str) -> list[str]:
        with psycopg.connect(self._dsn) as conn:
            return [name for (name,) in conn.execute(COLUMNS, [view]).fetchall()]

    def _read(self) -> dict[str, tuple[Any, ...]]:
        found = {}
        with psycopg.connect(self._dsn) as conn:
            for view in self._columns:
                row = conn.execute(
                    f"SELECT count(*), sum(hashtextextended(ROW({', '.join(self._columns[view])})"
                    f"::text, 0)::numeric) FROM {view} WHERE asset <> %s".encode(),
                    [LOAD],
                ).fetchone()
                assert row is not None
                found[view] = row
        return found


def rows(stack: Stack, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query of the superuser."""
    with psycopg.connect(stack.context.dsn()) as conn:
        cursor = conn.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def await_fills(stack: Stack, count: int) -> int:
    """Wait until the load has this many fills; return how many it has in the end."""
    counted = f"SELECT count(*) FROM api.fills f WHERE f.asset = '{LOAD}'"
    wait(lambda: rows(stack, counted) >= [(count,)], DRAINED)
    # One that is applied twice would come late.
    time.sleep(1)
    ((found,),) = rows(stack, counted)
    return int(found)


def resend(stack: Stack, bodies: list[bytes]) -> None:
    """Publish messages again."""
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url(stack.context))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish("", ORDER_EVENTS, body, mandatory=True)


def report(title: str, facts: dict[str, object], ok: bool) -> int:
    """Print the findings; return the exit code."""
    print(title)
    for name, value in facts.items():
        print(f"  {name:<38} {value}")
    print("passed" if ok else "FAILED", file=sys.stdout if ok else sys.stderr)
    return 0 if ok else 1
