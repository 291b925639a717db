"""``position-manager export``: every kind as CSV and Parquet, as the views have it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row
from pyarrow import parquet

from position_manager.cli.exports import SOURCES, Kind
from tests.helpers.commands import Cli
from tests.helpers.ledger import Ledger, fill, ticker

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The database with a closed cycle of one account, an open position of another, a history."""
    with (
        psycopg.connect(database.dsn("pms_worker")) as worker,
        psycopg.connect(database.dsn("pms_owner"), row_factory=dict_row) as owner,
    ):
        ledger = Ledger(worker, worker)
        ledger.apply(
            fill("a", "Buy", "2", "100.000000000000000001", "0.5", at="2026-01-01T00:00:00Z"),
            fill("b", "Sell", "2", "110", "0.5", at="2026-01-02T00:00:00Z"),
            fill("c", "Buy", "2", "3", asset="ETHUSDT", account="fund", at="2026-01-02T00:00:00Z"),
        )
        ledger.price(ticker("110", "2026-01-02T00:00:00Z"))
        worker.commit()
        owner.execute("SELECT pms.record_portfolio_history(NULL)")
        owner.execute("SELECT api.create_snapshots()")
        owner.commit()
        yield owner


def exported(database: Database, *arguments: str) -> Any:
    shown = Cli({"DATABASE_URL": database.dsn("pms_operator")})("export", *arguments, "--json")
    assert shown.exit_code == 0, shown.stderr
    return json.loads(shown.stdout)


def written(value: object) -> str:
    """A value as a CSV file has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_exported_without_rounding(
    kind: Kind, database: Database, owner: psycopg.Connection[dict[str, Any]], tmp_path: Path
) -> None:
    source = SOURCES[kind]
    query = f"SELECT * FROM api.{source.view} ORDER BY {', '.join(source.order)}"
    rows = owner.execute(query.encode()).fetchall()
    text, binary = tmp_path / "all.csv", tmp_path / "all.parquet"

    summary = exported(database, kind, "-o", str(text))
    exported(database, kind, "-o", str(binary))

    assert rows
    assert summary == {"file": str(text), "format": "csv", "count": len(rows)}
    with text.open(newline="") as lines:
        listed = list(csv.DictReader(lines))
    names = list(source.columns or rows[0])
    assert listed == [{name: written(row[name]) for name in names} for row in rows]
    kept = parquet.read_table(binary).to_pylist()
    assert kept == [
        {name: str(row[name]) if isinstance(row[name], UUID) else row[name] for name in names}
        for row in rows
    ]


@pytest.mark.usefixtures("owner")
def test_an_export_is_of_what_was_asked_for(database: Database, tmp_path: Path) -> None:
    file = str(tmp_path / "some.csv")

    assert exported(database, "cycles", "-o", file, "--asset", "btcusdt")["count"] == 1
    assert exported(database, "cycles", "-o", file, "--from", "2026-01-03")["count"] == 0
    assert exported(database, "fills", "-o", file, "--to", "2026-01-01")["count"] == 1
    assert exported(database, "pnl", "-o", file, "--account", "fund")["count"] > 0
    refused = Cli({"DATABASE_URL": database.dsn("pms_operator")})(
        "export", "history", "-o", file, "--asset", "BTCUSDT"
    )
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "refused: asset: portfolio_history has none" in refused.stderr
