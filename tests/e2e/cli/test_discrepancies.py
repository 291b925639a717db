"""``discrepancies``, ``validate --all`` and ``validations``, on a separate database."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.helpers.commands import Cli
from tests.helpers.messages import buy
from tests.helpers.venue import Venue, snake

if TYPE_CHECKING:
    pass


@pytest.fixture
def venue(venues: Callable[[], Venue]) -> Venue:
    """An account with a size that only a person may take: the report is an old one."""
    venue = venues()
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "120", 3))
    venue.report(snake("3", "110", 2))
    return venue


def listed(operator: Cli, *arguments: str) -> list[dict[str, object]]:
    shown = operator("discrepancies", "list", *arguments, "--json")
    assert shown.exit_code == 0, shown.stderr
    found: list[dict[str, object]] = json.loads(shown.stdout)["discrepancies"]
    return found


def test_open_discrepancies_are_listed_with_their_ids(operator: Cli, venue: Venue) -> None:
    shown = operator("discrepancies", "list", "btcusdt", "--account", venue.account, width=250)

    assert shown.exit_code == 0
    [found] = listed(operator, "--account", venue.account)
    line = shown.stdout.splitlines()[-1]
    assert line.split()[:7] == [venue.account, "BTCUSDT", "net", "size", "1", "3", "open"]
    assert str(found["id"]) in line


def test_a_discrepancy_is_accepted_with_a_note(operator: Cli, venue: Venue) -> None:
    [found] = listed(operator, "--account", venue.account)

    done = operator("discrepancies", "accept", str(found["id"]), "--note", "they are right")

    assert (done.exit_code, done.stdout) == (
        0, "accepted: size of BTCUSDT net, ours 1, theirs 3\n",
    )  # fmt: skip
    assert listed(operator, "--account", venue.account) == []
    [kept] = listed(operator, "--account", venue.account, "--status", "accepted")
    assert (kept["note"], kept["decided_by"]) == ("they are right", "pms_operator")
    again = operator("discrepancies", "accept", str(found["id"]))
    assert (again.exit_code, again.stdout) == (1, "")
    assert "refused: already decided" in again.stderr


def test_a_price_is_given_to_what_was_closed_without_one(
    operator: Cli, venues: Callable[[], Venue]
) -> None:
    venue = venues()
    venue.fill(buy("a", "2", "50000", 1, asset="DARKUSDT"))
    venue.report(snake("0", None, 5, asset="DARKUSDT"))
    position = ("DARKUSDT", "--account", venue.account)
    assert operator("validate", *position).exit_code == 0
    [found] = listed(operator, "--account", venue.account, "--status", "fixed")

    done = operator("discrepancies", "accept", str(found["id"]), "--price", "49000")

    assert (done.exit_code, done.stdout) == (
        0, "accepted: size of DARKUSDT net, ours 2, theirs 0\n",
    )  # fmt: skip
    shown = operator("explain", *position, width=250)
    assert "void: correction" in shown.stdout
    entries = json.loads(operator("explain", *position, "--json").stdout)["entries"]
    assert [
        (row["closing_price"], row["closing_source"], row["realized_pnl"]) for row in entries
    ] == [("49000", "decision", "-2000"), (None, None, "0"), (None, None, "0")]
    again = operator("discrepancies", "accept", str(found["id"]), "--price", "48000")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "refused: already decided" in again.stderr


def test_explain_shows_the_price_at_which_an_adjustment_closes(
    operator: Cli, venues: Callable[[], Venue]
) -> None:
    venue = venues()
    venue.fill(buy("a", "2", "100", 1))
    venue.report(snake("0", None, 5, markPrice="80"))
    venue.validate()

    shown = operator("explain", "BTCUSDT", "--account", venue.account, width=250)

    assert "validation, closes at 80 (venue)" in shown.stdout


def test_a_discrepancy_is_dismissed(operator: Cli, venue: Venue) -> None:
    [found] = listed(operator, "--account", venue.account)

    done = operator("discrepancies", "dismiss", str(found["id"]), "--json")

    assert json.loads(done.stdout)["status"] == "dismissed"
    shown = operator("discrepancies", "list", "--account", venue.account)
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "no discrepancies\n")


def test_all_positions_are_validated_and_the_run_is_listed(operator: Cli, venue: Venue) -> None:
    shown = operator("validate", "--all")
    as_json = operator("validate", "--all", "--json")
    runs = operator("validations", "--json")
    table = operator("validations", "--limit", "1")

    assert shown.exit_code == as_json.exit_code == 3
    assert " discrepancies in " in shown.stdout
    assert "see  discrepancies list" in shown.stderr
    newest, *_ = json.loads(runs.stdout)["validations"]
    assert (newest["origin"], newest["scope"], newest["errors"]) == ("job", None, 0)
    assert json.loads(as_json.stdout)["run"]["result"].startswith(
        f"{newest['discrepancies']} discrepancies"
    )
    assert table.stdout.splitlines()[-1].split()[2:4] == ["job", "all"]


@pytest.mark.parametrize("arguments", [(), ("BTCUSDT", "--all"), ("--all", "--no-fix")])
def test_an_asset_or_all_is_required(operator: Cli, arguments: tuple[str, ...]) -> None:
    shown = operator("validate", *arguments)

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "give an ASSET, or --all" in shown.stderr
