"""The exports of venues that ``fills import`` reads: their columns, and the fill in a row.

A layout is recognized by its header. Symbols stay as the venue writes them: the service has aliases
for them, and one set of rules for every other field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

# The fields of a fill, which are the columns of our own format.
FIELDS = (
    "execution_id", "asset", "side", "execution_quantity", "execution_price", "execution_fees",
    "fee_currency", "executed_at", "order_id", "account", "mode", "position_side", "strategy",
)  # fmt: skip
AMOUNTS = ("execution_quantity", "execution_price", "execution_fees")
NEEDED = {"asset", "side", "execution_quantity", "execution_price"}
# Neither a number nor a currency: the position is flagged for a fee that the export leaves out.
UNKNOWN = "?"
NOTHING = {"", "-", "--"}
WITH_UNIT = re.compile(r"([+-]?[\d,]*\.?\d+)\s*(.*)")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
# A text that a spreadsheet would take for a formula, behind the apostrophe of an export.
DISARMED = re.compile(r"'+[=+\-@\t\r]")
OF_DICT = r"['\"]{}['\"]:\s*['\"]?([^,'\"}}]+)"
# Of the times that are not ISO 8601, the parts by name.
TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<date>\d{4}-?\d\d-?\d\d)[;,T ]\s*(?P<time>\d\d:?\d\d:?\d\d(?:\.\d+)?)",
        r"(?P<date>\d\d-\d\d-\d\d) (?P<time>\d\d:\d\d:\d\d)",
        r"(?P<time>\d\d:\d\d(?::\d\d)?) (?P<date>\d{4}-\d\d-\d\d)",
    )
)
# The zone in the name of a column, or in the line above the header.
OFFSET = re.compile(r"\s*\(?UTC(?:([+-]\d{1,2})(?::(\d\d))?)?\)?\s*$", re.IGNORECASE)

Row = Mapping[str, str]
Cell = Callable[[Row], str]


class Venue(StrEnum):
    """Where a file comes from."""

    own = "position-manager"
    ccxt = "ccxt"
    binance = "binance"
    bybit = "bybit"
    okx = "okx"
    ibkr = "ibkr"


class Parsed(NamedTuple):
    """A row of a file by its columns, or the objection to it."""

    line: int
    row: dict[str, str]
    objection: str | None


class RowError(Exception):
    """A row that holds no fill that can be read; the text begins with the field."""


def column(*names: str) -> Cell:
    """The first of these columns that has something."""
    return lambda row: next((v for n in names if (v := row.get(n, "")) not in NOTHING), "")


def written_by_us(name: str) -> Cell:
    """A text as it was before **fills export** made sure that it is no formula."""
    return lambda row: text[1:] if DISARMED.match(text := row.get(name, "")) else text


def negated(cell: Cell) -> Cell:
    """A number with the other sign: the venue writes what the account gets, we what it pays."""

    def read(row: Row) -> str:
        text = plain(cell(row))
        return text[1:] if text.startswith("-") else f"-{text.removeprefix('+')}" if text else ""

    return read


def plain(text: str) -> str:
    """A number without the commas that group its digits."""
    return text.replace(",", "") if GROUPED.fullmatch(text) else text


def number(*names: str) -> Cell:
    """The number in a column."""
    cell = column(*names)
    return lambda row: plain(cell(row))


def absolute(*names: str) -> Cell:
    """The number in a column, without its sign."""
    cell = number(*names)
    return lambda row: cell(row).lstrip("+-")


def side_of_sign(*names: str) -> Cell:
    """The side that the sign of a quantity says."""
    cell = column(*names)
    return lambda row: "sell" if cell(row).startswith("-") else "buy"


def one_of(cell: Cell, words: Mapping[str, str]) -> Cell:
    """The meaning of a word in any case; another one stays for the service to refuse."""
    return lambda row: words.get((text := cell(row)).casefold(), text)


def split_unit(text: str, symbol: str) -> tuple[str, str]:
    """A number and the coin that is written behind it.

    Where the coin may begin with a digit, as 1INCH does, it is one of the symbol's if it can be.
    """
    upper, symbol = text.strip().upper(), symbol.upper()
    for length in range(len(symbol), 1, -1):
        for coin in (symbol[:length], symbol[-length:]):
            rest = upper.removesuffix(coin).rstrip()
            if coin != symbol and rest != upper and WITH_UNIT.fullmatch(rest):
                return plain(rest), coin
    found = WITH_UNIT.fullmatch(text.strip())
    return (plain(found[1]), found[2]) if found else (text, "")


def amount_in(name: str, symbol: str, part: int) -> Cell:
    """The number (part 0) or the coin (part 1) of a column such as 0.5BTC."""
    return lambda row: split_unit(row.get(name, ""), row.get(symbol, ""))[part]


def in_dict(name: str, key: str) -> Cell:
    """A value of a dictionary that was written as text, in JSON or in Python."""
    pattern = re.compile(OF_DICT.format(key))

    def read(row: Row) -> str:
        found = pattern.search(row.get(name, ""))
        return "" if found is None or found[1] in {"None", "null"} else found[1].strip()

    return read


def either(*cells: Cell) -> Cell:
    """The first of several that is there."""
    return lambda row: next((text for cell in cells if (text := cell(row))), "")


def moment(text: str, zone: tzinfo) -> str:
    """A time of an export in UTC; what is not read stays for the service to refuse."""
    for pattern in TIMES:
        if found := pattern.fullmatch(text):
            break
    else:
        return text
    date = f"20{found['date']}" if found["date"][2] == "-" else found["date"]
    try:
        local = datetime.fromisoformat(f"{date}T{found['time']}")
    except ValueError:
        return text
    local = local.replace(tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise RowError(f"executed_at: {text} is no time, or two, in {zone}")
    return local.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of file, and how a fill is read from a row."""

    venue: Venue
    title: str
    columns: frozenset[str]
    """Those that it is recognized by, in lower case."""
    fields: Mapping[str, Cell]
    skips: Callable[[Row], bool] = field(default=lambda _: False)
    """Whether a row is no fill, such as a payment of funding."""
    completes: Callable[[Iterator[Parsed]], Iterator[Parsed]] = field(default=lambda rows: rows)
    """Completes the row of a fill by what other rows have of it."""
    has_ids: bool = True
    """Whether its rows have an id; else a row is known by its content."""
    is_utc: bool = False
    """Whether its times are in UTC, whatever the file says."""

    def matches(self, header: Collection[str]) -> bool:
        """Whether a header, in lower case, is one of this layout."""
        return self.columns <= set(header)

    def fill(self, row: Row, zone: tzinfo) -> dict[str, str]:
        """The fields of the fill in a row. Raises RowError."""
        found = {name: text for name, cell in self.fields.items() if (text := cell(row))}
        if self.venue is not Venue.own:
            if "executed_at" not in found:
                # The service would take the present.
                raise RowError("executed_at: missing")
            found["executed_at"] = moment(found["executed_at"], zone)
        return found


def layout(
    venue: Venue, title: str, needed: str, fields: Mapping[str, str | Cell], **more: Any
) -> Layout:
    """A layout; `needed` lists its columns, a field may be the name of one."""
    cells = {
        name: column(cell.casefold()) if isinstance(cell, str) else cell
        for name, cell in fields.items()
    }
    columns = frozenset(name.strip().casefold() for name in needed.split(","))
    return Layout(venue, title, columns, cells, **more)


def named_zone(text: str) -> tuple[str, tzinfo | None]:
    """A text without the zone at its end, such as Time(UTC+8), and that zone."""
    found = OFFSET.search(text)
    if found is None:
        return text.strip(), None
    hours, minutes = int(found[1] or 0), int(found[2] or 0)
    offset = timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
    return text[: found.start()].strip(), timezone(offset)
