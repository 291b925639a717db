"""Times as they are typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import typer

from position_manager.cli.times import parse_time
from tests.helpers.commands import Cli, leaves, root


def test_a_time_without_an_offset_is_in_utc_and_a_day_begins_at_midnight() -> None:
    assert parse_time("2026-11-26T08:30:00.123456Z") == "2026-11-26T08:30:00.123456Z"
    assert parse_time("2026-11-26T08:30:00+05:45") == "2026-11-26T08:30:00+05:45"
    assert parse_time("2026-11-26 08:30") == "2026-11-26T08:30:00+00:00"
    assert parse_time("2026-11-26") == "2026-11-26T00:00:00+00:00"
    assert parse_time("1767225600123") == "2026-01-01T00:00:00.123000+00:00"


def test_a_relative_time_counts_from_now() -> None:
    before = datetime.now(UTC)
    today = datetime.fromisoformat(parse_time("today"))
    ago = datetime.fromisoformat(parse_time("30d"))

    assert (today.hour, today.minute, today.tzinfo) == (0, 0, UTC)
    assert today - datetime.fromisoformat(parse_time("Yesterday")) == timedelta(days=1)
    assert datetime.fromisoformat(parse_time("tomorrow")) - today == timedelta(days=1)
    assert before <= ago + timedelta(days=30) <= datetime.now(UTC)
    assert before <= datetime.fromisoformat(parse_time("now"))


@pytest.mark.parametrize("text", ["", "soon", "30", "-1d", "3w", "2026-13-01", "999999999d"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="must be a time such as"):
        parse_time(text)


def test_every_time_of_every_command_is_parsed() -> None:
    times = {"since", "until", "at", "as_of", "known_at", "effective_at"}
    untyped = {
        f"{name} {option.name}"
        for name, command in leaves(root())
        for option in command.params
        if (option.name in times or str(option.name).endswith("_at")) and option.metavar != "TIME"
    }
    assert untyped == set()


def test_the_past_is_asked_for_by_a_duration(cli: Cli, bought: list[str]) -> None:
    account = bought[-1]
    now = json.loads(cli("positions", "-a", account, "--as-of", "1s", "--json").stdout)
    then = json.loads(cli("positions", "-a", account, "--as-of", "2025-12-31", "--json").stdout)
    listed = cli.entries("-a", account, "--from", "2026-01-01", "--to", "2026-01-02")

    assert (now["count"], then["count"], len(listed)) == (1, 0, 1)
