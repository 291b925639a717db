"""Books of strategies on the command line: ``--book``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.commands import Cli

# A round trip of each book, and one of the account: side, quantity, price, day, strategy.
TRADES = (
    ("buy", "2", "100", 5, "carry"), ("buy", "1", "110", 6, "momentum"),
    ("sell", "2", "120", 7, "carry"), ("sell", "1", "105", 8, "momentum"),
)  # fmt: skip


@pytest.fixture
def divided(cli: Cli, account: str, asset: str) -> list[str]:
    """The arguments that name an account whose books carry and momentum have traded."""
    for number, (side, quantity, price, day, strategy) in enumerate(TRADES):
        done = cli(
            "fills", "record", asset, side, quantity, price, "-a", account, "--id", str(number),
            "--executed-at", f"2026-01-{day:02}T00:00:00Z", "--strategy", strategy,
        )  # fmt: skip
        assert done.exit_code == 0, done.output
    return ["-a", account]


def listed(cli: Cli, field: str, *arguments: str) -> list[dict[str, Any]]:
    """The rows that a command prints as JSON under `field`."""
    shown = cli(*arguments, "--json")
    assert shown.exit_code == 0, shown.output
    found: list[dict[str, Any]] = json.loads(shown.stdout)[field]
    return found


def test_the_books_of_an_account_are_listed_with_their_totals(
    cli: Cli, divided: list[str], asset: str
) -> None:
    rest = ("buy", "3", "100", *divided, "--id", "rest")
    assert cli("fills", "record", asset, *rest).exit_code == 0

    found = listed(cli, "books", "books", *divided)
    assert [(row["book"], row["open_positions"], row["realized_pnl_usdt"]) for row in found] == [
        ("carry", 0, "40"), ("momentum", 0, "-5"), ("unassigned", 1, "0"),
    ]  # fmt: skip
    shown = [line.split() for line in cli("books", *divided).stdout.splitlines()[2:]]
    # No price is known.
    assert shown == [
        ["carry", "0", "0.00", "0.00", "+40.00", "0.00", "0.00", "+40.00"],
        ["momentum", "0", "0.00", "0.00", "-5.00", "0.00", "0.00", "-5.00"],
        ["unassigned", "1", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "incomplete"],
    ]
    assert cli("books", "-a", f"{divided[1]}-b").stderr.startswith("no books: ")


def test_statistics_are_of_a_book(cli: Cli, divided: list[str]) -> None:
    def net(*options: str) -> list[str]:
        return [row["net_pnl"] for row in listed(cli, "statistics", "stats", *divided, *options)]

    assert (net(), net("--book", "carry"), net("--book", "momentum")) == (["35"], ["40"], ["-5"])
    assert cli("stats", *divided, "--book", "nobody").stderr.startswith("no round trip")


def test_round_trips_are_of_a_book(cli: Cli, divided: list[str], asset: str) -> None:
    asked = ("cycles", asset, *divided, "--from", "2026-01-01", "--to", "2026-02-01")

    assert [row["net_pnl"] for row in listed(cli, "cycles", *asked)] == ["35"]
    (carry,) = listed(cli, "cycles", *asked, "--book", "carry")
    assert (carry["peak_size"], carry["net_pnl"]) == ("2", "40")
    refused = cli(*asked, "--book", "nobody")
    assert (refused.exit_code, "no one-way position" in refused.stderr) == (1, True)


def test_entries_are_of_a_book(cli: Cli, divided: list[str], asset: str) -> None:
    asked = ("explain", asset, *divided)

    assert [row["size"] for row in listed(cli, "entries", *asked)] == ["0", "1", "3", "2"]
    carry = listed(cli, "entries", *asked, "--book", "carry")
    assert [row["size"] for row in carry] == ["0", "2"]
    last = carry[-1]["id"]
    assert listed(cli, "entries", *asked, "--book", "carry", "--before", str(last)) == []


def test_a_book_has_a_past(cli: Cli, divided: list[str], asset: str) -> None:
    asked = (*divided, "--book", "momentum", "--as-of", "2026-01-06T12:00:00Z")

    (held,) = listed(cli, "positions", "positions", *asked)
    assert (held["account"], held["book"], held["size"]) == (divided[1], "momentum", "1")
    card = [line.split() for line in cli("positions", asset, *asked).stdout.splitlines()]
    assert card[:3] == [["account", divided[1]], ["book", "momentum"], ["asset", asset]]


def test_snapshots_are_of_a_book(cli: Cli, divided: list[str], asset: str) -> None:
    of_carry = (asset, *divided, "--book", "carry")
    assert cli("snapshots", "create", *divided, "--book", "carry").stdout.startswith("1 snapshots")
    taken = cli("snapshots", "create", *of_carry, "--json")
    assert taken.exit_code == 0, taken.output

    found = listed(cli, "snapshots", "snapshots", "list", *of_carry)
    assert [each["snapshot_data"]["book"] for each in found] == ["carry", "carry"]
    assert found[0]["id"] == json.loads(taken.stdout)["id"]
    assert listed(cli, "snapshots", "snapshots", "list", asset, *divided) == []
    assert listed(cli, "snapshots", "snapshots", "list", *of_carry, "--to", "2026-01-01") == []
    refused = cli("snapshots", "list", *divided, "--book", "carry")
    assert (refused.exit_code, refused.stderr.startswith("refused: asset: must")) == (1, True)


def test_fills_are_of_the_book_in_which_they_count(
    cli: Cli, divided: list[str], asset: str, tmp_path: Path
) -> None:
    def ids(*options: str) -> list[str]:
        found = cli.entries(*divided, *options)
        return [each["identity"].removeprefix("execution:") for each in found]

    moved = ("--id", "m", "--identity", cli.entries(*divided)[-1]["identity"])
    assert cli("move-to-book", "momentum", *moved, *divided).exit_code == 0

    assert (ids("--book", "carry"), ids("--book", "momentum")) == (["2"], ["3", "1", "0"])
    header, *_, last = cli("fills", "list", *divided).stdout.splitlines()
    assert (header.split()[0], last.split()[:2]) == ("book", ["momentum", asset])
    for name, command in (("own", ("fills", "export")), ("all", ("export", "fills", "-o"))):
        file = tmp_path / f"{name}.csv"
        done = cli(*command, str(file), *divided, "--book", "momentum")
        assert done.stdout == f"3 fills in {file}\n", done.output
    exported = list(csv.DictReader((tmp_path / "own.csv").read_text().splitlines()))
    assert [each["strategy"] for each in exported] == ["momentum", "momentum", "momentum"]
    refused = cli("export", "cycles", "-o", str(file), *divided, "--book", "carry")
    assert refused.stderr == "refused: book: cycles has none\n"


def test_a_limit_is_of_a_book(cli: Cli, divided: list[str]) -> None:
    def ids(*options: str) -> list[str]:
        return [row["id"] for row in listed(cli, "limits", "risk-limits", "list", *options)]

    account = divided[1]
    done = cli("risk-limits", "set", "exposure", "1000", *divided, "--book", "carry")
    limit = f"book/{account}/carry/gross_exposure"
    assert done.stdout == f"{limit}: breach above 1000\n", done.output
    of_account = cli("risk-limits", "set", "exposure", "5000", *divided)
    assert of_account.stdout == f"account/{account}/gross_exposure: breach above 5000\n"

    assert ids(*divided, "--book", "carry") == [limit]
    assert ids(*divided) == [limit, f"account/{account}/gross_exposure"]
    assert ids(*divided, "--book", "momentum") == []
    assert listed(cli, "breaches", "risk-limits", "breaches", *divided, "--book", "carry") == []
    for each in ids(*divided):
        assert cli("risk-limits", "remove", each).exit_code == 0
