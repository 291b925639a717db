"""Write selected rows to a file, as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from rich.progress import Progress

from position_manager.cli.exports import ExportError, Format, Selection, Source, progress
from position_manager.cli.query import OF_ALIAS

if TYPE_CHECKING:
    import pyarrow

# Number of rows in memory at once.
BATCH = 10_000
PRECISION, SCALE = 38, 18

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
        if name not in columns and name not in source.chosen_by:
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
