"""Fills in a file: exported, and imported again."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

from tests.helpers.commands import Cli


def moved(file: Path, account: str) -> list[dict[str, str]]:
    """The rows of a file, which then has them for another account."""
    rows = list(csv.DictReader(file.read_text().splitlines()))
    for row in rows:
        row["account"] = account
    with file.open("w", newline="") as output:
        writer = csv.DictWriter(output, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return rows


def test_exported_fills_give_the_same_position_elsewhere(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    given = ("--executed-at", "2026-01-01T00:00:00.000001Z", "-a", account)
    cli("fills", "record", asset, "buy", "0.123456789012345678", "3.1", "--id", "one", *given)
    cli("fills", "record", asset, "sell", "0.1", "4.7", "--id", "two", "--fee", "0.01", *given)
    cli("fills", "record", asset, "sell", "5", "1", "--id", "three", *given)
    cli("fills", "bust", "three", "-a", account)
    file = tmp_path / "fills.csv"

    done = cli("fills", "export", str(file), "-a", account)
    assert (done.exit_code, done.stdout) == (0, f"2 fills in {file}\n"), done.output
    rows = moved(file, f"{account}-b")
    assert [row["execution_id"] for row in rows] == ["one", "two"]

    imported = cli("fills", "import", str(file))
    assert (imported.exit_code, imported.stdout) == (0, "2 applied\n"), imported.output
    again = json.loads(cli("fills", "import", str(file), "--json").stdout)
    assert again == {"counts": {"duplicate": 2}, "rejected": []}
    there, here = cli.held(f"{account}-b", asset), cli.held(account, asset)
    for name in ("size", "average_entry_price", "realized_pnl", "fees_paid"):
        assert there[name] == here[name]


def test_a_fee_that_was_taken_from_the_quantity_is_taken_once(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    cli("instruments", "define", asset, "--kind", "spot")
    in_base = ("--fee-currency", asset.removesuffix("USDT"), "-a", account)
    # 30 digits.
    bought = "123456789012.345678901234567891"
    cli("fills", "record", asset, "buy", bought, "3", "--id", "b", "--fee", "0.1", *in_base)
    cli("fills", "record", asset, "sell", "100", "4", "--id", "s", "--fee", "0.02", *in_base)
    cli("fills", "record", asset, "sell", "7", "4", "--id", "r", "--fee=-0.5", *in_base)
    file = tmp_path / "fills.csv"

    cli("fills", "export", str(file), "-a", account)
    rows = moved(file, f"{account}-b")
    assert [Decimal(row["execution_quantity"]) for row in rows] == [Decimal(bought), 100, 7]
    assert [row["execution_fees"] for row in rows] == ["0.1", "0.02", "-0.5"]
    cli("fills", "import", str(file))
    there, here = cli.held(f"{account}-b", asset), cli.held(account, asset)
    assert here["size"] == "123456788905.725678901234567891"
    for name in ("size", "average_entry_price", "realized_pnl", "fees_paid"):
        assert there[name] == here[name]


def test_a_row_that_is_rejected_is_named_by_its_line(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    file = tmp_path / "fills.csv"
    head = "execution_id,asset,side,execution_quantity,execution_price\n"
    file.write_text(f"{head}a,{asset},buy,1,100\nb,{asset},hold,1,100\nc,{asset},buy,1,100\n")

    done = cli("fills", "import", str(file), "-a", account)
    assert (done.exit_code, done.stdout) == (1, "2 applied, 1 rejected\n")
    assert done.stderr.startswith("line 3: rejected: side: must be buy or sell")
    assert cli.held(account, asset)["size"] == "2"


def test_a_file_of_another_form_is_refused(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "fills.csv"
    for text, error in (
        ("id,asset\n1,B\n", "header: unknown: id"),
        ("", "header: there is none"),
        ("execution_id,asset\n1\n", "line 2: it has not as many cells as the header"),
    ):
        file.write_text(text)
        refused = cli("fills", "import", str(file))
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert error in refused.stderr
