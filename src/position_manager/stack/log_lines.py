"""Lines of PostgreSQL, RabbitMQ, nginx and PostgREST, as JSON objects like those of the worker."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
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


class Entry(NamedTuple):
    """A line of a log, with the lines that continue it."""

    text: str
    head: Mapping[str, str] | None
    """The other fields of its JSON object; None for a line that is printed as it is."""

    def as_json(self) -> str:
        """The entry as one JSON object."""
        return self.text if self.head is None else json.dumps({"event": self.text, **self.head})


def as_json(part: str, lines: Iterable[str], trace: str | None = None) -> list[str]:
    """The entries in the lines of a part, as JSON objects; of a trace if one is given."""
    form = FORMS.get(part.partition("-")[0])
    entries: list[Entry] = []
    for line in lines:
        if begun := _begun(part, form, line):
            entries.append(begun)
        elif entries and entries[-1].head is not None:
            entries[-1] = Entry(f"{entries[-1].text}\n{line}", entries[-1].head)
        elif line:
            entries.append(Entry(line, {"level": "info", "part": part}))
    # Quoted: one id may begin with another.
    return [each.as_json() for each in entries if trace is None or f'"{trace}"' in each.text]


def _begun(part: str, form: Form | None, line: str) -> Entry | None:
    """The entry that a line begins; None for a line that continues one."""
    if form is None or line.startswith("{"):
        return Entry(line, None)
    found = form.line.fullmatch(line)
    if found is None:
        return None
    level = (found.groupdict().get("level") or "info").lower()
    at = form.time(found["time"]).astimezone(UTC).isoformat(timespec="microseconds")
    head = {"level": LEVELS.get(level, level), "timestamp": at.replace("+00:00", "Z"), "part": part}
    return Entry(found["event"], head)
