"""Exports to CSV and Parquet, streamed from the database without rounding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

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
    chosen_by: Sequence[str] = ()
    """Columns that a selection may name beside those that are exported."""


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

# As fills import reads them: what was reported, not what was counted; a fill that was corrected or
# moved to another book as it counts now. Imported again, none counts twice.
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
        "execution_id": "regexp_replace(coalesce(amends, identity), '^execution:', '')",
        # Before a fee was taken from it.
        "execution_quantity": "abs(quantity + CASE WHEN fee_rate = 0 THEN fee_native ELSE 0 END)",
        "execution_price": "price",
        "execution_fees": "coalesce(fee_native, fee)",
        "position_side": "nullif(leg, 'net')",
        "strategy": "nullif(book, 'unassigned')",
    },
    "kind = 'trade' AND voided_by IS NULL",
    ("book",),
)


@dataclass(frozen=True)
class Selection:
    """A selection of rows; None matches any value."""

    key: Mapping[str, str | None]
    since: str | None = None
    until: str | None = None


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
