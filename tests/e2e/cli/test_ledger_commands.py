"""``fills``, ``funding`` and ``transfer``, from end to end."""

from __future__ import annotations

import json

import pytest

from tests.helpers.commands import Cli


@pytest.mark.usefixtures("bought")
def test_a_fill_recorded_by_hand_changes_the_position(cli: Cli, account: str, asset: str) -> None:
    found = cli.held(account, asset)

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

    found = cli.entries(asset.lower(), "--account", account)
    assert [(each["identity"], each["quantity"], each["price"]) for each in found] == [
        ("execution:two", "-1", "110.5"), ("execution:one", "2", "100"),
    ]  # fmt: skip
    assert found[1]["executed_at"] == "2026-01-01T00:00:00.000000Z"
    assert len(cli.entries("--account", account, "--limit", "1")) == 1
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
    assert cli.held(account, asset)["size"] == "0"
    (entry,) = cli.entries("--account", account)
    assert entry["voided_by"] == "bust"
    assert "bust" in cli("fills", "list", "--account", account).stdout
    assert cli("fills", "bust", *bought).stdout == "duplicate\n"


@pytest.mark.parametrize(
    "command",
    [["bust", "unknown"], ["correct", "unknown", "--correction-id", "c", "--price", "90"]],
    ids=["bust", "correction"],
)
def test_a_fill_that_is_not_recorded_is_amended_only_as_pending(
    cli: Cli, account: str, command: list[str]
) -> None:
    refused = cli("fills", *command, "--account", account)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "refused: execution:unknown: not recorded yet\n" in refused.stderr
    assert "--pending" in refused.stderr
    assert "no bust or correction waits" in cli("amendments", "list", "-a", account).stderr

    done = cli("fills", *command, "--pending", "--account", account)
    assert (done.exit_code, done.stdout) == (
        0, "applied, pending_fill, execution:unknown: not recorded yet\n",
    )  # fmt: skip
    assert "execution:unknown" in cli("amendments", "list", "-a", account).stdout


def test_a_fill_is_corrected(cli: Cli, bought: list[str], account: str, asset: str) -> None:
    done = cli(
        "fills", "correct", *bought, "--price", "90", "--quantity", "3", "--correction-id", "c",
    )  # fmt: skip

    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output
    found = cli.held(account, asset)
    assert (found["size"], found["average_entry_price"], found["fees_paid"]) == ("3", "90", "0.5")
    assert [each["identity"] for each in cli.entries("--account", account)] == [
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
    assert cli.held(account, asset)["funding"] == "-0.75"
    shown = cli("fills", "list", asset, "--account", account)
    assert "funding" in shown.stdout


def test_realized_net_is_after_closing_fees_and_apart_from_funding(
    cli: Cli, bought: list[str], account: str, asset: str
) -> None:
    later = ["--executed-at", "2026-01-01T08:00:00Z", *bought[1:]]
    cli("funding", "record", asset, "--amount", "-0.75", "--id", "f", *later)
    cli("fills", "record", asset, "sell", "2", "110", "--fee", "1", "--id", "two", *later)

    found = cli.held(account, asset)
    assert (found["realized_pnl"], found["net_pnl"]) == ("18.25", "17.75")
    head, _, row, *_, total = (
        line.split() for line in cli("positions", "-a", account).stdout.splitlines() if line.strip()
    )
    assert head[-7:-2] == ["realized", "net", "fees", "funding", "net"]
    assert row[-5:-1] == total[-4:] == ["+19.00", "1.50", "-0.75", "+17.75"]
    listed = cli("fills", "list", "-a", account).stdout.splitlines()
    (sold,) = (line.split() for line in listed if "execution:two" in line)
    (paid,) = (line.split() for line in listed if " funding " in line)
    assert (sold[-3], paid[-3]) == ("+19.00", "-")
    ordered = cli("positions", "--sort", "realized net", "--json")
    assert ordered.exit_code == 0


@pytest.mark.usefixtures("bought")
def test_a_quantity_is_transferred_once(cli: Cli, account: str, asset: str) -> None:
    command = ["transfer", asset, "0.5", "--from", account, "--to", f"{account}-b", "--id", "t"]

    assert [cli(*command).stdout for _ in range(2)] == ["applied\n", "duplicate\n"]
    assert cli.held(account, asset)["size"] == "1.5"
    moved = cli.held(f"{account}-b", asset)
    assert (moved["size"], moved["average_entry_price"]) == ("0.5", "100")


@pytest.mark.usefixtures("bought")
def test_a_transfer_at_a_price_realizes(cli: Cli, account: str, asset: str) -> None:
    cli(
        "transfer", asset, "2", "--from", account, "--to", f"{account}-b", "--price", "110",
        "--id", "t",
    )  # fmt: skip

    assert cli.held(account, asset)["realized_pnl"] == "20"


REFUSED: list[tuple[str, list[str], str]] = [
    ("fills record {asset} hold 1 1 --id x", ["side: must be buy or sell", "field: side"], "side"),
    ("fills record {asset} buy 0 1 --id x", ["field: execution_quantity"], "quantity"),
    ("fills bust transfer:t", ["identity: ", "field: identity"], "a transfer"),
    ("fills correct one --correction-id c", ["nothing_corrected"], "nothing"),
    ("fills correct one --correction-id c --price 0", ["field: execution_price"], "price"),
    ("funding record {asset} --amount x --id f --executed-at 2026-01-01T00:00:00Z",
     ["field: amount"], "amount"),
    ("transfer {asset} 5 --from {account} --to b --id t",
     ["refused: insufficient position", "quantity: 5"], "too much"),
    ("transfer {asset} 1 --from {account} --to {account} --id t", ["to_account: must be"], "same"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["buy", "-1", "100", "--id", "x"], "execution_quantity: must be"),
        (["buy", "1", "-0.5", "--id", "x"], "execution_price: must be"),
        (["long", "1", "1"], "must be buy or sell; long is a side of a position"),
        (["buy", "1", "1", "--idd", "x"], "No such option: --idd"),
        (["buy", "-1", "--idd", "x"], "No such option: --idd"),
    ],
    ids=["quantity", "price", "side", "option", "option beside a negative number"],
)
def test_a_mistyped_fill_is_refused_by_the_name_of_its_argument(
    cli: Cli, asset: str, arguments: list[str], error: str
) -> None:
    refused = cli("fills", "record", asset, *arguments)

    assert (refused.exit_code, refused.stdout) in {(1, ""), (2, "")}
    assert error in refused.stderr


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
    assert cli.held(account, asset)["version"] == 1


def test_names_are_those_of_venues_and_desks(cli: Cli, account: str, asset: str) -> None:
    desk, symbol = f"Main Account/{account}@desk", f"btc/{asset.lower()}:usdt"
    done = cli(
        "fills", "record", symbol, "b", "0.0000000000000000015", "100", "--id", "one",
        "--executed-at", "1767225600123", "--account", desk,
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output

    for given in (desk, f" {desk} "):
        (entry,) = cli.entries(symbol, "--account", given)
        assert (entry["account"], entry["asset"]) == (desk, symbol.upper())
        assert entry["quantity"] == "0.000000000000000002"
        assert entry["executed_at"] == "2026-01-01T00:00:00.123000Z"
    assert cli.held(desk, symbol)["account"] == desk
    refused = cli("fills", "record", "A\u202eB", "buy", "1", "1", "--id", "two")
    assert refused.exit_code != 0
