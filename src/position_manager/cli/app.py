"""Operate Position Manager."""

from __future__ import annotations

import typer

from position_manager.cli import (
    audit,
    check,
    conflicts,
    cycles,
    dead_letters,
    discrepancies,
    explain,
    fifo,
    fills,
    funding,
    history,
    import_command,
    instruments,
    jobs,
    keys,
    limits,
    portfolio,
    positions,
    restatements,
    risk_limits,
    snapshots,
    stack_commands,
    transfer,
    validate,
    validations,
    verify,
)
from position_manager.cli import demo as demo
from position_manager.deploy import command as deploy_command

app = typer.Typer(
    no_args_is_help=True,
    help=__doc__,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for module in (
    stack_commands,
    demo,
    positions,
    portfolio,
    history,
    check,
    risk_limits,
    explain,
    cycles,
    fifo,
    restatements,
    conflicts,
    dead_letters,
    fills,
    funding,
    transfer,
    import_command,
    instruments,
    keys,
    limits,
    audit,
    jobs,
    validate,
    discrepancies,
    validations,
    verify,
    snapshots,
    deploy_command,
):
    module.register(app)
