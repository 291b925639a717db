"""The form in which a command prints its rows: a table, JSON or CSV, in which order."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from position_manager.terminal import printable

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """What the options of a command say about its output."""

    as_json: bool = False
    as_csv: bool = False
    sort: str | None = None

    @property
    def is_table(self) -> bool:
        """Whether rows are printed as a table."""
        return not (self.as_json or self.as_csv)


_PLAIN = Form()
_CHOSEN: ContextVar[Form] = ContextVar("form", default=_PLAIN)


def form() -> Form:
    """The form of the command that runs."""
    return _CHOSEN.get()


@contextmanager
def printed_as(chosen: Form) -> Iterator[None]:
    """Run a command with the form of its output."""
    token = _CHOSEN.set(chosen)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def in_order(rows: Sequence[Any], value: Callable[[Any], Any], *, reverse: bool) -> list[Any]:
    """The rows by a value of each: numbers from the largest, others ascending, null last."""
    known = [row for row in rows if value(row) is not None]
    absent = [row for row in rows if value(row) is None]
    numbers = {id(row): _number(value(row)) for row in known}
    if all(number is not None for number in numbers.values()):
        known.sort(key=lambda row: numbers[id(row)] or Decimal(0), reverse=not reverse)
    else:
        known.sort(key=lambda row: str(value(row)), reverse=reverse)
    return known + absent


def csv_text(rows: Sequence[Row]) -> str:
    """All fields of the rows as CSV, with a header; lists and objects are in JSON."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_csv_cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue().removesuffix("\n")


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return printable(json.dumps(value, ensure_ascii=False))
    return printable(str(value))


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
