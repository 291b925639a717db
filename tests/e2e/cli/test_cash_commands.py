"""``cash``, from end to end."""

from __future__ import annotations

import json

from tests.helpers.commands import Cli

AT = ("--at", "2026-01-01T00:00:00Z")


def test_cash_is_recorded_once_and_shown(cli: Cli, account: str) -> None:
    command = ["cash", "deposit", "1000", "usdt", "--id", "d", "-a", account, *AT]
    assert [cli(*command).stdout for _ in range(2)] == ["applied\n", "duplicate\n"]
    command[2] = "1001"
    other = cli(*command)
    assert (other.exit_code, "already recorded with other content" in other.stderr) == (1, True)

    cli("cash", "withdraw", "100", "USDT", "--id", "w", "-a", account, *AT)
    cli("cash", "interest", "-0.5", "USDT", "--id", "i", "-a", account, *AT)
    cli("cash", "transfer", "99", "USDT", "--from", account, "--to", f"{account}-b", "--id", "t")
    shown = json.loads(cli("cash", "balances", "-a", account, "--json").stdout)
    assert [(each["currency"], each["balance"]) for each in shown["balances"]] == [
        ("USDT", "800.5"),
    ]  # fmt: skip
    assert "800.5" in cli("cash", "balances", "-a", account).stdout
    then = cli("cash", "balances", "-a", account, "--as-of", AT[1], "--json")
    assert json.loads(then.stdout)["balances"][0]["balance"] == "899.5"


def test_an_entry_is_undone_by_its_identity(cli: Cli, account: str) -> None:
    cli("cash", "deposit", "1000", "USDT", "--id", "d", "-a", account, *AT)
    assert cli("cash", "bust", "cash:d", "-a", account).stdout == "applied\n"

    listed = json.loads(cli("cash", "list", "-a", account, "--json").stdout)["entries"]
    assert [(each["identity"], each["amount"], each["is_busted"]) for each in listed] == [
        ("bust:cash:d", "-1000", False), ("cash:d", "1000", True),
    ]  # fmt: skip
    assert "bust:cash:d" in cli("cash", "list", "-a", account).stdout
    assert cli("cash", "bust", "other", "-a", account).exit_code == 1
