"""Lines of PostgreSQL, RabbitMQ, nginx and PostgREST, as JSON objects like those of the worker."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple


class Form(NamedTuple):
    """How a program begins its lines."""

    line: re.Pattern[str]
    """With the groups time, event and, where there is one, level."""
    time: Callable[[str], datetime]


def _read_as(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)


# A time without an offset is local.
FORMS = {
    "postgres": Form(
        re.compile(
            r"(?P<time>[0-9-]{10} [0-9:.]{12} UTC) \[[0-9]+\] "
            r"(?:.*? (?:(?P<level>LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):  "
            r"|(?=(?:STATEMENT|DETAIL|HINT|CONTEXT|QUERY):  )))?(?P<event>.*)"
        ),
        lambda text: datetime.fromisoformat(text.replace(" UTC", "+00:00")),
    ),
    "rabbitmq": Form(
        re.compile(r"(?P<time>[0-9-]{10} [0-9:.+-]{15,}) \[(?P<level>[a-z]+)\] (?P<event>.*)"),
        datetime.fromisoformat,
    ),
    "nginx": Form(
        re.compile(r"(?P<time>[0-9/]{10} [0-9:]{8}) \[(?P<level>[a-z]+)\] (?P<event>.*)"),
        _read_as("%Y/%m/%d %H:%M:%S"),
    ),
    "postgrest": Form(
        re.compile(r"(?P<time>[0-9]+/[A-Za-z]{3}/[0-9:]{13} [+-][0-9]{4}): (?P<event>.*)"),
        _read_as("%d/%b/%Y:%H:%M:%S %z"),
    ),
    "epmd": Form(
        re.compile(r"epmd: (?P<time>[A-Z][a-z]{2} .{15,16} [0-9]{4}): (?P<event>.*)"),
        _read_as("%a %b %d %H:%M:%S %Y"),
    ),
}
# The levels of the worker for those of other programs.
LEVELS = {
    "log": "info", "notice": "info", "warn": "warning", "fatal": "critical", "panic": "critical",
    "crit": "critical", "alert": "critical", "emerg": "critical",
}  # fmt: skip


def as_json(part: str, lines: Iterable[str]) -> list[str]:
    """The lines of a part with one JSON object each, on which lines that continue it are."""
    entries: list[str | dict[str, str]] = []
    form = FORMS.get(part.partition("-")[0])
    for line in lines:
        found = form and form.line.fullmatch(line)
        if line.startswith("{") or form is None:
            entries.append(line)
        elif found:
            level = (found.groupdict().get("level") or "info").lower()
            at = form.time(found["time"]).astimezone(UTC)
            entries.append(
                {
                    "event": found["event"],
                    "level": LEVELS.get(level, level),
                    "timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
                    "part": part,
                }
            )
        elif entries and isinstance(entries[-1], dict):
            entries[-1]["event"] += f"\n{line}"
        elif line:
            entries.append({"event": line, "level": "info", "part": part})
    return [each if isinstance(each, str) else json.dumps(each) for each in entries]
