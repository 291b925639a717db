"""``deploy``: deploy to the database that the environment names."""

from __future__ import annotations

from position_manager.cli.commands import Commands
from position_manager.deploy import command

app = Commands()
app.command()(command.deploy)
