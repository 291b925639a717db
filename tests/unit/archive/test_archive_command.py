"""``ledger archive`` and ``ledger restore``: files, and what an interruption leaves."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from position_manager.paths import ROOT
from tests.helpers.commands import Cli
from tests.helpers.ledger import Ledger, fill
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.soak import sized

if TYPE_CHECKING:
    from tests.conftest import Database

EXAMPLE = ROOT / "examples" / "read_archive.py"
FIRST = "entries_first"
LEGS = "SELECT p.account, p.asset, p.size, p.cost, p.realized, p.entries FROM pms.positions p"
ENTRIES = "SELECT e.* FROM pms.entries e ORDER BY e.id"
VOIDS = "SELECT v.* FROM pms.voids v ORDER BY v.entry_id"
KILLS = sized(4, 20)


@pytest.fixture
def cli(database: Database) -> Cli:
    return Cli({"DATABASE_URL": database.dsn("pms_operator")})


def succeeds(cli: Cli, *arguments: str) -> str:
    done = cli(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_archive_can_be_read_and_restored(
    years: Ledger, cli: Cli, queries: OwnerQueries, tmp_path: Path
) -> None:
    before = [queries.rows(each) for each in (ENTRIES, VOIDS, LEGS)]

    said = succeeds(cli, "ledger", "archive", "--before", "2026-03", "--to", str(tmp_path))

    assert "archived entries_first: 5 entries" in said
    rows = parquet.read_table(tmp_path / FIRST / "entries.parquet").to_pylist()
    assert {row["identity"]: row["void_cause"] for row in rows}["execution:wrong"] == "bust"
    assert [row["leg_id"] for row in rows] == sorted(row["leg_id"] for row in rows)
    manifest = json.loads((tmp_path / FIRST / "manifest.json").read_text())
    assert (manifest["entries"], manifest["voids"], len(manifest["legs"])) == (5, 2, 2)
    assert queries.rows(LEGS) == before[2]
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / FIRST).iterdir()} == {0}

    for partition in ("entries_2026_02", FIRST):
        succeeds(cli, "ledger", "restore", partition)
    assert [queries.rows(each) for each in (ENTRIES, VOIDS, LEGS)] == before


def test_an_example_reads_an_archive(years: Ledger, cli: Cli, tmp_path: Path) -> None:
    succeeds(cli, "ledger", "archive", "--before", "2026-02", "--to", str(tmp_path))

    shown = subprocess.run(
        [sys.executable, EXAMPLE, tmp_path / FIRST], check=True, capture_output=True, text=True
    )

    assert shown.stdout.splitlines() == [
        "main BTCUSDT net 2 fills net 3 fees 1",
        "main ETHUSDT net 1 fills net -2 fees 0",
    ]


def test_the_periods_are_listed(years: Ledger, cli: Cli, tmp_path: Path) -> None:
    succeeds(cli, "ledger", "archive", "--before", "2026-02", "--to", str(tmp_path))

    shown = json.loads(succeeds(cli, "ledger", "status", "--json"))

    assert shown["begins_at"].startswith("2026-02-01T00:00:00")
    assert [(each["partition"], each["state"]) for each in shown["periods"]] == [
        (FIRST, "archived"), ("entries_2026_02", "open"), ("entries_2026_03", "open"),
    ]  # fmt: skip


def test_an_archive_is_never_written_over(years: Ledger, cli: Cli, tmp_path: Path) -> None:
    archive = ("ledger", "archive", "--before", "2026-02", "--to", str(tmp_path))
    succeeds(cli, *archive)
    succeeds(cli, "ledger", "restore", FIRST)

    assert f"{FIRST}-2" in succeeds(cli, *archive)
    assert "the archives" in succeeds(cli, "verify")


def test_a_plan_changes_nothing(years: Ledger, cli: Cli, tmp_path: Path) -> None:
    shown = succeeds(
        cli, "ledger", "archive", "--before", "2026-02", "--to", str(tmp_path), "--plan"
    )

    assert FIRST in shown
    assert not list(tmp_path.iterdir())
    assert "open" in succeeds(cli, "ledger", "status")


def test_nothing_is_archived_that_goes_on(years: Ledger, cli: Cli, tmp_path: Path) -> None:
    said = succeeds(cli, "ledger", "archive", "--before", "2026-01-31", "--to", str(tmp_path))
    assert "no partition ends by 2026-01-31" in said


def test_a_file_that_has_changed_is_not_restored(years: Ledger, cli: Cli, tmp_path: Path) -> None:
    succeeds(cli, "ledger", "archive", "--before", "2026-02", "--to", str(tmp_path))
    assert f"the archives {FIRST}" in succeeds(cli, "verify")
    file = tmp_path / FIRST / "entries.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"!")

    for command in (("ledger", "restore", FIRST), ("verify",)):
        done = cli(*command)
        assert done.exit_code == 1
        assert "entries.parquet has changed" in done.output


def test_nothing_is_closed_for_a_folder_that_cannot_be_written(
    years: Ledger, cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    for place in (str(file / "folder"), ""):
        done = cli("ledger", "archive", "--before", "2026-02", "--to", place)
        assert (done.exit_code, "refused: " in done.output) == (1, True)
    assert "closed" not in succeeds(cli, "ledger", "status")


def test_a_time_that_is_none_is_named(cli: Cli, tmp_path: Path) -> None:
    done = cli("ledger", "archive", "--before", "January", "--to", str(tmp_path))
    assert done.exit_code == 2
    assert "--before" in done.output


@pytest.fixture
def many(years: Ledger) -> Ledger:
    """The ledger with more entries in January, so that every step takes a while."""
    for batch in range(10):
        years.apply(
            *(
                fill(f"n{batch}-{n}", ("Buy", "Sell")[n % 2], "1", "100", asset=f"A{n % 40}USDT",
                     at=f"2026-01-{10 + batch}T00:{n // 60:02d}:{n % 60:02d}Z")
                for n in range(1000)
            )
        )  # fmt: skip
    return years


def test_a_kill_leaves_the_ledger_or_the_archive_whole(
    many: Ledger, cli: Cli, queries: OwnerQueries, tmp_path: Path
) -> None:
    before = [queries.rows(each) for each in (ENTRIES, VOIDS, LEGS)]
    archive = ("ledger", "archive", "--before", "2026-02", "--to", str(tmp_path))
    chance = random.Random(queries.value("SELECT count(*) FROM pms.entries"))
    began = time.monotonic()
    succeeds(cli, *archive)
    succeeds(cli, "ledger", "restore", FIRST)
    longest = time.monotonic() - began + 1

    for _ in range(KILLS):
        for command, end in ((archive, "archived"), (("ledger", "restore", FIRST), "open")):
            with cli.started(*command) as process:
                time.sleep(chance.uniform(0.3, longest))
                process.kill()
                process.wait()
            # Whatever it has reached, the command ends what it began.
            assert queries.rows(LEGS) == before[2]
            shown = json.loads(succeeds(cli, "ledger", "status", "--json"))
            if shown["periods"][0]["state"] != end:
                succeeds(cli, *command)
    assert [queries.rows(each) for each in (ENTRIES, VOIDS, LEGS)] == before
