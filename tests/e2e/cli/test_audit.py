"""``audit``: who has changed what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.helpers.commands import Cli

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def operator(shared_database: Database) -> Cli:
    return Cli({"DATABASE_URL": shared_database.dsn("pms_operator")})


def test_what_the_command_line_did_is_listed(operator: Cli) -> None:
    created = operator("keys", "create", "desk")
    assert created.exit_code == 0, created.stderr
    key = created.stdout.strip()

    shown = operator("audit", "--command", "create_key", width=250)
    told = operator("audit", "--command", "create_key", "--json")

    assert shown.exit_code == told.exit_code == 0, shown.stderr
    assert shown.stdout.splitlines()[-1].split()[2:7] == [
        "pms_operator", "create_key", "-", "-", "done",
    ]  # fmt: skip
    (noted,) = json.loads(told.stdout)["audit"]
    assert noted["arguments"]["name"] == "desk"
    assert key not in shown.stdout + told.stdout


def test_nothing_is_said_where_nothing_was_noted(operator: Cli) -> None:
    shown = operator("audit", "--account", "nobody")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "no audit records\n")
