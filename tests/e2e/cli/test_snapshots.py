"""``position-manager snapshots``, on a separate ledger."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import dict_row
from pyarrow import parquet

from tests.helpers.commands import Cli
from tests.helpers.ledger import Ledger, fill, ticker

if TYPE_CHECKING:
    from tests.conftest import Database

FINE = Decimal("1.000000000000000001")
# All in one order: position by position, the oldest first.
KEPT = "SELECT s.* FROM api.snapshots s ORDER BY s.account, s.asset, s.mode, s.created_at"


def written(value: object) -> str:
    """A value as the file has it."""
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture
def snapshot_cli(database: Database) -> Cli:
    """The commands against four positions, one of them a hedge and one in another account."""
    with psycopg.connect(database.dsn("pms_worker")) as worker:
        ledger = Ledger(worker, worker)
        ledger.apply(
            fill("a", "Buy", FINE, "50000.000000000000000001", "0.000000000000000003"),
            fill("b", "Sell", "99999999999999999999.5", "0.000000000000000007", asset="DUST"),
            fill("c", "Buy", "2", "3", asset="ETHUSDT", position_side="long"),
            fill("d", "Buy", "2", "3", asset="ETHUSDT", account="fund"),
        )
        ledger.price(ticker("50000.000000000000000003", "2026-01-01T00:00:00Z"))
    return Cli({"DATABASE_URL": database.dsn("pms_operator")})


def document(snapshot_cli: Cli, *arguments: str) -> Any:
    shown = snapshot_cli("snapshots", *arguments, "--json")
    assert shown.exit_code == 0, shown.stderr
    return json.loads(shown.stdout)


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def kept(database: Database) -> list[dict[str, Any]]:
    with psycopg.connect(database.dsn("pms_analyst"), row_factory=dict_row) as analyst:
        return analyst.execute(KEPT).fetchall()


def test_one_command_captures_all_positions(snapshot_cli: Cli) -> None:
    shown = snapshot_cli("snapshots", "create")
    again = document(snapshot_cli, "create", "--account", "fund")

    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith("4 snapshots of 20")
    assert again["count"] == 1


def test_snapshots_are_listed_newest_first(snapshot_cli: Cli) -> None:
    first, second = (document(snapshot_cli, "create")["created_at"] for _ in range(2))

    every = document(snapshot_cli, "list")["snapshots"]
    of_one = document(snapshot_cli, "list", "ethusdt", "--account", "fund")["snapshots"]
    early = document(snapshot_cli, "list", "--to", first)["snapshots"]
    late = document(snapshot_cli, "list", "--from", second, "--limit", "2")["snapshots"]
    shown = snapshot_cli("snapshots", "list", "BTCUSDT").stdout

    assert [each["created_at"] for each in every] == [second] * 4 + [first] * 4
    assert [each["created_at"] for each in of_one] == [second, first]
    assert of_one[0]["snapshot_data"]["size"] == "2"
    assert (len(early), len(late)) == (4, 2)
    assert shown.count("BTCUSDT") == 2
    assert "1.000000000000000001" in shown


def test_a_csv_export_keeps_every_digit(
    snapshot_cli: Cli, database: Database, tmp_path: Path
) -> None:
    for _ in range(2):
        document(snapshot_cli, "create")
    file = tmp_path / "all.csv"

    summary = document(snapshot_cli, "export", "-o", str(file))

    assert summary == {"file": str(file), "format": "csv", "count": 8}
    rows = read_csv(file)
    for row, expected in zip(rows, kept(database), strict=True):
        data = expected["snapshot_data"]
        assert row.pop("created_at") == data["last_snapshot_at"]
        assert row.pop("position_id") == data["id"]
        assert row.pop("position_created_at") == data["created_at"]
        assert row.pop("id") == str(expected["id"])
        assert row == {name: written(data[name]) for name in row}
    assert {row["size"] for row in rows} >= {str(FINE), "-99999999999999999999.5"}


def test_a_parquet_export_keeps_every_digit(
    snapshot_cli: Cli, database: Database, tmp_path: Path
) -> None:
    for _ in range(2):
        document(snapshot_cli, "create")
    file = tmp_path / "all.parquet"

    summary = document(snapshot_cli, "export", "-o", str(file))

    assert summary == {"file": str(file), "format": "parquet", "count": 8}
    table = parquet.read_table(file)
    assert str(table.schema.field("size").type) == "decimal128(38, 18)"
    rows = table.to_pylist()
    for row, expected in zip(rows, kept(database), strict=True):
        assert row == {
            name: str(expected[name]) if name in ("id", "position_id") else expected[name]
            for name in row
        }
    assert FINE in table.column("size").to_pylist()
    assert rows[0]["created_at"].tzinfo is not None


def test_an_export_is_filtered(snapshot_cli: Cli, tmp_path: Path) -> None:
    first = document(snapshot_cli, "create")["created_at"]
    document(snapshot_cli, "create")

    def assets(*arguments: str) -> list[str]:
        file = tmp_path / "some"
        document(snapshot_cli, "export", "-o", str(file), "--format", "csv", *arguments)
        return [row["asset"] for row in read_csv(file)]

    assert assets("--asset", "ethusdt", "--to", first) == ["ETHUSDT"] * 2
    assert assets("--account", "fund") == ["ETHUSDT"] * 2
    assert assets("--mode", "hedge", "--from", first) == ["ETHUSDT"] * 2
    assert assets("--from", "2999-01-01") == []
    assert len(assets("--to", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}")) == 8


def test_a_value_too_large_for_parquet_is_named(
    snapshot_cli: Cli, database: Database, tmp_path: Path
) -> None:
    document(snapshot_cli, "create")
    with psycopg.connect(database.dsn("pms_owner")) as owner:
        # Zeros at the end are no digits.
        owner.execute("UPDATE pms.snapshots SET funding = 1.00000000000000000000000")
        owner.execute("UPDATE pms.snapshots SET funding = 1e20 WHERE asset = 'DUST'")
    file = tmp_path / "all.parquet"
    file.write_text("before")

    shown = snapshot_cli("snapshots", "export", "-o", str(file))

    assert shown.exit_code == 1
    assert "funding of row 3 is 100000000000000000000:" in shown.stderr
    assert "export to CSV instead" in shown.stderr
    # The former file is untouched, and no partial file is left.
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_an_impossible_export_is_refused(
    snapshot_cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = snapshot_cli("snapshots", "export", "-o", str(tmp_path / "all.xlsx"))
    nowhere = snapshot_cli("snapshots", "export", "-o", str(tmp_path / "no" / "all.csv"))
    never = snapshot_cli(
        "snapshots", "export", "-o", str(tmp_path / "all.csv"), "--from", "tomorrowish"
    )
    # As where the extra is not installed.
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    plain = snapshot_cli("snapshots", "export", "-o", str(tmp_path / "all.parquet"))

    assert [each.exit_code for each in (unknown, nowhere, never, plain)] == [1, 1, 2, 1]
    assert "csv or parquet" in unknown.stderr
    assert "cannot be written" in nowhere.stderr
    assert "must be a time such as" in never.stderr
    assert "[parquet]" in plain.stderr
    assert list(tmp_path.iterdir()) == []
