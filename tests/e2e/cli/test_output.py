"""Tables that fit a terminal without cutting a cell off, all columns in a pipe, CSV, order."""

from __future__ import annotations

import csv
import io
import json

import pytest

from position_manager.cli.form import csv_text, in_order
from position_manager.cli.layout import GAP, Need, fitted
from tests.helpers.commands import Cli, lists

LISTS = sorted(lists())
# The arguments without which a list refuses.
ARGUMENTS = {"explain": ["BTCUSDT"], "cycles": ["BTCUSDT"]}


def test_columns_leave_in_their_order_until_the_others_fit() -> None:
    needs = [Need(8, False, 0), Need(10, False, 2), Need(10, False, 1), Need(8, False, 0)]

    assert fitted(needs, 42) == {0: 8, 1: 10, 2: 10, 3: 8}
    assert fitted(needs, 41) == {0: 8, 1: 10, 3: 8}
    assert fitted(needs, 29) == {0: 8, 3: 8}
    assert fitted(needs, 17) is None


def test_a_column_that_folds_narrows_before_others_leave() -> None:
    needs = [Need(8, False, 0), Need(100, True, 0), Need(30, True, 0), Need(8, False, 1)]

    assert fitted(needs, 1000) == {0: 8, 1: 100, 2: 30, 3: 8}
    assert fitted(needs, 82) == {0: 8, 1: 30, 2: 30, 3: 8}
    assert fitted(needs, 16 + 40 + 3 * GAP) == {0: 8, 1: 20, 2: 20, 3: 8}
    assert fitted(needs, 16 + 39 + 3 * GAP) == {0: 8, 1: 25, 2: 24}


def test_numbers_are_sorted_from_the_largest_and_null_comes_last() -> None:
    rows = [{"a": each} for each in ("9", None, "-1", "10", "9.5")]

    def sorted_by(reverse: bool) -> list[str | None]:
        return [row["a"] for row in in_order(rows, lambda row: row["a"], reverse=reverse)]

    assert sorted_by(False) == ["10", "9.5", "9", "-1", None]
    assert sorted_by(True) == ["-1", "9", "9.5", "10", None]
    words = [{"a": each} for each in ("b", "1", "a", "NaN")]
    assert [row["a"] for row in in_order(words, lambda row: row["a"], reverse=False)] == [
        "1", "NaN", "a", "b",
    ]  # fmt: skip


def test_csv_has_every_field_and_digit_and_no_control_character() -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "amount": "0.123456789012345678", "text": 'a,"b"\n\x1b', "open": True},
        {"id": 2, "amount": None, "text": "", "open": False, "reasons": ["x", "y"]},
    ]

    assert csv_text(rows).splitlines() == [
        "id,amount,text,open,reasons",
        r'1,0.123456789012345678,"a,""b""\x0a\x1b",true,',
        '2,,,false,"[""x"", ""y""]"',
    ]


def test_a_pipe_gets_all_columns_with_the_identity_last(cli: Cli, bought: list[str]) -> None:
    account = bought[-1]
    shown = cli("fills", "list", "--account", account, width=None)

    head, _, row = shown.stdout.splitlines()
    assert head.split() == [
        "asset", "at", "kind", "side", "quantity", "price", "value", "fee", "currency",
        "realized", "net", "version", "void", "identity",
    ]  # fmt: skip
    assert row.rstrip().endswith("  execution:one")


def test_a_narrow_terminal_names_the_columns_that_have_no_room(cli: Cli, bought: list[str]) -> None:
    shown = cli("fills", "list", "--account", bought[-1], width=80)

    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "execution:one" in shown.stdout
    assert "without room: " in shown.stdout
    assert " version" not in shown.stdout.splitlines()[0]


def test_a_terminal_that_is_too_narrow_gets_a_line_for_each_cell(
    cli: Cli, bought: list[str]
) -> None:
    shown = cli("fills", "list", "--account", bought[-1], width=30)

    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert "identity execution:one" in lines
    assert lines[1:3] == ["at 2026-01-01", "00:00:00"]


def test_rows_are_sorted_by_a_title_or_a_field(cli: Cli, account: str) -> None:
    for number, asset in enumerate(("AAAUSDT", "BBBUSDT", "CCCUSDT")):
        cli("fills", "record", asset, "buy", f"{9 + number}", "1", "--id", asset, "-a", account)

    def assets(*options: str) -> list[str]:
        return [each["asset"] for each in cli.entries("-a", account, *options)]

    assert assets("--sort", "quantity") == ["CCCUSDT", "BBBUSDT", "AAAUSDT"]
    assert assets("--sort", "-quantity") == ["AAAUSDT", "BBBUSDT", "CCCUSDT"]
    assert assets("--sort", "at")[0] == "AAAUSDT"
    refused = cli("fills", "list", "-a", account, "--sort", "color")
    assert refused.exit_code == 2
    assert "must be one of account, book, asset, leg, at, kind" in " ".join(refused.stderr.split())


@pytest.mark.parametrize("command", LISTS)
def test_every_list_has_csv_with_the_fields_of_its_json(cli: Cli, command: str) -> None:
    asked = (*command.split(), *ARGUMENTS.get(command, []))
    shown = cli(*asked, "--csv", width=None)
    rows = list(csv.reader(io.StringIO(shown.stdout)))

    assert shown.exit_code in {0, 1}, shown.output
    assert "not with --json" in cli(*asked, "--csv", "--json").stderr
    assert len({len(row) for row in rows}) <= 1


def test_a_watched_command_goes_on_until_it_is_interrupted(cli: Cli, bought: list[str]) -> None:
    account = bought[-1]
    with cli.started("positions", "-a", account, "--json", "--watch", "0.1") as process:
        assert process.stdout is not None
        turns = [json.loads(process.stdout.readline()) for _ in range(3)]

    assert [turn["count"] for turn in turns] == [1, 1, 1]
