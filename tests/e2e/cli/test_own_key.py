"""The key of the private stack: its files follow a rotation, and a revocation."""

from __future__ import annotations

import httpx
import psycopg
import pytest

from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli

# A stack of the demo's, for the key of the shared one is in use by all other tests.
pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture
def cli(traded: Stack) -> Cli:
    """The commands, which find the stack by its folder."""
    return Cli({"POSITION_MANAGER_STACK_DIR": str(traded.config.dir)})


def own_key(stack: Stack) -> str:
    """The key in the stack's files."""
    lines = (stack.config.dir / "env").read_text().splitlines()
    key = dict(line.split("=", 1) for line in lines)["POSITION_MANAGER_API_KEY"]
    assert stack.context.key_header.read_text() == f"X-API-Key: {key}\n"
    return key


def status(stack: Stack, key: str) -> int:
    url = f"{stack.env()['POSITION_MANAGER_URL']}/api/v1/portfolio"
    return httpx.get(url, headers={"X-API-Key": key}, timeout=30).status_code


def test_the_files_of_the_stack_follow_its_key(traded: Stack, cli: Cli) -> None:
    first = own_key(traded)

    rotated = cli("keys", "rotate", "first")
    second = own_key(traded)

    assert rotated.exit_code == 0, rotated.stderr
    assert rotated.stdout.strip() == second != first
    assert "own key was replaced in" in rotated.stderr
    assert (status(traded, first), status(traded, second)) == (200, 200)

    revoked = cli("keys", "revoke", second.split("_")[1])
    third = own_key(traded)

    assert revoked.exit_code == 0, revoked.stderr
    assert len({first, second, third}) == 3
    assert (status(traded, second), status(traded, third)) == (401, 200)

    # As the next start does.
    deploy.load_settings(Stack(traded.config).context)
    assert status(traded, third) == 200
    with psycopg.connect(traded.context.dsn()) as connection:
        row = connection.execute("SELECT k.expires_at FROM pms.api_keys k WHERE k.id = 'first'")
        assert row.fetchone() != (None,)


def test_a_key_of_another_service_leaves_the_stacks_own(traded: Stack, cli: Cli) -> None:
    before = own_key(traded)
    elsewhere = ("--database", traded.context.dsn("pms_operator"))

    created = cli("keys", "create", "elsewhere", *elsewhere)
    rotated = cli("keys", "rotate", "elsewhere", *elsewhere)

    assert (created.exit_code, rotated.exit_code) == (0, 0)
    assert own_key(traded) == before
