"""What a command imports, which is most of the time of its start; help, and errors as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.commands import Cli, at_terminal

HEAVY = {
    "asyncio", "httpx", "pglast", "pika", "psycopg", "pyarrow", "structlog",
    "supervisor", "position_manager.backup", "position_manager.deploy",
    "position_manager.simulation", "position_manager.stack", "position_manager.worker",
}  # fmt: skip
ASK = """
import sys
from position_manager.cli.app import app
try:
    app(sys.argv[1:], standalone_mode=False) if sys.argv[1:] else None
finally:
    print("imported:", *sys.modules)
"""

FIND = """
import sys
from position_manager.cli.query import stack_env
stack_env()
print(*sys.modules)
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a command imports."""
    run = subprocess.run(
        [sys.executable, "-c", ASK, *arguments], capture_output=True, text=True, check=True
    )
    return set(run.stdout.rpartition("imported:")[2].split())


def test_a_start_imports_no_heavy_module() -> None:
    assert imported() & HEAVY == set()
    assert imported("--version") & HEAVY == set()


@pytest.mark.parametrize("command", ["positions", "pnl", "risk-limits", "fills", "explain"])
def test_the_help_of_a_command_imports_no_heavy_module(command: str) -> None:
    assert imported(command, "--help") & HEAVY == set()


def test_the_address_of_the_private_stack_is_found_without_its_parts(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FIND],
        env={"POSITION_MANAGER_STACK_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    needed = {"asyncio", "psycopg", "position_manager.stack"}
    assert set(run.stdout.split()) & HEAVY <= needed


def test_help_lists_the_commands_under_headings() -> None:
    shown = at_terminal("--help").stdout

    headings = [line.split()[1] for line in shown.splitlines() if line.startswith("╭")]
    assert headings == ["Options", "Positions", "Trading", "Risk", "Review", "Operation"]
    assert "<bool>" not in shown + at_terminal("validate", "--help").stdout


def test_a_former_name_is_refused_with_the_present_one() -> None:
    refused = at_terminal("limits", "show")

    assert refused.exit_code == 2
    assert "limits is now rate-limits." in refused.stderr
    assert "risk-limits" in refused.stderr


def test_a_refusal_is_json_where_json_was_asked_for(cli: Cli) -> None:
    unknown = cli("positions", "NOSUCHUSDT", "--json")
    invalid = cli("positions", "--mode", "sideways", "--json")

    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert json.loads(unknown.stderr)["error_code"] == "NOT_FOUND"
    assert json.loads(invalid.stderr)["details"] == {"mode": "must be one-way or hedge"}
    unset = json.loads(cli("keys", "rotate", "nokey", "--json").stderr)
    assert unset["message"] == "refused: no key nokey"


def test_a_refusal_says_each_thing_once(cli: Cli) -> None:
    refused = cli("positions", "--mode", "sideways").stderr

    assert refused.count("must be one-way or hedge") == 1
