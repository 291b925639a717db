"""``instruments``, ``prices`` and ``actions``, from end to end."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli


def test_an_undefined_instrument_is_marked_as_assumed(
    cli: Cli, bought: list[str], asset: str
) -> None:
    listed = json.loads(cli("instruments", "list", "--json").stdout)["instruments"]

    (found,) = (each for each in listed if each["asset"] == asset)
    assert (found["kind"], found["multiplier"], found["is_assumed"]) == ("linear", "1", True)
    assert found["base_currency"] == asset.removesuffix("USDT")
    shown = cli("instruments", "list").stdout
    (line,) = (line for line in shown.splitlines() if line.startswith(asset))
    assert "assumed" in line


def test_an_instrument_is_defined(cli: Cli, asset: str) -> None:
    done = cli(
        "instruments", "define", asset.lower(), "--kind", "inverse", "--multiplier", "100",
        "--quote", "usd", "--settlement", "btc",
    )  # fmt: skip

    assert (done.exit_code, done.stdout) == (0, f"{asset} is inverse, multiplier 100, in BTC\n")
    shown = cli("instruments", "list").stdout
    (line,) = (line for line in shown.splitlines() if line.startswith(asset))
    assert line.split()[1:6] == ["inverse", "100", "-", "USD", "BTC"]


def test_a_long_name_leaves_the_definition_readable(cli: Cli, asset: str) -> None:
    name = asset.ljust(64, "X")
    cli("instruments", "define", name)

    shown = cli("instruments", "list", width=80).stdout

    (line,) = (line for line in shown.splitlines() if line.startswith(name[:20]))
    assert {"linear", "USDT"} <= set(line.split())


@pytest.mark.usefixtures("bought")
def test_a_traded_instrument_is_counted_again(cli: Cli, account: str, asset: str) -> None:
    shown = cli("instruments", "define", asset, "--multiplier", "10")

    assert (shown.exit_code, shown.stdout) == (
        0, f"{asset} is linear, multiplier 10, in USDT\nrecounted legs: 1\n"
    )  # fmt: skip
    assert [each["value"] for each in cli.entries(asset, "--account", account)] == ["2000"]
    again = cli("instruments", "define", asset, "--multiplier", "10")
    assert again.stdout == f"{asset} is linear, multiplier 10, in USDT\n"


def test_expiry_and_grid_are_defined_and_listed(cli: Cli, asset: str) -> None:
    cli(
        "instruments", "define", asset, "--expires-at", "2030-12-27T08:00:00Z",
        "--tick-size", "0.50", "--quantity-step", "0.001",
    )  # fmt: skip

    listed = json.loads(cli("instruments", "list", "--json").stdout)["instruments"]
    (found,) = (each for each in listed if each["asset"] == asset)
    assert found["expires_at"] == "2030-12-27T08:00:00.000000Z"
    assert (found["tick_size"], found["quantity_step"]) == ("0.5", "0.001")


def test_an_alias_is_one_name_more(cli: Cli, account: str, asset: str, bought: list[str]) -> None:
    name = f"X{asset}"
    done = cli("instruments", "alias", name.lower(), asset.lower())
    assert (done.exit_code, done.stdout) == (0, f"{name} is an alias of {asset}\n"), done.output
    again = cli(
        "fills", "record", name, "BUY", "2", "100", "--fee", "0.5", "--id", "one",
        "--executed-at", "2026-01-01T00:00:00Z", "--account", account,
    )  # fmt: skip
    assert again.stdout.startswith("duplicate")
    assert cli.held(account, name)["asset"] == asset
    assert len(cli.entries(name, "--account", account)) == 1
    listed = json.loads(cli("instruments", "aliases", "--json").stdout)["aliases"]
    assert (name, asset) in {(each["alias"], each["asset"]) for each in listed}
    assert name in cli("instruments", "aliases").stdout

    gone = cli("instruments", "unalias", name)
    assert (gone.exit_code, gone.stdout) == (0, f"{name} is no longer an alias of {asset}\n")
    refused = cli("instruments", "unalias", name)
    assert (refused.exit_code, "no such alias" in refused.stderr) == (1, True)


@pytest.fixture
def jumped(stack: Stack, asset: str) -> str:
    """An asset with a price of 100 and a held one of 0.1."""
    for price in ("100", "0.1"):
        with psycopg.connect(stack.context.dsn("pms_operator")) as connection:
            connection.execute("SELECT api.record_price(%s, %s)", [asset, price])
    return asset


@pytest.mark.parametrize(("command", "mark"), [("accept", "0.1"), ("drop", "100")])
def test_a_held_price_is_listed_and_settled(cli: Cli, jumped: str, command: str, mark: str) -> None:
    def listed(*options: str) -> list[dict[str, Any]]:
        found = json.loads(cli("prices", "list", *options, "--json").stdout)["prices"]
        return [each for each in found if each["asset"] == jumped]

    (row,) = listed("--held")
    assert (row["mark_price"], row["held_price"], row["price_status"]) == ("100", "0.1", "stale")
    line = next(line for line in cli("prices", "list").stdout.splitlines() if jumped in line)
    assert line.split()[1:3] == ["100", "stale"]

    done = cli("prices", command, jumped.lower())
    assert (done.exit_code, done.stdout.partition(" since ")[0]) == (0, f"{jumped} is at {mark}")
    assert (listed("--held"), listed()[0]["price_status"]) == ([], "fresh")

    again = cli("prices", command, jumped)
    assert again.exit_code == 1
    assert f"refused: no price of {jumped} is held" in again.stderr


@pytest.mark.usefixtures("bought")
def test_actions_by_hand_change_every_position(cli: Cli, account: str, asset: str) -> None:
    other = f"N{asset}"
    commands = [
        ("split", asset, "--ratio", "10", "--at", "2026-01-02T00:00:00Z"),
        ("contract", asset, "--multiplier", "2", "--at", "2026-01-03T00:00:00Z"),
        ("distribute", asset, "--amount", "0.5", "--at", "2026-01-04T00:00:00Z"),
        ("rename", asset, other, "--at", "2026-01-05T00:00:00Z"),
        ("settle", other, "--price", "6", "--at", "2026-01-06T00:00:00Z"),
    ]
    for name, *arguments in commands:
        for outcome in ("applied", "duplicate"):
            done = cli("actions", name, *arguments, "--id", f"{name}-{asset}")
            assert (done.exit_code, done.stdout) == (0, f"{outcome}\n"), done.output

    # 20 for 200, of 2 units each: settled at 6 they are worth 240.
    assert (cli.held(account, asset)["size"], cli.held(account, asset)["funding"]) == ("0", "10")
    assert cli.held(account, other)["realized_pnl"] == "40"
    listed = json.loads(cli("actions", "list", asset, "--json").stdout)["actions"]
    assert [each["action"] for each in listed] == ["rename", "distribution", "contract", "split"]

    done = cli("actions", "bust", f"split-{asset}")
    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output
    # 2 of 2 units each, for 200.
    assert cli.held(account, other)["realized_pnl"] == "-176"
    assert "void" in cli("actions", "list", asset).stdout
