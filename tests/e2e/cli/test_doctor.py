"""``position-manager doctor``: it names what needs attention, until that is done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from position_manager.config.settings import env_name
from position_manager.config.stack import StackSettings
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli

if TYPE_CHECKING:
    from tests.conftest import Database


def test_it_names_what_needs_attention_until_it_is_done(database: Database) -> None:
    doctor = Cli({"DATABASE_URL": database.dsn("pms_operator")})

    new = doctor("doctor")
    done = doctor("jobs", "run", "--due")
    kept = doctor("doctor", "--json")

    assert (new.exit_code, done.exit_code) == (3, 0), new.output + done.output
    assert "maintain_partitions is overdue" in new.stdout
    assert "pms.snapshots has no partition" in new.stdout
    answer = json.loads(kept.stdout)
    states = {check["area"]: check["state"] for check in answer["checks"]}
    assert states.pop("disk") == "unknown"
    # The server of the tests loses its data in a crash, for speed.
    assert states.pop("settings") == "failure"
    assert (kept.exit_code, answer["needs_attention"]) == (3, True)
    assert set(states.values()) == {"ok"}, answer
    assert {"tables", "partitions", "replication", "jobs", "clock"} <= set(states)


def test_the_disk_of_the_private_stack_is_examined(stack: Stack) -> None:
    doctor = Cli(stack.env() | {env_name(StackSettings, "dir"): str(stack.config.dir)})

    shown = doctor("doctor", "--json")

    checks = {check["area"]: check for check in json.loads(shown.stdout)["checks"]}
    assert checks["disk"]["state"] in {"ok", "warning", "failure"}
