"""Fills in a file: exported, and imported again."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet

from position_manager.cli import fill_files
from tests.helpers.commands import Cli
from tests.helpers.tree import ROOT

SAMPLES = ROOT / "tests/fills"
# Ids, with the days of their rows.
FAR_APART = (("one", 1), ("two", 2), ("one", 3))


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
    assert again == {
        "format": "fills export", "fills": 2, "accounts": 1, "assets": 1,
        "first": "2026-01-01T00:00:00.000001Z", "last": "2026-01-01T00:00:00.000001Z",
        "counts": {"duplicate": 2}, "rejected": [],
    }  # fmt: skip
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
    assert done.stderr.strip().startswith("line 3: rejected: side: must be buy or sell")
    assert cli.held(account, asset)["size"] == "2"


def test_a_file_of_another_form_is_refused(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "fills.csv"
    needed = "asset,side,execution_quantity,execution_price"
    for text, error in (
        ("id,asset\n1,B\n", "refused: header: id, asset"),
        ("", "refused: header: there is none"),
        (f"{needed},shade,asset\n", "refused: header: unknown, or there twice: asset, shade"),
        ("\xff", "refused: line 0: 'utf-8' codec can't decode byte"),
    ):
        file.write_bytes(text.encode("latin-1"))
        refused = cli("fills", "import", str(file))
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert error in refused.stderr


def test_a_malformed_row_stops_no_other(cli: Cli, account: str, asset: str, tmp_path: Path) -> None:
    file = tmp_path / "fills.csv"
    head = "execution_id,asset,side,execution_quantity,execution_price"
    rows = [f"a,{asset},buy,1,100", "b", f"c,{asset}\0,buy,1,100", f"d,{asset},buy,1,2,3"]
    file.write_text("\n".join([head, *rows, "", f"e,{asset},buy,1,100,"]))

    done = json.loads(cli("fills", "import", str(file), "-a", account, "--json").stdout)
    assert done["counts"] == {"applied": 2, "rejected": 3}
    assert [(each["line"], each["detail"]) for each in done["rejected"]] == [
        (3, "it has 1 cells, the header 5"),
        (4, "it has a NUL character"),
        (5, "it has 6 cells, the header 5"),
    ]
    assert cli.held(account, asset)["size"] == "2"


def test_a_dry_run_says_what_would_come_and_changes_nothing(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    file = tmp_path / "fills.csv"
    head = "execution_id,asset,side,execution_quantity,execution_price,executed_at\n"
    one, two = f"one,{asset},buy,1,100,2026-01-01\n", f"two,{asset},buy,2,100,2026-01-03T12:00Z\n"
    file.write_text(head + one.replace("-01\n", "-01T00:00:00Z\n"))
    cli("fills", "import", str(file), "-a", account)
    file.write_text(f"{file.read_text()}{two}{two}three,{asset},buy,-1,100,2026-01-02T00:00:00Z\n")

    planned = cli("fills", "import", str(file), "-a", account, "--dry-run")
    assert (planned.exit_code, planned.stdout.splitlines()) == (1, [
        "fills export: fills: 4, accounts: 1, assets: 1,"
        " 2026-01-01T00:00:00Z to 2026-01-03T12:00:00Z",
        "1 new, 2 duplicate, 1 rejected",
    ])  # fmt: skip
    assert planned.stderr.strip().startswith("line 5: rejected: execution_quantity: must be")
    assert cli.held(account, asset)["size"] == "1"
    done = cli("fills", "import", str(file), "-a", account)
    assert done.stdout == "1 applied, 2 duplicate, 1 rejected\n"
    assert cli.held(account, asset)["size"] == "3"


def test_a_dry_run_knows_an_id_that_comes_again_far_below(
    cli: Cli, account: str, asset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill_files, "BATCH", 1)
    file = tmp_path / "fills.csv"
    head = "execution_id,asset,side,execution_quantity,execution_price,executed_at\n"
    rows = (f"{id_},{asset},buy,1,100,2026-01-0{day}T00:00:00Z\n" for id_, day in FAR_APART)
    file.write_text(head + "".join(rows))

    planned = cli("fills", "import", str(file), "-a", account, "--dry-run")
    assert planned.stdout.splitlines()[-1] == "2 new, 1 duplicate"
    done = cli("fills", "import", str(file), "-a", account)
    assert done.stdout == "2 applied, 1 duplicate\n"


def test_an_id_that_looks_like_a_formula_comes_back_as_it_was(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    file = tmp_path / "fills.csv"
    ids = [" six ", "=1+1", "+2", "-3", "@sum", "'=4", "''-5", "'six"]
    for each in ids:
        cli(
            "fills",
            "record",
            asset,
            "buy",
            "1",
            "2",
            "--id",
            each,
            "--order-id",
            each,
            "-a",
            account,
        )
    cli("fills", "export", str(file), "-a", account)

    rows = moved(file, f"{account}-b")
    assert [row["execution_id"] for row in rows] == [
        " six ", "'=1+1", "'+2", "'-3", "'@sum", "''=4", "'''-5", "'six",
    ]  # fmt: skip
    assert cli("fills", "import", str(file)).stdout == "8 applied\n"
    kept = json.loads(cli("fills", "list", "-a", f"{account}-b", "--json").stdout)
    assert [each["order_id"] for each in reversed(kept["fills"])] == ids


def test_fills_are_exported_to_parquet_too(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    file = tmp_path / "fills.parquet"
    cli("fills", "record", asset, "sell", "0.123", "3.1", "--id", "=one", "-a", account)

    done = cli("fills", "export", str(file), asset, "-a", account)
    assert (done.exit_code, done.stdout) == (0, f"1 fills in {file}\n"), done.output
    (row,) = parquet.read_table(file).to_pylist()
    assert (row["execution_id"], row["execution_quantity"]) == ("=one", Decimal("0.123"))


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.stem)
def test_an_export_of_a_venue_counts_once(cli: Cli, account: str, sample: Path) -> None:
    fills = sum(
        not line.endswith(": none")
        for line in sample.with_suffix(".txt").read_text().splitlines()[1:]
    )
    command = ("fills", "import", str(sample), "-a", account, "--json")
    zone = ("--time-zone", "America/New_York") if sample.stem.startswith("ibkr") else ()

    for outcome in ("applied", "duplicate"):
        done = json.loads(cli(*command, *zone).stdout)
        assert done["rejected"] == []
        counts = {name: count for name, count in done["counts"].items() if name != "skipped"}
        assert counts == {outcome: fills}


def test_a_fee_that_an_export_leaves_out_flags_its_position(cli: Cli, account: str) -> None:
    cli("fills", "import", str(SAMPLES / "bybit_former_spot.csv"), "-a", account)

    held = cli.held(account, "ICPUSDT")
    assert (held["size"], held["review_reasons"]) == ("10", ["unread_fee"])


def test_an_alias_names_the_instrument_of_an_import(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    file = tmp_path / "trades.csv"
    alias = f"{asset.removesuffix('USDT')}/USDT:USDT"
    file.write_text((SAMPLES / "ccxt.csv").read_text().replace("BTC/USDT:USDT", alias))
    cli("instruments", "alias", alias, asset)

    cli("fills", "import", str(file), "-a", account)
    assert cli.held(account, asset)["size"] == "0.25"


def test_a_fill_keeps_its_strategy(cli: Cli, account: str, asset: str, tmp_path: Path) -> None:
    file = tmp_path / "fills.csv"
    head = "execution_id,asset,side,execution_quantity,execution_price,strategy\n"
    file.write_text(f"{head}a,{asset},buy,1,100,alpha\nb,{asset},buy,2,100,\n")

    assert cli("fills", "import", str(file), "-a", account).stdout == "2 applied\n"
    cli("fills", "export", str(file), "-a", account)
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert [row["strategy"] for row in rows] == ["alpha", ""]
    assert cli("fills", "import", str(file)).stdout == "2 duplicate\n"
    file.write_text(f"{head}a,{asset},buy,1,100,beta\n")
    other = cli("fills", "import", str(file), "-a", account)
    assert (other.exit_code, other.stdout) == (1, "1 rejected\n")


def test_fills_that_were_corrected_or_moved_are_exported_as_they_count(
    cli: Cli, account: str, asset: str, tmp_path: Path
) -> None:
    file = tmp_path / "fills.csv"
    file.write_text(
        "execution_id,asset,side,execution_quantity,execution_price,strategy,executed_at\n"
        f"a,{asset},buy,1,100,alpha,2026-01-01T00:00:00Z\n"
        f"b,{asset},buy,2,100,,2026-01-01T00:00:00Z\n"
    )
    cli("fills", "import", str(file), "-a", account)
    done = cli("fills", "correct", "a", "--correction-id", "a2", "--price", "101", "-a", account)
    assert done.exit_code == 0, done.output
    for name in ("a", "b"):
        given = ("--id", name, "--identity", f"execution:{name}", "-a", account)
        done = cli("move-to-book", "beta", *given)
        assert done.exit_code == 0, done.output

    cli("fills", "export", str(file), "-a", account)

    rows = list(csv.DictReader(file.read_text().splitlines()))
    shown = {row["execution_id"]: (row["execution_price"], row["strategy"]) for row in rows}
    assert shown == {"a": ("101", "beta"), "b": ("100", "beta")}
    again = cli("fills", "import", str(file), "--json")
    # A corrected fill differs from the reported one: it is a conflict, never counted twice.
    assert json.loads(again.stdout)["counts"] == {"duplicate": 1, "rejected": 1}, again.stdout
    moved(file, f"{account}-c")
    assert cli("fills", "import", str(file)).stdout == "2 applied\n"
    there, here = cli.held(f"{account}-c", asset), cli.held(account, asset)
    assert (there["size"], there["average_entry_price"]) == (
        here["size"], here["average_entry_price"]
    )  # fmt: skip
