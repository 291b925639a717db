"""Times and durations as they are typed: ``2026-11-26``, ``yesterday``, ``30d``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import typer

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
DURATION = re.compile(r"([1-9][0-9]*)([smhd])")
ZERO = re.compile(r"0[smhd]?")
# By the number of digits: what a number counts since 1970.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_UNITS = {
    10: timedelta(seconds=1), 13: timedelta(milliseconds=1), 16: timedelta(microseconds=1),
}  # fmt: skip
# Days from today.
DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def time_option(*names: str, help: str) -> Any:
    """An option that takes a time."""
    return typer.Option(*names, help=help, parser=parse_time, metavar="TIME", show_default=False)


def parse_time(text: str) -> str:
    """Parse a time, as ISO 8601 with an offset; raises BadParameter.

    A day is its beginning, a duration that long ago, a long number the time since 1970. A time
    without an offset is in UTC.
    """
    word = text.strip().lower()
    now = datetime.now(UTC)
    if word == "now":
        return now.isoformat()
    if word.isdecimal() and len(word) in EPOCH_UNITS:
        return (EPOCH + int(word) * EPOCH_UNITS[len(word)]).isoformat()
    if word in DAYS:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight + timedelta(days=DAYS[word])).isoformat()
    try:
        if DURATION.fullmatch(word):
            return (now - parse_duration(word)).isoformat()
        moment = datetime.fromisoformat(text)
    except (OverflowError, ValueError):
        raise typer.BadParameter(
            "must be a time such as 2026-12-25T08:00:00Z, a day such as 2026-12-25 or yesterday,"
            " or a duration such as 30d, which means ago"
        ) from None
    return text if moment.tzinfo else moment.replace(tzinfo=UTC).isoformat()


def parse_duration(text: str) -> timedelta:
    """Parse ``30d``, ``12h``, ``15m``, ``45s`` or ``0``; raises BadParameter."""
    found = DURATION.fullmatch(text)
    if found is None:
        if ZERO.fullmatch(text):
            return timedelta()
        raise typer.BadParameter("must be a whole number and s, m, h or d, such as 30d")
    if len(found[1]) > 9:
        raise typer.BadParameter("must be below 1000000000 of its unit")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def parse_lifetime(text: str) -> timedelta:
    """Parse the lifetime of a key, from 1 second to 36500 days; raises BadParameter."""
    found = parse_duration(text)
    if not found or found > timedelta(days=36_500):
        raise typer.BadParameter("must be from 1s to 36500d")
    return found
