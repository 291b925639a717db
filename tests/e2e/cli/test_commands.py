"""The commands, from end to end."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from position_manager.cli.app import app
from position_manager.cli.output import SATOSHI, gain, money, percent, price
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli, commands

COMMANDS = commands()
GROUPS = {
    "fills": {"list", "record", "bust", "correct", "export", "import"},
    "funding": {"record"},
    "actions": {"list", "split", "rename", "contract", "settle", "distribute", "bust"},
    "instruments": {"list", "define", "alias", "unalias", "aliases"},
    "prices": {"list", "accept", "drop"},
    "risk-limits": {"list", "set", "remove", "breaches", "acknowledge"},
    "history": {"capital"},
}
APPLY = "SELECT o.outcome FROM pms.apply_order_events(%b::text[]::jsonb[]) o"
PRICE = "SELECT o.outcome FROM pms.apply_prices(%b::text[]::jsonb[]) o"


def fill(account: str, asset: str, side: str, quantity: str, price: str) -> dict[str, str]:
    return {
        "event_type": "order_executed",
        "order_id": str(uuid.uuid4()),
        "execution_id": str(uuid.uuid4()),
        "account": account,
        "asset": asset,
        "side": side,
        "execution_quantity": quantity,
        "execution_price": price,
        "execution_fees": "0.25",
        "executed_at": "2026-01-01T00:00:00Z",
        "trace_id": "cli",
    }


@pytest.fixture
def worker(stack: Stack) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(stack.context.dsn("pms_worker"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def account(worker: psycopg.Connection[Any]) -> str:
    """An account that is 2 LEFTUSDT long and 3 RIGHTUSDT short; only LEFTUSDT has a price."""
    account = f"cli-{uuid.uuid4().hex[:12]}"
    fills = (
        fill(account, "LEFTUSDT", "BUY", "2", "100"),
        fill(account, "RIGHTUSDT", "SELL", "3", "0.5"),
    )
    assert worker.execute(APPLY, [list(map(json.dumps, fills))]).fetchall() == [("applied",)] * 2
    ticker = {"event_type": "ticker", "payload": {"symbol": "LEFTUSDT", "mark_price": "110.5"}}
    worker.execute(PRICE, [[json.dumps(ticker)]])
    return account


def test_every_command_is_described() -> None:
    assert {"demo", "positions", "portfolio", "validate", "verify"} <= set(COMMANDS)
    assert all(COMMANDS.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0, shown.output
    assert f"Usage: position-manager {command}" in shown.output or "Usage: root" in shown.output
    options = [line for line in shown.output.splitlines() if line.startswith("│ ")]
    assert all(len(line.rstrip(" │").split("  ")) > 1 for line in options)


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


def test_positions_as_json_match_the_contract(cli: Cli, account: str) -> None:
    shown = cli("positions", "--account", account, "--json")

    assert shown.exit_code == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert found["count"] == 2
    assert [each["asset"] for each in found["positions"]] == ["LEFTUSDT", "RIGHTUSDT"]
    assert found["positions"][0]["average_entry_price"] == "100"


def test_a_single_position_as_json_is_the_position(cli: Cli, account: str) -> None:
    shown = cli("positions", "rightusdt", "--account", account, "--json")

    found = json.loads(shown.stdout)
    assert (found["asset"], found["size"]) == ("RIGHTUSDT", "-3")


def test_positions_are_shown_as_a_table_with_totals(cli: Cli, account: str) -> None:
    shown = cli("positions", "--account", account)

    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.splitlines()
    left, right, total = (
        next(line for line in lines if line.startswith(name))
        for name in ("LEFTUSDT", "RIGHTUSDT", "total")
    )
    assert left.split()[1:6] == ["2", "100", "100.125", "110.5", "+21.00"]
    assert right.split()[1:5] == ["-3", "0.5", "0.41666667", "-"]
    assert "+21.00" in total
    assert "0.50" in total


def test_a_narrow_terminal_gets_fewer_columns_but_whole_numbers(cli: Cli, account: str) -> None:
    shown = cli("positions", "--account", account, width=60)

    assert "…" not in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 60
    assert "RIGHTUSDT" in shown.stdout


def test_a_single_position_is_shown_rounded_or_with_all_digits(cli: Cli, account: str) -> None:
    rounded = cli("positions", "LEFTUSDT", "-a", account).stdout
    shown = cli("positions", "LEFTUSDT", "-a", account, "--exact")

    assert "unrealized_pnl +21.00" in " ".join(rounded.split())
    assert "needs_review no" in " ".join(rounded.split())
    rows = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines() if line.strip())
    assert rows["size"].strip() == "2"
    assert rows["unrealized_pnl"].strip() == "21"
    assert rows["closed_at"].strip() == "-"


def test_amounts_of_every_size_are_shown() -> None:
    for amount, shown in (
        ("0", "0"), ("0.000", "0"), ("100", "100"), ("0.0000000000001", "0.0000000000001"),
        ("99999999999999999999.5", "99,999,999,999,999,999,999.5"),
    ):  # fmt: skip
        assert price(amount).plain == shown
    assert money("9" * 40).plain == "9" + ",999" * 13 + ".00"
    # As a Decimal writes it, this zero is 0E-8.
    assert money("0", SATOSHI).plain == "0.00000000"


def test_what_rounds_to_zero_has_no_sign() -> None:
    for amount in ("-0.004", "0.004", "0"):
        assert (money(amount).plain, gain(amount).plain, gain(amount).style) == (
            "0.00", "0.00", "dim",
        )  # fmt: skip
        assert percent(f"{Decimal(amount) / 100}").plain == "0.00 %"
    assert (gain("-0.005").plain, percent("-0.00005").plain) == ("-0.01", "-0.01 %")
    assert (gain("0.005").plain, percent("12.34567").plain) == ("+0.01", "+1,234.57 %")


def test_an_empty_list_of_positions_is_reported(cli: Cli) -> None:
    shown = cli("positions", "--account", "nobody")

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "no account nobody; there are: " in shown.stderr


def test_open_positions_come_first_and_the_largest_are_asked_for(cli: Cli, account: str) -> None:
    cli("fills", "record", "AAAUSDT", "buy", "1", "1", "--id", "a1", "-a", account)
    cli("fills", "record", "AAAUSDT", "sell", "1", "1", "--id", "a2", "-a", account)

    def assets(*options: str) -> list[str]:
        shown = cli("positions", "-a", account, *options).stdout
        return [line.split()[0] for line in shown.splitlines()[2:] if "USDT" in line]

    assert assets() == ["LEFTUSDT", "RIGHTUSDT", "AAAUSDT"]
    assert assets("--open") == ["LEFTUSDT", "RIGHTUSDT"]
    assert assets("--top", "1") == ["LEFTUSDT"]
    assert assets("--top", "1", "--sort", "-size") == ["RIGHTUSDT"]
    assert assets("--sort", "price") == ["LEFTUSDT", "RIGHTUSDT", "AAAUSDT"]


def test_a_stale_price_is_marked_without_color(
    cli: Cli, account: str, stack: Stack, worker: psycopg.Connection[Any]
) -> None:
    asked = ("positions", "--account", account)
    assert "~" not in cli(*asked).stdout
    with psycopg.connect(stack.context.dsn()) as superuser:
        superuser.execute(
            "UPDATE pms.prices SET priced_at = priced_at - interval '1 day'"
            " WHERE asset = 'LEFTUSDT'"
        )

    shown = cli(*asked).stdout
    assert "110.5  ~" in shown
    assert "~ stale price" in shown


def test_the_portfolio_as_json_matches_the_contract(cli: Cli, account: str) -> None:
    shown = cli("portfolio", "--account", account, "--json")

    assert shown.exit_code == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert found["total_exposure_usdt"] == "221"
    assert found["unpriced"] == ["RIGHTUSDT"]


def test_the_portfolio_reports_unvalued_positions(cli: Cli, account: str) -> None:
    shown = cli("portfolio", "--account", account)

    assert "221.00" in shown.stdout
    assert "2 open: 1 long, 1 short" in shown.stdout
    assert "without a price" in shown.stdout
    assert "RIGHTUSDT" in shown.stdout


def test_positions_and_portfolio_are_shown_at_a_moment(
    cli: Cli, account: str, worker: psycopg.Connection[Any]
) -> None:
    later = fill(account, "LEFTUSDT", "SELL", "1", "120") | {"executed_at": "2026-01-02T00:00:00Z"}
    assert worker.execute(APPLY, [[json.dumps(later)]]).fetchall() == [("applied",)]
    asked = ("--account", account, "--as-of", "2026-01-01T12:00:00Z")

    listed = json.loads(cli("positions", *asked, "--json").stdout)
    one = json.loads(cli("positions", "LEFTUSDT", *asked, "--json").stdout)
    totals = json.loads(cli("portfolio", *asked, "--json").stdout)
    assert [each["size"] for each in listed["positions"]] == ["2", "-3"]
    assert (one["size"], one["as_of"]) == ("2", "2026-01-01T12:00:00.000000Z")
    assert totals["by_asset"]["LEFTUSDT"]["size"] == "2"
    assert json.loads(cli("positions", "LEFTUSDT", "-a", account, "--json").stdout)["size"] == "1"
    for command in ("positions", "portfolio"):
        lines = cli(command, *asked).stdout.splitlines()
        assert lines[0].strip() == "as of 2026-01-01 12:00:00,"
        assert re.fullmatch(r"as known at [0-9-]{10} [0-9:]{8}", lines[1].strip())
        assert "as of" not in cli(command, "--account", account).stdout

    unknown = ("--account", account, "--known-at", "2026-01-01T00:00:00Z")
    shown = cli("positions", *unknown)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "no positions at that time" in shown.stderr
    assert json.loads(cli("portfolio", *unknown, "--json").stdout)["by_asset"] == {}
    refused = cli("portfolio", "--as-of", "soon")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "must be a time such as 2026-12-25T08:00:00Z" in refused.stderr


def test_amounts_in_other_currencies_are_not_added_to_usdt(
    cli: Cli, account: str, worker: psycopg.Connection[Any], stack: Stack
) -> None:
    with psycopg.connect(stack.context.dsn("pms_operator")) as operator:
        operator.execute(
            "SELECT api.define_instrument('CLICOIN', kind => 'inverse', multiplier => 100,"
            " settlement_currency => 'XBT')"
        )
    coin = fill(account, "CLICOIN", "BUY", "1", "50000") | {"execution_fees": "0.00001"}
    assert worker.execute(APPLY, [[json.dumps(coin)]]).fetchall() == [("applied",)]

    shown = cli("positions", "--account", account).stdout
    coin_line = next(line for line in shown.splitlines() if line.startswith("CLICOIN"))
    assert coin_line.split()[1:3] == ["XBT", "1"]
    assert "0.00001000" in coin_line
    assert "total" not in shown
    totals = cli("portfolio", "--account", account).stdout
    assert "without a price or a rate" in totals
    assert "CLICOIN" in totals


def test_a_correct_position_is_valid(cli: Cli, account: str) -> None:
    shown = cli("validate", "leftusdt", "--account", account)

    assert (shown.exit_code, shown.stdout.strip()) == (0, "valid")
    validated = cli("validate", "leftusdt", "--account", account, "--json")
    assert json.loads(validated.stdout)["is_valid"] is True


def test_a_wrong_position_is_shown_and_corrected(cli: Cli, account: str, stack: Stack) -> None:
    with psycopg.connect(stack.context.dsn()) as superuser:
        superuser.execute(
            "UPDATE pms.positions SET realized = realized + 7"
            " WHERE account = %s AND asset = 'LEFTUSDT'",
            [account],
        )

    looked = cli("validate", "LEFTUSDT", "--account", account, "--no-fix")
    assert looked.exit_code == 3
    assert "stored realized" in looked.stdout
    assert "open" in looked.stdout
    fixed = cli("validate", "LEFTUSDT", "--account", account)
    assert fixed.exit_code == 0
    assert "fixed" in fixed.stdout
    assert cli("validate", "LEFTUSDT", "--account", account).stdout.strip() == "valid"


def test_a_snapshot_stores_the_position(cli: Cli, account: str) -> None:
    shown = cli("snapshots", "create", "LEFTUSDT", "--account", account, "--json")

    assert shown.exit_code == 0, shown.stderr
    taken = json.loads(shown.stdout)
    assert taken["snapshot_data"]["size"] == "2"
    again = cli("snapshots", "create", "LEFTUSDT", "--account", account)
    assert again.stdout.startswith("snapshot ")
    assert taken["id"] not in again.stdout


@pytest.mark.parametrize(
    "command", ["positions", "explain", "cycles", "validate", "snapshots create"]
)
def test_an_unknown_position_is_refused(cli: Cli, command: str) -> None:
    shown = cli(*command.split(), "NOSUCHUSDT")

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "refused: no one-way position in NOSUCHUSDT" in shown.stderr
    assert "account: main" in shown.stderr


def test_an_invalid_value_is_refused_with_the_allowed_ones(cli: Cli) -> None:
    shown = cli("positions", "--mode", "sideways", "--json")

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "one-way or hedge" in shown.stderr


@pytest.mark.parametrize(
    "command",
    [
        "positions", "portfolio", "explain BTCUSDT", "cycles BTCUSDT", "fifo", "restatements",
        "conflicts", "validate BTCUSDT", "discrepancies list", "reviews", "validations", "verify",
        "snapshots list", "demo",
    ],
)  # fmt: skip
def test_a_missing_service_is_reported_with_the_command_to_start_it(
    command: str, tmp_path: Path
) -> None:
    env = {"POSITION_MANAGER_STACK_DIR": str(tmp_path), "COLUMNS": "200"}
    shown = CliRunner().invoke(app, command.split(), env=env)

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "make up" in shown.stderr
    assert "DATABASE_URL" in shown.stderr


@pytest.mark.parametrize("command", ["positions", "demo"])
def test_an_unreachable_database_prints_no_stack_trace(command: str) -> None:
    env = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "RABBITMQ_URL": "amqp://nobody@127.0.0.1:1/",
        "POSITION_MANAGER_URL": "http://127.0.0.1:1",
        "POSITION_MANAGER_API_KEY": "nobody-has-this-key",
    }
    shown = CliRunner().invoke(app, [command], env=env)

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "does not answer" in shown.stderr
    assert "make up" in shown.stderr
    assert isinstance(shown.exception, SystemExit)


def test_the_stack_of_the_current_folder_is_found(stack: Stack, account: str) -> None:
    env = {"POSITION_MANAGER_STACK_DIR": str(stack.config.dir)}
    shown = CliRunner().invoke(app, ["portfolio", "--account", account, "--json"], env=env)

    assert shown.exit_code == 0, shown.stderr
    assert json.loads(shown.stdout)["open_positions_count"] == 2
