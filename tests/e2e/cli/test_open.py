"""``position-manager open``: a link that opens the page once."""

from __future__ import annotations

import json

import httpx

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli


def test_the_link_has_a_code_for_the_accounts(cli: Cli, stack: Stack) -> None:
    url = stack.env()["POSITION_MANAGER_URL"]

    shown = cli("open", "--account", "main", "--account", "desk")

    page, code = shown.stdout.strip().split("#code=")
    assert page == f"{url}/"
    session = httpx.post(f"{url}/api/v1/session", headers={"X-API-Key": code}).json()
    assert session["accounts"] == ["main", "desk"]


def test_a_link_can_be_read_by_a_program(cli: Cli) -> None:
    shown = json.loads(cli("open", "--url", "https://desk.example/", "--json").stdout)

    assert shown["link"].startswith(f"https://desk.example/#code=pms_{shown['id']}_")


def test_a_wrong_account_is_refused(cli: Cli) -> None:
    shown = cli("open", "--account", " ")

    assert shown.exit_code == 1
    assert "no name of an account" in shown.stderr
