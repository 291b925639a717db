"""Read the rows of a file of fills as a stream, by the layout that its header names."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from position_manager.cli.fill_formats import FIELDS, Layout, Parsed, RowError, Venue, named_zone
from position_manager.cli.fill_layouts import LAYOUTS, OWN

# A header lies below a few lines about the account; the sections of a statement are many.
LINES_ABOVE = 10
STATEMENT, SECTION = "statement", "trades"


class FileError(Exception):
    """The file cannot be read; the arguments are the objection and the remedies."""


@dataclass(frozen=True)
class Read:
    """A row as it was read: a fill, an objection, or neither, if the row is none."""

    line: int
    fill: dict[str, str] | None = None
    objection: str | None = None


class FillFile:
    """A file of fills."""

    def __init__(
        self, lines: Iterable[str], venue: Venue | None = None, zone: tzinfo | None = None
    ) -> None:
        """Read the header. Raises FileError."""
        self._reader = csv.reader(lines)
        self._layouts = [each for each in LAYOUTS if venue in {None, each.venue}]
        self.layout, self._header, named = self._begin()
        if not self.layout.is_utc and (named or zone) is None:
            raise FileError(
                f"the times of {self.layout.title} have no zone",
                "Give it as --time-zone, such as America/New_York or UTC.",
            )
        self._zone: tzinfo = UTC if self.layout.is_utc else named or zone or UTC

    def __iter__(self) -> Iterator[Read]:
        """The rows below the header. Raises FileError."""
        for parsed in self.layout.completes(self._parsed()):
            yield self._read(parsed)

    def _parsed(self) -> Iterator[Parsed]:
        for line, cells in self._rows():
            if self._is_statement:
                if not _is_of(cells, "data"):
                    if _is_of(cells, "header"):
                        self._header, _ = _names(cells[2:])
                    continue
                cells = cells[2:]
            yield Parsed(line, *self._row(cells))

    def _begin(self) -> tuple[Layout, Sequence[str], tzinfo | None]:
        """The layout, its header and the zone that the header or a line above it names."""
        zone = None
        first: Sequence[str] = ()
        self._is_statement = False
        for number, (_, cells) in enumerate(self._rows()):
            if number == 0:
                first = cells
                self._is_statement = cells[0].strip().casefold() == STATEMENT
            if self._is_statement:
                if not _is_of(cells, "header"):
                    continue
                cells = cells[2:]
            elif number == LINES_ABOVE:
                break
            names, of_header = _names(cells)
            zone = of_header or zone
            for layout in self._layouts:
                if layout.matches(names):
                    self._require_known(layout, names)
                    return layout, names, zone
        raise FileError(
            f"header: {', '.join(first) if first else 'there is none'}",
            f"It may have {', '.join(FIELDS)}.",
            f"Or it is that of {', '.join(each.title for each in self._layouts)}.",
        )

    @staticmethod
    def _require_known(layout: Layout, names: Sequence[str]) -> None:
        """Ours has no other columns: a misspelled one would be left out without a word."""
        wrong = set(Counter(names) - Counter(FIELDS)) if layout is OWN else set()
        if wrong:
            raise FileError(
                f"header: unknown, or there twice: {', '.join(sorted(wrong))}",
                f"It may have {', '.join(FIELDS)}.",
            )

    def _rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows that have a cell, each with its line."""
        while True:
            try:
                cells = next(self._reader, None)
            except (csv.Error, UnicodeDecodeError) as error:
                line = self._reader.line_num
                raise FileError(f"line {line}: {error}", "It must be CSV in UTF-8.") from None
            if cells is None:
                return
            if any(cells):
                yield self._reader.line_num, cells

    def _row(self, cells: Sequence[str]) -> tuple[dict[str, str], str | None]:
        """A row by its columns, and the objection to it."""
        if any(cells[len(self._header) :]) or len(cells) < len(self._header):
            return {}, f"it has {len(cells)} cells, the header {len(self._header)}"
        if any("\0" in cell for cell in cells):
            return {}, "it has a NUL character"
        # Ours has texts as they are.
        texts = cells if self.layout is OWN else [cell.strip() for cell in cells]
        return dict(zip(self._header, texts, strict=False)), None

    def _read(self, parsed: Parsed) -> Read:
        line, row, objection = parsed
        if objection is not None or self.layout.skips(row):
            return Read(line, objection=objection)
        try:
            return Read(line, self.layout.fill(row, self._zone))
        except RowError as error:
            return Read(line, objection=str(error))


def _is_of(cells: Sequence[str], kind: str) -> bool:
    """Whether a row of a statement is of that kind, in the section of trades."""
    return [cell.strip().casefold() for cell in cells[:2]] == [SECTION, kind]


def _names(cells: Sequence[str]) -> tuple[Sequence[str], tzinfo | None]:
    """The names of columns, in lower case, and the zone that one of them names."""
    named = [named_zone(cell) for cell in cells]
    return [name.casefold() for name, _ in named], next((zone for _, zone in named if zone), None)
