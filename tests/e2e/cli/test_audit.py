"""``audit``: the trail of commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.helpers.commands import Cli

if TYPE_CHECKING:
    pass


def test_cli_commands_are_listed(operator: Cli) -> None:
    created = operator("keys", "create", "desk")
    assert created.exit_code == 0, created.stderr
    key = created.stdout.strip()

    shown = operator("audit", "--command", "create_key", width=250)
    as_json = operator("audit", "--command", "create_key", "--json")

    assert shown.exit_code == as_json.exit_code == 0, shown.stderr
    assert shown.stdout.splitlines()[-1].split()[2:7] == [
        "pms_operator", "create_key", "-", "-", "done",
    ]  # fmt: skip
    (row,) = json.loads(as_json.stdout)["audit"]
    assert row["arguments"]["name"] == "desk"
    assert key not in shown.stdout + as_json.stdout


def test_an_empty_audit_trail_is_reported(operator: Cli) -> None:
    shown = operator("audit", "--account", "nobody")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "no audit records\n")
