"""Exports to CSV and Parquet, streamed from the database without rounding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from position_manager.cli.query import OF_ALIAS

if TYPE_CHECKING:
    import pyarrow

# Number of rows in memory at once.
BATCH = 10_000
PRECISION, SCALE = 38, 18

# The columns of snapshots, in order, with the kind of each.
OF_SNAPSHOTS: Mapping[str, str] = {
    "account": "text",
    "asset": "text",
    "mode": "text",
    "created_at": "time",
    "id": "text",
    "position_id": "text",
    "size": "decimal",
    "average_entry_price": "decimal",
    "break_even_price": "decimal",
    "current_price": "decimal",
    "unrealized_pnl": "decimal",
    "realized_pnl": "decimal",
    "long_size": "decimal",
    "short_size": "decimal",
    "unrealized_pnl_pct": "decimal",
    "time_held_minutes": "integer",
    "position_size_norm": "decimal",
    "fees_paid": "decimal",
    "funding": "decimal",
    "net_pnl": "decimal",
    "settlement_currency": "text",
    "unconverted_fees": "integer",
    "price_status": "text",
    "price_updated_at": "time",
    "needs_review": "boolean",
    "review_reasons": "list",
    "last_updated": "time",
    "last_snapshot_at": "time",
    "closed_at": "time",
    "position_created_at": "time",
    "version": "integer",
}
# The SQL expression of each kind, for Parquet and, in the format of the contract, for CSV.
TYPED = {"decimal": "trim_scale({})"}
WRITTEN = TYPED | {
    # A spreadsheet takes a text for a formula unless there is an apostrophe before it.
    "text": r"regexp_replace({}::text, '^(''*[=+@\t\r-])', '''\1')",
    "time": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "boolean": "{}::text",
    "list": "array_to_string({}, ' ')",
}
# The kind of a column by its type in PostgreSQL; any other is text.
KINDS = {
    "numeric": "decimal", "timestamptz": "time", "date": "date", "bool": "boolean",
    "int2": "integer", "int4": "integer", "int8": "integer", "text[]": "list",
}  # fmt: skip
Connection = psycopg.Connection[Any]


class ExportError(Exception):
    """The export is not possible; the text says why."""


class Format(StrEnum):
    """The format of an export."""

    CSV = "csv"
    PARQUET = "parquet"

    @classmethod
    def of(cls, file: Path) -> Self | None:
        """The format that the suffix of a file names; None for another suffix."""
        end = file.suffix.lower().removeprefix(".")
        return cls(end) if end in cls._value2member_map_ else None


@dataclass(frozen=True)
class Source:
    """A view of schema api, and how it is exported."""

    view: str
    time: str
    """The column that the times of a selection bound."""
    order: Sequence[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    """The columns with their kinds; by default all of the view."""
    expressions: Mapping[str, str] = field(default_factory=dict)
    """The expressions of columns; by default the columns of the view."""
    condition: str = "TRUE"
    """The rows of the view that are exported at all."""


class Kind(StrEnum):
    """What can be exported."""

    snapshots = "snapshots"
    cycles = "cycles"
    fills = "fills"
    history = "history"
    pnl = "pnl"


SOURCES = {
    Kind.snapshots: Source(
        "snapshots", "created_at", ("account", "asset", "mode", "created_at"), OF_SNAPSHOTS
    ),
    Kind.cycles: Source(
        "cycles", "closed_at", ("account", "asset", "mode", "closed_at", "closing_entry_id")
    ),
    Kind.fills: Source("fills", "executed_at", ("account", "asset", "mode", "executed_at", "id")),
    Kind.history: Source("portfolio_history", "recorded_at", ("account", "recorded_at")),
    Kind.pnl: Source("pnl_by_asset_and_day", "period_start", ("account", "asset", "period_start")),
}

# As fills import reads them: what was reported, not what was counted.
FILLS = Source(
    "fills",
    "executed_at",
    ("executed_at", "id"),
    {
        "execution_id": "text",
        "asset": "text",
        "side": "text",
        "execution_quantity": "decimal",
        "execution_price": "decimal",
        "execution_fees": "decimal",
        "fee_currency": "text",
        "executed_at": "time",
        "order_id": "text",
        "account": "text",
        "mode": "text",
        "position_side": "text",
        "strategy": "text",
    },
    {
        "execution_id": "regexp_replace(identity, '^execution:', '')",
        # Before a fee was taken from it.
        "execution_quantity": "abs(quantity + CASE WHEN fee_rate = 0 THEN fee_native ELSE 0 END)",
        "execution_price": "price",
        "execution_fees": "coalesce(fee_native, fee)",
        "position_side": "nullif(leg, 'net')",
        "strategy": "book",
    },
    "kind = 'trade' AND voided_by IS NULL",
)


@dataclass(frozen=True)
class Selection:
    """A selection of rows; None matches any value."""

    key: Mapping[str, str | None]
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Plan:
    """The rows to export."""

    columns: Mapping[str, str]
    expressions: Mapping[str, str]
    chosen: sql.Composed
    order: sql.Composed
    values: Mapping[str, str]

    def select(self, forms: Mapping[str, str]) -> sql.Composed:
        """The query of the export; a kind without an expression is selected unchanged."""
        columns = [
            sql.SQL("{} AS {}").format(
                sql.SQL(forms.get(kind, "{}")).format(self._expression(name)), sql.Identifier(name)
            )
            for name, kind in self.columns.items()
        ]
        return sql.SQL("SELECT {} {} {}").format(
            sql.SQL(", ").join(columns), self.chosen, self.order
        )

    def _expression(self, name: str) -> sql.Composable:
        expression = self.expressions.get(name)
        return sql.Identifier(name) if expression is None else sql.SQL(f"({expression})")


def export_to(
    file: Path, form: Format, connection: Connection, source: Source, selection: Selection
) -> int:
    """Write the selected rows to a file; return their number.

    The file appears only when it is complete. Raises ExportError.
    """
    arrow = None if form is Format.CSV else _arrow()
    # Times without an offset are UTC.
    connection.execute("SET LOCAL TIME ZONE 'UTC'")
    plan = _planned(connection, source, selection)
    counted = connection.execute(sql.SQL("SELECT count(*) ") + plan.chosen, plan.values).fetchone()
    total = 0 if counted is None else int(counted[0])
    part = file.with_name(f".{file.name}.part")
    try:
        with progress(source.view, total) as bar:
            if arrow is None:
                count = _write_csv(part, connection, plan, bar)
            else:
                count = _write_parquet(arrow, part, connection, plan, bar)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return count


def _planned(connection: Connection, source: Source, selection: Selection) -> Plan:
    view = sql.Identifier("api", source.view)
    columns = source.columns or _columns(connection, view)
    values = {name: value for name, value in selection.key.items() if value is not None}
    conditions: list[sql.Composable] = [sql.SQL(source.condition)]
    for name in values:
        if name not in columns:
            raise ExportError(f"{name}: {source.view} has none")
        condition = sql.SQL(OF_ALIAS if name == "asset" else "{} = {}")
        conditions.append(condition.format(sql.Identifier(name), sql.Placeholder(name)))
    for name, sign, end in (("since", ">=", selection.since), ("until", "<=", selection.until)):
        if end is not None:
            values[name] = end
            conditions.append(
                sql.SQL(f"{{}} {sign} {{}}::timestamptz").format(
                    sql.Identifier(source.time), sql.Placeholder(name)
                )
            )
    return Plan(
        columns,
        source.expressions,
        sql.SQL("FROM {} WHERE {}").format(view, sql.SQL(" AND ").join(conditions)),
        sql.SQL("ORDER BY {}").format(sql.SQL(", ").join(map(sql.Identifier, source.order))),
        values,
    )


def _columns(connection: Connection, view: sql.Identifier) -> dict[str, str]:
    """The columns of a view, with the kind of each."""
    described = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(view)).description
    return {each.name: KINDS.get(each.type_display, "text") for each in described or ()}


def _write_csv(file: Path, connection: Connection, plan: Plan, bar: Progress) -> int:
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(plan.select(WRITTEN))
    lines = 0
    with (
        file.open("wb") as target,
        connection.cursor() as cursor,
        cursor.copy(statement, plan.values) as copy,
    ):
        for line in copy:
            target.write(line)
            lines += 1
            if lines % BATCH == 0:
                bar.update(bar.task_ids[0], completed=lines)
    return lines - 1


def _write_parquet(
    arrow: Any, file: Path, connection: Connection, plan: Plan, bar: Progress
) -> int:
    from pyarrow import parquet

    types = {
        "text": arrow.string(),
        "time": arrow.timestamp("us", tz="UTC"),
        "date": arrow.date32(),
        "decimal": arrow.decimal128(PRECISION, SCALE),
        "integer": arrow.int64(),
        "boolean": arrow.bool_(),
        "list": arrow.list_(arrow.string()),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in plan.columns.items()])
    count = 0
    with (
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
        connection.cursor(name="export") as cursor,
    ):
        cursor.execute(plan.select(TYPED), plan.values)
        while batch := cursor.fetchmany(BATCH):
            writer.write_batch(_record_batch(arrow, schema, batch, count))
            count += len(batch)
            bar.update(bar.task_ids[0], completed=count)
    return count


def _record_batch(
    arrow: Any, schema: pyarrow.Schema, batch: Sequence[tuple[Any, ...]], before: int
) -> pyarrow.RecordBatch:
    """A batch of rows as columns; `before` is the number of rows already written."""
    arrays = []
    for column, values in zip(schema, zip(*batch, strict=True), strict=True):
        if arrow.types.is_decimal(column.type):
            for row, value in enumerate(values, before + 1):
                if not _fits(value):
                    raise ExportError(
                        f"{column.name} of row {row} is {value:f}: Parquet holds at most"
                        f" {PRECISION - SCALE} digits before the point and {SCALE} after it;"
                        " export to CSV instead"
                    )
        elif arrow.types.is_string(column.type):
            values = tuple(None if value is None else str(value) for value in values)
        arrays.append(arrow.array(values, type=column.type))
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _fits(value: Decimal | None) -> bool:
    if value is None:
        return True
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -SCALE and value.adjusted() < PRECISION - SCALE


def _arrow() -> Any:
    """Import pyarrow, an optional dependency; raises ExportError when it is missing."""
    try:
        import pyarrow
    except ImportError:
        raise ExportError("Parquet needs pyarrow: install position-manager[parquet]") from None
    return pyarrow


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Progress]:
    """A progress bar on stderr, if that is a terminal."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        bar.add_task(title, total=total)
        yield bar
