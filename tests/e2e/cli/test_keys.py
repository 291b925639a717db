"""``position-manager keys``: privileges, lifetimes and secrecy of keys."""

from __future__ import annotations

import json
from typing import Any

import httpx
import psycopg
import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.harness import eventually


def made(cli: Cli, *arguments: str) -> dict[str, Any]:
    """Create or rotate a key, and parse the output."""
    shown = cli("keys", *arguments, "--json")
    assert shown.exit_code == 0, shown.stderr
    document: dict[str, Any] = json.loads(shown.stdout)
    return document


def listed(cli: Cli, key_id: str) -> dict[str, Any]:
    """The list's row of a key."""
    ((found),) = [
        key
        for key in json.loads(cli("keys", "list", "--json").stdout)["keys"]
        if key["id"] == key_id
    ]
    return dict(found)


def status(stack: Stack, key: str, path: str = "/api/v1/positions", method: str = "GET") -> int:
    """The gateway's status for a key."""
    url = f"{stack.env()['POSITION_MANAGER_URL']}{path}"
    return httpx.request(method, url, headers={"X-API-Key": key}, timeout=30).status_code


def test_a_new_key_has_the_privileges_of_its_role(cli: Cli, stack: Stack) -> None:
    reader = made(cli, "create", "order-manager")
    trader = made(cli, "create", "desk", "--role", "trader")

    assert status(stack, reader["key"]) == 200
    assert status(stack, reader["key"], "/api/v1/positions/NONE1/snapshot", "POST") == 403
    assert status(stack, trader["key"], "/api/v1/positions/NONE1/snapshot", "POST") == 404


def test_a_key_is_shown_once_on_a_line_of_its_own(cli: Cli, stack: Stack) -> None:
    shown = cli("keys", "create", "grafana", "--tier", "ui")

    key = shown.stdout.strip()
    assert key.startswith("pms_")
    assert status(stack, key) == 200
    key_id = key.split("_")[1]
    assert key not in cli("keys", "list").stdout + cli("keys", "list", "--json").stdout
    assert listed(cli, key_id)["tier"] == "ui"


def test_the_list_shows_the_last_use_of_a_key(cli: Cli, stack: Stack) -> None:
    key = made(cli, "create", "grafana")
    assert listed(cli, key["id"])["last_used_at"] is None

    status(stack, key["key"])

    eventually(lambda: listed(cli, key["id"])["last_used_at"])
    assert listed(cli, key["id"])["last_used_from"] == "127.0.0.1"
    assert "127.0.0.1" in cli("keys", "list").stdout


def test_the_database_never_receives_a_key(cli: Cli, stack: Stack) -> None:
    key = made(cli, "create", "secret-keeper")["key"]

    with psycopg.connect(stack.context.dsn()) as connection:
        kept = connection.execute("SELECT k::text FROM pms.api_keys k").fetchall()
        seen = connection.execute("SELECT s.query FROM pg_stat_statements s").fetchall()
    assert key not in str(kept) + str(seen)


def test_a_revoked_key_fails_on_the_next_request(cli: Cli, stack: Stack) -> None:
    key = made(cli, "create", "gone", "--role", "operator")
    assert status(stack, key["key"]) == 200

    shown = cli("keys", "revoke", key["id"])

    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.strip() == f"key {key['id']} (gone) revoked"
    assert status(stack, key["key"]) == 401
    assert listed(cli, key["id"])["status"] == "revoked"


def test_a_rotated_key_works_until_the_overlap_ends(cli: Cli, stack: Stack) -> None:
    old = made(cli, "create", "model-service", "--role", "trader", "--account", "alpha")

    new = made(cli, "rotate", old["id"])

    assert (status(stack, old["key"]), status(stack, new["key"])) == (200, 200)
    follower = listed(cli, new["id"])
    assert follower["replaces"] == old["id"]
    assert (follower["role"], follower["account_scope"]) == ("trader", ["alpha"])
    assert listed(cli, old["id"])["expires_at"] is not None

    last = made(cli, "rotate", new["id"], "--overlap", "0")

    assert (status(stack, new["key"]), status(stack, last["key"])) == (401, 200)
    assert listed(cli, new["id"])["status"] == "expired"


def test_a_rotation_never_extends_a_key(cli: Cli) -> None:
    old = made(cli, "create", "brief", "--expires-in", "60s")
    before = listed(cli, old["id"])["expires_at"]

    new = made(cli, "rotate", old["id"], "--overlap", "30d")

    assert listed(cli, old["id"])["expires_at"] == before
    assert listed(cli, new["id"])["expires_at"] == before


def test_a_key_is_found_by_the_name_that_no_other_live_key_has(cli: Cli) -> None:
    only = made(cli, "create", "by-name")
    found = made(cli, "rotate", "by-name", "--overlap", "0")
    created = cli("keys", "create", "by-name", "--json")
    twin = json.loads(created.stdout)

    assert f"by-name has other live keys: {found['id']}." in created.stderr
    refused = cli("keys", "revoke", "by-name")

    assert listed(cli, found["id"])["replaces"] == only["id"]
    assert refused.exit_code == 1
    ids = sorted([found["id"], twin["id"]])
    assert f"2 live keys have the name by-name: {ids[0]}, {ids[1]}" in refused.stderr
    assert "An id is first or 12 hexadecimal digits" in refused.stderr


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_an_unknown_key_is_refused(cli: Cli, command: str) -> None:
    shown = cli("keys", command, "nobody")

    assert shown.exit_code == 1
    assert "key nobody" in shown.stderr


def test_a_revoked_key_is_not_rotated(cli: Cli) -> None:
    key = made(cli, "create", "gone-for-good")
    cli("keys", "revoke", key["id"])

    shown = cli("keys", "rotate", key["id"])

    assert shown.exit_code == 1
    assert "Make a new one." in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("x" * 65,), "api_keys_name_is_short"),
        (("name", "--tier", "no tier"), "api_keys_tier_is_a_name"),
        (("name", "--account", "a;b"), "api_keys_account_scope_is_names"),
        (("name", "--account", "a,b", "--account", ""), "api_keys_account_scope_is_names"),
        (("name", "--expires-in", "0"), "must be from 1s to 36500d"),
        (("name", "--expires-in", "9999999999d"), "must be below 1000000000 of its unit"),
        (("name", "--expires-in", "soon"), "must be a whole number and s, m, h or d"),
        (("name", "--role", "owner"), "'owner' is not one of"),
    ],
)
def test_an_invalid_key_option_is_refused(cli: Cli, arguments: tuple[str, ...], error: str) -> None:
    shown = cli("keys", "create", *arguments, width=300)

    assert shown.exit_code != 0
    assert error in " ".join(shown.stderr.split())
    assert "Failing row" not in shown.stderr


def test_a_refused_key_leaves_none_of_its_row_in_the_log(cli: Cli, stack: Stack) -> None:
    cli("keys", "create", "too-long-" + "x" * 65)

    log = (stack.context.logs / "postgres.log").read_text()
    assert "api_keys_name_is_short" in log
    assert "Failing row" not in log


def test_a_rotation_names_how_long_the_former_key_is_valid(cli: Cli) -> None:
    key = made(cli, "create", "overlapping")

    shown = cli("keys", "rotate", key["id"], width=300)

    ends_at = listed(cli, key["id"])["expires_at"]
    day, _, _ = ends_at.partition("T")
    assert f"the former key, {key['id']}, is valid until {day}" in shown.stderr
    assert f"keys revoke {key['id']}" in shown.stderr
    other = made(cli, "create", "not-overlapping")
    assert "is valid until" not in cli("keys", "rotate", other["id"], "--overlap", "0").stderr
