"""What the shell completes."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from position_manager.cli.app import app
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli


def completed(stack_env: dict[str, str], *words: str) -> list[str]:
    """The completions of the last word, as bash asks for them."""
    line = " ".join(("position-manager", *words))
    env = stack_env | {
        "_POSITION_MANAGER_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words)),
    }
    shown = CliRunner().invoke(app, [], prog_name="position-manager", env=env)
    return shown.stdout.split()


@pytest.mark.usefixtures("bought")
def test_names_of_the_service_are_completed(
    cli: Cli, stack: Stack, account: str, asset: str
) -> None:
    env = stack.env()
    cli("risk-limits", "set", "position_size", "9", "-a", account, "--asset", asset)
    cli("keys", "create", account)

    assert completed(env, "positions", asset[:8]) == [asset]
    assert completed(env, "portfolio", "--account", account[:8]) == [account]
    assert completed(env, "risk-limits", "remove", f"asset/{account}") == [
        f"asset/{account}/{asset}/position_size"
    ]
    assert completed(env, "keys", "rotate", account) == [account]
    assert "verify_ledger" in completed(env, "jobs", "run", "ver")
    assert completed(env, "risk-limits", "set", "net") == ["net_exposure"]


def test_nothing_is_completed_without_a_service() -> None:
    env = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}

    assert completed(env, "positions", "B") == []
