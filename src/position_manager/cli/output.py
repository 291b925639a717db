"""Print documents of the service as JSON, or as tables that fit the terminal.

A table is a list of columns. A column names the field of a row and its format. In a narrow terminal
the columns with the lowest `leaves` are omitted first; a pipe or a file gets all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from operator import itemgetter
from typing import Any

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from position_manager.cli.form import csv_text, form, in_order
from position_manager.cli.layout import Need, fitted
from position_manager.terminal import CONTROL, echo, echo_lines, escape, print_json

Document = dict[str, Any]
Rows = Sequence[Document]
# An exposure may have 40 digits before the point.
WIDE = Context(prec=100, rounding=ROUND_HALF_UP)
CENT = Decimal("0.01")
# A satoshi, the unit of BTC: all but a few currencies are worth more than USDT.
SATOSHI = Decimal("0.00000001")
TO_THE_CENT = ("USDT", "USDC", "USD", "EUR", "GBP", "CHF")
MISSING = "-"
UNBOUNDED = 1_000_000
PRICE_DIGITS = 10
SIGNIFICANT_DIGITS = 8
MINUTES_OF_AN_HOUR, MINUTES_OF_A_DAY = 60, 1440


class Screen(Console):
    """A console that shows control characters as escapes, and no text as markup."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **options)
        if not self.is_terminal:
            # A pipe or a file has room for every column.
            self.width = UNBOUNDED

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render an object; each text in it, such as a cell, comes here as well."""
        if isinstance(renderable, str):
            renderable = self.render_str(renderable)
        if isinstance(renderable, Text):
            # A title of ours may have two lines.
            renderable = _printable(renderable, keep="\n")
        return super().render(renderable, options)


def _printable(text: Text, keep: str = "") -> Text:
    """The text with its control characters as escapes, and with its styles."""
    pieces, end = [], 0
    for found in CONTROL.finditer(text.plain):
        if found[0] != keep:
            pieces += [text[end : found.start()], Text(escape(found[0]))]
            end = found.end()
    return text if not pieces else text.blank_copy().join([*pieces, text[end:]])


def print_outcome(outcome: Document, as_json: bool) -> None:
    """Print the outcome of a recorded entry: applied, or a duplicate of an earlier one."""
    if as_json:
        print_json(outcome)
        return
    remarks = [outcome[name] for name in ("reason", "detail") if outcome.get(name)]
    echo(", ".join([outcome["outcome"], *remarks]))


def text(value: object) -> Text:
    """Format any value; None as missing."""
    return missing() if value is None else Text(str(value))


def missing() -> Text:
    """Format a missing value."""
    return Text(MISSING, style="dim")


def rounded(value: Decimal, quantum: Decimal = CENT) -> Decimal:
    """A value as it is shown; what rounds to zero has no sign."""
    shown = value.quantize(quantum, context=WIDE)
    return shown or shown.copy_abs()


def money(amount: str | None, quantum: Decimal = CENT) -> Text:
    """Format an amount of a currency, to the cent by default."""
    if amount is None:
        return missing()
    return Text(f"{rounded(Decimal(amount), quantum):,f}")


def gain(amount: str | None, quantum: Decimal = CENT) -> Text:
    """Format an amount with its sign, in the color of a gain or a loss."""
    if amount is None:
        return missing()
    value = rounded(Decimal(amount), quantum)
    style = "green" if value > 0 else "red" if value < 0 else "dim"
    return Text(f"{'+' if value > 0 else ''}{value:,f}", style=style)


def exact(amount: str | None) -> Text:
    """Format an amount with all its digits, grouped."""
    if amount is None:
        return missing()
    whole, point, fraction = amount.partition(".")
    return Text(f"{int(whole):,}{point}{fraction}" if whole != "-0" else amount)


def price(amount: str | None, digits: int = PRICE_DIGITS) -> Text:
    """Format a price with at most `digits` fractional digits."""
    if amount is None:
        return missing()
    value = Decimal(amount)
    shown = value.quantize(Decimal(1).scaleb(-digits), context=WIDE)
    literal = format(shown or value, "f")
    return exact(literal.rstrip("0").rstrip(".") if "." in literal else literal)


def average(amount: str | None) -> Text:
    """Format a quotient, with eight significant digits."""
    digits = 0 if amount is None else max(2, SIGNIFICANT_DIGITS - 1 - Decimal(amount).adjusted())
    return price(amount, digits)


def size(amount: str) -> Text:
    """Format a signed size: long, short or zero."""
    shown = exact(amount)
    shown.stylize("green" if Decimal(amount) > 0 else "red" if Decimal(amount) < 0 else "dim")
    return shown


def count(number: int | None) -> Text:
    """Format a count."""
    return missing() if number is None else Text(f"{number:,}")


def percent(ratio: str | None) -> Text:
    """Format a ratio with a sign, in percent."""
    return missing() if ratio is None else Text(f"{gain(str(Decimal(ratio) * 100)).plain} %")


def utilization(ratio: str) -> Text:
    """Format the used part of a limit, in percent."""
    return Text(f"{Decimal(ratio) * 100:.1f} %")


def level(limit: str, value: str | None) -> Text:
    """Format a value of a limit by its metric, which ends the id of the limit."""
    metric = limit.rpartition("/")[2]
    if metric == "exposure_share" and value is not None:
        return utilization(value)
    return exact(value) if metric in {"position_size", "open_positions"} else money(value)


def when(time: str | None) -> Text:
    """Format a time, to the second."""
    return missing() if time is None else Text(f"{time[:10]} {time[11:19]}")


def duration(minutes: int) -> Text:
    """Format a duration, in two units at most."""
    days, rest = divmod(minutes, MINUTES_OF_A_DAY)
    hours, left = divmod(rest, MINUTES_OF_AN_HOUR)
    if days:
        return Text(f"{days}d {hours}h")
    return Text(f"{hours}h {left}m" if hours else f"{left}m")


def colored(colors: Mapping[str, str]) -> Callable[[str | None], Text]:
    """Format a word in its color."""
    return lambda word: missing() if word is None else Text(word, style=colors.get(word, ""))


def remark(style: str = "") -> Callable[[str | None], Text]:
    """Format a remark in a style; None as empty."""
    return lambda words: Text(words or "", style=style)


def incomplete(totals: Document) -> list[tuple[Text, str]]:
    """Why totals are not complete: each reason with its assets."""
    reasons = (
        ("without a price or a rate", totals["unpriced"]),
        ("undefined instruments", totals["assumed_instruments"]),
    )
    return [(Text(name, style="yellow"), ", ".join(assets)) for name, assets in reasons if assets]


def quantum_of(row: Document) -> Decimal:
    """The smallest amount shown in the row's settlement currency."""
    return CENT if row["settlement_currency"] in TO_THE_CENT else SATOSHI


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    field: str | None
    """The field that is formatted; None formats the whole row."""
    format: Callable[..., Text] = text
    is_figure: bool = True
    """Whether the column is aligned to the right."""
    in_settlement: bool = False
    """Whether the format has the quantum of the settlement currency as its second argument."""
    leaves: int = 0
    """The order in which the column is omitted in a narrow terminal; 0 keeps it."""
    folds: bool = False
    """Whether a long value wraps before other columns are omitted."""
    sorts: str | Callable[[Document], object] | None = None
    """The field or the value to sort by, where the column formats the whole row."""
    legend: str | None = None
    """A line printed below a table that has the column."""
    struck_by: str | None = None
    """The field that strikes out the cell when it is set."""
    shown: Callable[[Rows], bool] = lambda rows: True

    def cell(self, row: Document) -> Text:
        """The formatted cell of a row."""
        value = row if self.field is None else row[self.field]
        cell = self.format(value, quantum_of(row)) if self.in_settlement else self.format(value)
        if self.struck_by is not None and row[self.struck_by]:
            cell.stylize("strike dim")
        return _printable(cell)


def words(
    title: str, field: str | None, format: Callable[..., Text] = text, **options: Any
) -> Column:
    """A column of words, aligned to the left."""
    return Column(title, field, format, is_figure=False, **options)


def several(field: str) -> Callable[[Rows], bool]:
    """Show a column only when its values differ."""
    return lambda rows: len({row[field] for row in rows}) > 1


def any_but(field: str, usual: str | bool | None) -> Callable[[Rows], bool]:
    """Show a column only when a value differs from the usual one."""
    return lambda rows: any(row[field] != usual for row in rows)


def print_rows(
    rows: Rows,
    columns: Sequence[Column],
    as_json: bool,
    *,
    name: str,
    empty: str,
    document: Document | None = None,
    title: str | None = None,
    sums: Mapping[str, Text] | None = None,
) -> None:
    """Print rows as JSON under `name`, in `document` if there is one, as CSV or as a table.

    Without rows, print `empty` to stderr.
    """
    rows = sorted_rows(rows, columns)
    if as_json:
        print_json({**(document or {}), name: rows})
    elif rows and form().as_csv:
        echo_lines(csv_text(rows))
    elif rows:
        print_table(columns, rows, title=title, sums=sums)
    else:
        echo(empty, err=True)


ACCOUNT = words("account", "account", shown=several("account"))
BOOK = words("book", "book", shown=any_but("book", None))
ASSET = words("asset", "asset")
LEG = words("leg", "leg", shown=any_but("leg", "net"))


def sorted_rows(rows: Rows, columns: Sequence[Column], *, by: str | None = None) -> Rows:
    """The rows in the order of ``--sort``, a title of a column or a field; by default of `by`."""
    wanted = form().sort or by
    if wanted is None:
        return rows
    name = wanted.removeprefix("-")
    fields = {each.title: each.sorts or each.field for each in columns}
    fields = {title: field for title, field in fields.items() if field}
    field = fields.get(name, name)
    known = [title for title in fields if title] + sorted({each for row in rows for each in row})
    if rows and not callable(field) and field not in rows[0]:
        names = ", ".join(dict.fromkeys(known))
        raise typer.BadParameter(f"must be one of {names}", param_hint="--sort")
    value = field if callable(field) else itemgetter(field)
    return in_order(rows, value, reverse=wanted != name)


def start_turn() -> None:
    """Begin the output of a watched command: at a terminal, on an empty screen."""
    console = Screen()
    if console.is_terminal:
        console.clear()
        console.print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC", style="dim")


def print_table(
    columns: Sequence[Column],
    rows: Rows,
    *,
    title: str | None = None,
    sums: Mapping[str, Text] | None = None,
    console: Screen | None = None,
) -> None:
    """Print a table with a line for each row."""
    console = console or Screen()
    console.print(table(columns, rows, console, title=title, sums=sums))


def table(
    columns: Sequence[Column],
    rows: Rows,
    console: Screen,
    *,
    title: str | None = None,
    sums: Mapping[str, Text] | None = None,
) -> Table:
    """A table with a line for each row, or with a line for each cell where that is too wide.

    Columns that have no room are named below the table; no cell is cut off.
    """
    shown = [column for column in columns if column.shown(rows)]
    cells = [[column.cell(row) for column in shown] for row in rows]
    feet = [(sums or {}).get(column.title, Text()) for column in shown]
    needs = [
        Need(
            max(cell_len(column.title), *(each.cell_len for each in of_column)),
            column.folds,
            column.leaves,
        )
        for column, *of_column in zip(shown, feet, *cells, strict=True)
    ]
    widths = fitted(needs, console.width)
    if widths is None:
        return _cards(shown, cells if sums is None else [*cells, feet], title)
    left_out = [each.title for at, each in enumerate(shown) if at not in widths and each.title]
    notes = [each.legend for at, each in enumerate(shown) if at in widths and each.legend]
    if left_out:
        notes.append(f"without room: {', '.join(left_out)}")
    laid_out = grid(
        title, show_footer=sums is not None, caption="\n".join(notes) if notes else None
    )
    for at, width in widths.items():
        laid_out.add_column(
            shown[at].title,
            feet[at],
            justify="right" if shown[at].is_figure else "left",
            width=width,
            no_wrap=not shown[at].folds,
            overflow="fold",
        )
    for row in cells:
        laid_out.add_row(*(row[at] for at in widths))
    return laid_out


def _cards(columns: Sequence[Column], cells: Sequence[Sequence[Text]], title: str | None) -> Table:
    """A table with a line for each cell, and an empty one after each row."""
    laid_out = grid(title, show_header=False)
    laid_out.add_column(style="dim", no_wrap=True)
    laid_out.add_column(overflow="fold")
    for number, row in enumerate(cells):
        if number:
            laid_out.add_row()
        for column, cell in zip(columns, row, strict=True):
            if cell.plain:
                laid_out.add_row(column.title, cell)
    return laid_out


def grid(title: str | None = None, **options: Any) -> Table:
    """An empty table in a compact style."""
    return Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        caption_justify="left",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        **options,
    )
