"""``position-manager status`` of a running stack."""

from __future__ import annotations

import json

from position_manager.cli.stack import MIB
from position_manager.config.settings import env_name
from position_manager.config.stack import StackSettings
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli


def test_it_shows_the_size_of_the_tables(stack: Stack) -> None:
    cli = Cli(stack.env() | {env_name(StackSettings, "dir"): str(stack.config.dir)})
    measured = cli("jobs", "run", "measure_tables")
    assert measured.exit_code == 0, measured.output

    document = json.loads(cli("status", "--json").stdout)
    shown = cli("status").stdout

    storage = document["storage"]
    assert storage["tables"]["entries"]["bytes"] <= storage["bytes"]
    assert storage["growth_bytes_per_day"] is None
    assert f"{storage['bytes'] / MIB:,.0f} MiB" in shown
