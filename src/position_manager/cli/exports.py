"""Export of snapshots to CSV and Parquet, streamed from the database without rounding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

if TYPE_CHECKING:
    import pyarrow

# Number of rows in memory at once.
BATCH = 10_000
PRECISION, SCALE = 38, 18

# The columns of an export, in order, with the kind of each.
COLUMNS: Mapping[str, str] = {
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
    "time": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "boolean": "{}::text",
    "list": "array_to_string({}, ' ')",
}
CHOSEN = """
    FROM api.snapshots
    WHERE (%(account)s::text IS NULL OR account = %(account)s)
        AND (%(asset)s::text IS NULL OR asset = coalesce(
            (SELECT a.asset FROM api.instrument_aliases a WHERE a.alias = %(asset)s), %(asset)s
        ))
        AND (%(mode)s::text IS NULL OR mode = %(mode)s)
        AND created_at BETWEEN coalesce(%(since)s::timestamptz, '-infinity')
            AND coalesce(%(until)s::timestamptz, 'infinity')
"""
ORDER = "ORDER BY account, asset, mode, created_at"
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
class Selection:
    """A selection of snapshots; None matches any value."""

    key: Mapping[str, str | None]
    since: str | None = None
    until: str | None = None

    def parameters(self) -> dict[str, str | None]:
        return {**self.key, "since": self.since, "until": self.until}


def export_to(file: Path, form: Format, connection: Connection, selection: Selection) -> int:
    """Write the selected snapshots to a file; return their number.

    The file appears only when it is complete. Raises ExportError.
    """
    arrow = None if form is Format.CSV else _arrow()
    # Times without an offset are UTC.
    connection.execute("SET LOCAL TIME ZONE 'UTC'")
    counted = connection.execute("SELECT count(*)" + CHOSEN, selection.parameters()).fetchone()
    total = 0 if counted is None else int(counted[0])
    part = file.with_name(f".{file.name}.part")
    try:
        with _progress(total) as progress:
            if arrow is None:
                count = _write_csv(part, connection, selection, progress)
            else:
                count = _write_parquet(arrow, part, connection, selection, progress)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return count


def _write_csv(file: Path, connection: Connection, selection: Selection, progress: Progress) -> int:
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(_select(WRITTEN))
    lines = 0
    with (
        file.open("wb") as target,
        connection.cursor() as cursor,
        cursor.copy(statement, selection.parameters()) as copy,
    ):
        for line in copy:
            target.write(line)
            lines += 1
            if lines % BATCH == 0:
                progress.update(progress.task_ids[0], completed=lines)
    return lines - 1


def _write_parquet(
    arrow: Any, file: Path, connection: Connection, selection: Selection, progress: Progress
) -> int:
    from pyarrow import parquet

    types = {
        "text": arrow.string(),
        "time": arrow.timestamp("us", tz="UTC"),
        "decimal": arrow.decimal128(PRECISION, SCALE),
        "integer": arrow.int64(),
        "boolean": arrow.bool_(),
        "list": arrow.list_(arrow.string()),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    count = 0
    with (
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
        connection.cursor(name="snapshots") as cursor,
    ):
        cursor.execute(_select(TYPED), selection.parameters())
        while batch := cursor.fetchmany(BATCH):
            writer.write_batch(_record_batch(arrow, schema, batch, count))
            count += len(batch)
            progress.update(progress.task_ids[0], completed=count)
    return count


def _record_batch(
    arrow: Any, schema: pyarrow.Schema, batch: Sequence[tuple[Any, ...]], before: int
) -> pyarrow.RecordBatch:
    """A batch of rows as columns; `before` is the number of rows already written."""
    arrays = []
    for field, values in zip(schema, zip(*batch, strict=True), strict=True):
        if COLUMNS[field.name] == "decimal":
            for row, value in enumerate(values, before + 1):
                if not _fits(value):
                    raise ExportError(
                        f"{field.name} of row {row} is {value:f}: Parquet holds at most"
                        f" {PRECISION - SCALE} digits before the point and {SCALE} after it;"
                        " export to CSV instead"
                    )
        elif field.name in ("id", "position_id"):
            values = tuple(map(str, values))
        arrays.append(arrow.array(values, type=field.type))
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _fits(value: Decimal | None) -> bool:
    if value is None:
        return True
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -SCALE and value.adjusted() < PRECISION - SCALE


def _select(forms: Mapping[str, str]) -> sql.Composed:
    """The query of an export; a kind without an expression is selected unchanged."""
    columns = [
        sql.SQL("{} AS {}").format(
            sql.SQL(forms.get(kind, "{}")).format(sql.Identifier(name)), sql.Identifier(name)
        )
        for name, kind in COLUMNS.items()
    ]
    return sql.SQL("SELECT {} {} {}").format(
        sql.SQL(", ").join(columns), sql.SQL(CHOSEN), sql.SQL(ORDER)
    )


def _arrow() -> Any:
    """Import pyarrow, an optional dependency; raises ExportError when it is missing."""
    try:
        import pyarrow
    except ImportError:
        raise ExportError("Parquet needs pyarrow: install position-manager[parquet]") from None
    return pyarrow


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    """A progress bar on stderr, if that is a terminal."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        progress.add_task("snapshots", total=total)
        yield progress
