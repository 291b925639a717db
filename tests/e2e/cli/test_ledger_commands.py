"""``fills``, ``funding``, ``transfer``, ``instruments`` and ``prices``, from end to end."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from position_manager.cli.app import app
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli, commands

GROUPS = {
    "fills": {"list", "record", "bust", "correct"},
    "funding": {"record"},
    "actions": {"list", "split", "rename", "contract", "settle", "distribute", "bust"},
    "instruments": {"list", "define", "alias", "unalias", "aliases"},
    "prices": {"list", "accept", "drop"},
    "risk-limits": {"list", "set", "remove", "breaches"},
    "history": {"capital"},
}


@pytest.fixture
def account() -> str:
    return f"cli-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def asset() -> str:
    return f"C{uuid.uuid4().hex[:10]}USDT".upper()


@pytest.fixture
def bought(cli: Cli, account: str, asset: str) -> list[str]:
    """The arguments that name a fill, `one`: 2 at 100 for a fee of 0.5."""
    done = cli(
        "fills", "record", asset.lower(), "BUY", "2", "100", "--fee", "0.5", "--id", "one",
        "--executed-at", "2026-01-01T00:00:00Z", "--account", account,
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output
    return ["one", "--account", account]


def held(cli: Cli, account: str, asset: str) -> dict[str, Any]:
    shown = cli("positions", asset, "--account", account, "--json")
    assert shown.exit_code == 0, shown.output
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


def entries(cli: Cli, *arguments: str) -> list[dict[str, Any]]:
    shown = cli("fills", "list", *arguments, "--json")
    assert shown.exit_code == 0, shown.output
    found: list[dict[str, Any]] = json.loads(shown.stdout)["fills"]
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_every_command_of_a_group_says_what_it_does(group: str) -> None:
    found = commands(group)

    assert set(found) == GROUPS[group]
    assert all(found.values())


@pytest.mark.parametrize(
    "command", [f"{group} {name}" for group, names in GROUPS.items() for name in sorted(names)]
)
def test_every_option_of_a_group_has_help(command: str) -> None:
    shown = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0, shown.output
    options = [line for line in shown.output.splitlines() if line.startswith("│ ")]
    assert all(len(line.rstrip(" │").split("  ")) > 1 for line in options)


@pytest.mark.usefixtures("bought")
def test_a_fill_recorded_by_hand_changes_the_position(cli: Cli, account: str, asset: str) -> None:
    found = held(cli, account, asset)

    assert (found["size"], found["average_entry_price"], found["fees_paid"]) == ("2", "100", "0.5")


def test_a_fill_recorded_again_is_a_duplicate(cli: Cli, account: str, asset: str) -> None:
    command = ["fills", "record", asset, "buy", "2", "100", "--id", "one", "--account", account]
    cli(*command)

    again = cli(*command, "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["outcome"] == "duplicate"
    command[5] = "101"
    other = cli(*command)
    assert (other.exit_code, other.stdout) == (1, "")
    assert "refused: already recorded with other content" in other.stderr


@pytest.mark.usefixtures("bought")
def test_the_ledger_is_listed_newest_first(cli: Cli, account: str, asset: str) -> None:
    cli("fills", "record", asset, "sell", "1", "110.50", "--id", "two", "-a", account)

    found = entries(cli, asset.lower(), "--account", account)
    assert [(each["identity"], each["quantity"], each["price"]) for each in found] == [
        ("execution:two", "-1", "110.5"), ("execution:one", "2", "100"),
    ]  # fmt: skip
    assert found[1]["executed_at"] == "2026-01-01T00:00:00.000000Z"
    assert len(entries(cli, "--account", account, "--limit", "1")) == 1
    shown = cli("fills", "list", "--account", account)
    lines = [line.split() for line in shown.stdout.splitlines() if asset in line]
    assert [line[3:7] for line in lines] == [
        ["trade", "sell", "-1", "110.5"], ["trade", "buy", "2", "100"],
    ]  # fmt: skip


@pytest.mark.usefixtures("bought")
def test_a_narrow_terminal_keeps_the_identity_of_a_fill(cli: Cli, account: str) -> None:
    shown = cli("fills", "list", "--account", account, width=60)

    assert max(map(len, shown.stdout.splitlines())) <= 60
    assert "execution:one" in shown.stdout


def test_an_empty_ledger_is_reported(cli: Cli, account: str) -> None:
    shown = cli("fills", "list", "--account", account)

    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "no fills yet" in shown.stderr


@pytest.mark.parametrize("named", ["one", "execution:one"], ids=["by id", "by identity"])
def test_a_fill_is_busted(
    cli: Cli, bought: list[str], account: str, asset: str, named: str
) -> None:
    done = cli("fills", "bust", named, *bought[1:])

    assert (done.exit_code, done.stdout) == (0, "applied\n")
    assert held(cli, account, asset)["size"] == "0"
    (entry,) = entries(cli, "--account", account)
    assert entry["voided_by"] == "bust"
    assert "bust" in cli("fills", "list", "--account", account).stdout
    assert cli("fills", "bust", *bought).stdout == "duplicate\n"


def test_a_pending_bust_is_reported(cli: Cli, account: str) -> None:
    done = cli("fills", "bust", "unknown", "--account", account)

    assert (done.exit_code, done.stdout) == (
        0, "applied, pending_fill, execution:unknown: not recorded yet\n",
    )  # fmt: skip


def test_a_fill_is_corrected(cli: Cli, bought: list[str], account: str, asset: str) -> None:
    done = cli(
        "fills", "correct", *bought, "--price", "90", "--quantity", "3", "--correction-id", "c",
    )  # fmt: skip

    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output
    found = held(cli, account, asset)
    assert (found["size"], found["average_entry_price"], found["fees_paid"]) == ("3", "90", "0.5")
    assert [each["identity"] for each in entries(cli, "--account", account)] == [
        "correction:c", "execution:one",
    ]  # fmt: skip


def test_a_correction_with_a_given_time_is_idempotent(cli: Cli, bought: list[str]) -> None:
    command = [
        "fills", "correct", *bought, "--fee=-0.25", "--correction-id", "c",
        "--corrected-at", "2026-01-02T00:00:00Z",
    ]  # fmt: skip

    assert [cli(*command).stdout for _ in range(2)] == ["applied\n", "duplicate\n"]


def test_funding_is_recorded_once(cli: Cli, bought: list[str], account: str, asset: str) -> None:
    command = [
        "funding", "record", asset, "--amount", "-0.75", "--id", "f", *bought[1:],
        "--executed-at", "2026-01-01T08:00:00Z",
    ]  # fmt: skip

    assert [cli(*command).stdout for _ in range(2)] == ["applied\n", "duplicate\n"]
    assert held(cli, account, asset)["funding"] == "-0.75"
    shown = cli("fills", "list", asset, "--account", account)
    assert "funding" in shown.stdout


@pytest.mark.usefixtures("bought")
def test_a_quantity_is_transferred_once(cli: Cli, account: str, asset: str) -> None:
    command = ["transfer", asset, "0.5", "--from", account, "--to", f"{account}-b", "--id", "t"]

    assert [cli(*command).stdout for _ in range(2)] == ["applied\n", "duplicate\n"]
    assert held(cli, account, asset)["size"] == "1.5"
    moved = held(cli, f"{account}-b", asset)
    assert (moved["size"], moved["average_entry_price"]) == ("0.5", "100")


@pytest.mark.usefixtures("bought")
def test_a_transfer_at_a_price_realizes(cli: Cli, account: str, asset: str) -> None:
    cli(
        "transfer", asset, "2", "--from", account, "--to", f"{account}-b", "--price", "110",
        "--id", "t",
    )  # fmt: skip

    assert held(cli, account, asset)["realized_pnl"] == "20"


REFUSED: list[tuple[str, list[str], str]] = [
    ("fills record {asset} hold 1 1 --id x", ["side: must be buy or sell", "field: side"], "side"),
    ("fills record {asset} buy 0 1 --id x", ["field: execution_quantity"], "quantity"),
    ("fills bust transfer:t", ["identity: ", "field: identity"], "a transfer"),
    ("fills correct one --correction-id c", ["nothing_corrected"], "nothing"),
    ("fills correct one --correction-id c --price 0", ["field: execution_price"], "price"),
    ("funding record {asset} --amount x --id f --executed-at 2026-01-01T00:00:00Z",
     ["field: amount"], "amount"),
    ("funding record {asset} --amount 1 --id f --executed-at noon", ["field: executed_at"], "time"),
    ("transfer {asset} 5 --from {account} --to b --id t",
     ["refused: insufficient position", "quantity: 5"], "too much"),
    ("transfer {asset} 1 --from {account} --to {account} --id t", ["to_account: must be"], "same"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "errors"), [each[:2] for each in REFUSED], ids=[each[2] for each in REFUSED]
)
@pytest.mark.usefixtures("bought")
def test_a_refusal_is_explained_and_exits_with_1(
    cli: Cli, account: str, asset: str, command: str, errors: list[str]
) -> None:
    words = command.format(asset=asset, account=account).split()
    if words[0] != "transfer":
        words += ["--account", account]

    shown = cli(*words)

    assert (shown.exit_code, shown.stdout) == (1, "")
    for each in ["refused: ", *errors]:
        assert each in shown.stderr
    assert held(cli, account, asset)["version"] == 1


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


@pytest.mark.usefixtures("bought")
def test_a_traded_instrument_is_counted_again(cli: Cli, account: str, asset: str) -> None:
    shown = cli("instruments", "define", asset, "--multiplier", "10")

    assert (shown.exit_code, shown.stdout) == (
        0, f"{asset} is linear, multiplier 10, in USDT\nrecounted legs: 1\n"
    )  # fmt: skip
    assert [each["value"] for each in entries(cli, asset, "--account", account)] == ["2000"]
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
    assert (done.exit_code, done.stdout) == (0, f"{name} is {asset}\n"), done.output
    again = cli(
        "fills", "record", name, "BUY", "2", "100", "--fee", "0.5", "--id", "one",
        "--executed-at", "2026-01-01T00:00:00Z", "--account", account,
    )  # fmt: skip
    assert again.stdout.startswith("duplicate")
    assert held(cli, account, name)["asset"] == asset
    assert len(entries(cli, name, "--account", account)) == 1
    listed = json.loads(cli("instruments", "aliases", "--json").stdout)["aliases"]
    assert (name, asset) in {(each["alias"], each["asset"]) for each in listed}
    assert name in cli("instruments", "aliases").stdout

    gone = cli("instruments", "unalias", name)
    assert (gone.exit_code, gone.stdout) == (0, f"{name} is no longer {asset}\n")
    refused = cli("instruments", "unalias", name)
    assert (refused.exit_code, "no such alias" in refused.stderr) == (1, True)


@pytest.mark.usefixtures("bought")
def test_an_alias_with_fills_of_its_own_is_refused(cli: Cli, asset: str) -> None:
    shown = cli("instruments", "alias", asset, "BTCUSDT")
    assert shown.exit_code == 1
    assert "refused: the alias has entries of its own" in shown.stderr


def test_an_instrument_of_an_unknown_kind_is_refused(cli: Cli, asset: str) -> None:
    shown = cli("instruments", "define", asset, "--kind", "option")

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "inverse" in shown.stderr
    listed = json.loads(cli("instruments", "list", "--json").stdout)["instruments"]
    assert asset not in {each["asset"] for each in listed}


def test_names_are_those_of_venues_and_desks(cli: Cli, account: str, asset: str) -> None:
    desk, symbol = f"Main Account/{account}@desk", f"btc/{asset.lower()}:usdt"
    done = cli(
        "fills", "record", symbol, "b", "0.0000000000000000015", "100", "--id", "one",
        "--executed-at", "1767225600123", "--account", desk,
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output

    for given in (desk, f" {desk} "):
        (entry,) = entries(cli, symbol, "--account", given)
        assert (entry["account"], entry["asset"]) == (desk, symbol.upper())
        assert entry["quantity"] == "0.000000000000000002"
        assert entry["executed_at"] == "2026-01-01T00:00:00.123000Z"
    assert held(cli, desk, symbol)["account"] == desk
    refused = cli("fills", "record", "A\u202eB", "buy", "1", "1", "--id", "two")
    assert refused.exit_code != 0


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
    assert (done.exit_code, done.stdout.partition(",")[0]) == (0, f"{jumped} is {mark}")
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
    assert (held(cli, account, asset)["size"], held(cli, account, asset)["funding"]) == ("0", "10")
    assert held(cli, account, other)["realized_pnl"] == "40"
    listed = json.loads(cli("actions", "list", asset, "--json").stdout)["actions"]
    assert [each["action"] for each in listed] == ["rename", "distribution", "contract", "split"]

    done = cli("actions", "bust", f"split-{asset}")
    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output
    # 2 of 2 units each, for 200.
    assert held(cli, account, other)["realized_pnl"] == "-176"
    assert "void" in cli("actions", "list", asset).stdout
