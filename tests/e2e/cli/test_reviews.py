"""``reviews`` and ``move-fills``, on a separate database."""

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
    """An account whose fills have another mode than its reports."""
    venue = venues()
    venue.fill(buy("a", "2", "100", 1))
    venue.report(snake("2", "100", 3, leg="long"))
    return venue


def test_each_reason_is_shown_with_what_settles_it(operator: Cli, venue: Venue) -> None:
    shown = operator("reviews", "btcusdt", "--account", venue.account, width=250)

    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.splitlines()[-2:]
    assert [line.split()[:3] for line in lines] == [
        ["BTCUSDT", leg, "mode_mismatch"] for leg in ("long", "net")
    ]
    assert all("the fills are one-way, the venue reports hedge" in line for line in lines)
    assert all("move-fills --to hedge" in line for line in lines)
    narrow = operator("reviews", "btcusdt", "--account", venue.account, width=80).stdout
    assert "…" not in narrow
    assert {"found", "settled"} <= set(narrow.splitlines()[0].split())
    assert narrow.count("mode_mismatch") == 2


def test_positions_show_their_reasons(operator: Cli, venue: Venue) -> None:
    listed = operator("positions", "--account", venue.account, width=250)
    assert listed.stdout.count("mode_mismatch") == 2

    one = operator("positions", "BTCUSDT", "--account", venue.account)
    (line,) = [each for each in one.stdout.splitlines() if "review_reasons" in each]
    assert line.split() == ["review_reasons", "mode_mismatch"]


def test_the_command_that_a_reason_names_settles_it(operator: Cli, venue: Venue) -> None:
    arguments = ("BTCUSDT", "--to", "hedge", "--id", "m-1", "--account", venue.account)
    moved = operator("move-fills", *arguments, "--json")
    assert json.loads(moved.stdout)["outcome"] == "applied", moved.stderr

    left = operator("reviews", "--account", venue.account)

    assert (left.stdout, left.stderr) == ("", "no position needs review\n")
    refused = operator("move-fills", "BTCUSDT", "--to", "sideways", "--id", "m-2")
    assert refused.exit_code == 1
    assert "to_mode: must be one-way or hedge" in refused.stderr
