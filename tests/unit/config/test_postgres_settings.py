"""The table of PostgreSQL's settings in the operations document is true."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import psycopg
import pytest

from position_manager.paths import ROOT
from position_manager.stack.postgres import bin_dir
from tests.conftest import Database

OPERATIONS = (ROOT / "specs/001-position-management/operations.md").read_text()
ROW = re.compile(r"^\| `([a-z_]+)` \| (\S+) \| (\S+) \|", re.MULTILINE)
TABLE = {name: (small, large) for name, small, large in ROW.findall(OPERATIONS)}


def test_the_stack_has_the_settings_of_the_column_small(shared_database: Database) -> None:
    with psycopg.connect(shared_database.dsn("pms_owner")) as connection:
        settings = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in TABLE
        }

    assert settings == {name: (small,) for name, (small, _) in TABLE.items()}


@pytest.mark.parametrize("name", TABLE)
def test_postgresql_accepts_the_settings_of_the_column_large(name: str, tmp_path: Path) -> None:
    (tmp_path / "postgresql.conf").touch()

    subprocess.run(
        [bin_dir() / "postgres", "-C", name, "-D", tmp_path, "-c", f"{name}={TABLE[name][1]}"],
        check=True,
    )
