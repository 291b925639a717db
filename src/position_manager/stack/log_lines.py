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
    earlier: str = ""
    """How the entry began, if that was read before."""

    def is_of(self, trace: str) -> bool:
        """Whether the entry names a trace."""
        # Quoted: one id may begin with another.
        return f'"{trace}"' in f"{self.earlier}\n{self.text}"

    def as_json(self) -> str:
        """The entry as one JSON object."""
        return self.text if self.head is None else json.dumps({"event": self.text, **self.head})


class Entries:
    """The log of a part as JSON objects, one for each entry.

    A growing log may be read before an entry is whole. The rest of the entry then becomes another
    object, with the same time and of the same trace.
    """

    def __init__(self, part: str) -> None:
        self._part = part
        self._form = FORMS.get(part.partition("-")[0])
        self._last = Entry("", None)

    def read(self, lines: Iterable[str], trace: str | None = None) -> list[str]:
        """The objects of the next lines; only those of a trace if one is given."""
        entries: list[Entry] = []
        for line in lines:
            last = entries[-1] if entries else self._last
            if begun := _begun(self._part, self._form, line):
                entries.append(begun)
            elif last.head is not None and entries:
                entries[-1] = last._replace(text=f"{last.text}\n{line}")
            elif last.head is not None and line:
                entries.append(Entry(line, last.head, last.earlier or last.text))
            elif line:
                entries.append(Entry(line, {"level": "info", "part": self._part}))
        self._last = entries[-1] if entries else self._last
        return [each.as_json() for each in entries if trace is None or each.is_of(trace)]


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
