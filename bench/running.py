"""The running stack that is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import typer
from rich.console import Console

from bench.errors import MeasureError
from position_manager.cli.query import refusals
from position_manager.stack import settings
from position_manager.stack.stack import Stack
from position_manager.worker.broker import BROKER_ERRORS


def running_stack(messages: Console) -> Stack:
    """The stack that the environment names; exits with 1 unless all its parts run."""
    with refusals():
        stack = Stack(settings.chosen().as_started())
        stopped = [part.part for part in stack.status() if part.state != "running"]
    if stopped:
        messages.print(f"[red]parts of the stack are not running: {', '.join(stopped)}[/]")
        messages.print("Start them with:  make up", markup=False)
        raise typer.Exit(1)
    return stack


@contextmanager
def failures(messages: Console, code: int = 1) -> Iterator[None]:
    """Print a failure of a measurement, and exit with `code`."""
    try:
        yield
    except (MeasureError, psycopg.Error, *BROKER_ERRORS) as error:
        messages.print(f"benchmark failed: {error}", style="red", markup=False)
        raise typer.Exit(code) from None
