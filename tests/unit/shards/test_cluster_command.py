"""``cluster map``: an operator shows and sets the map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.helpers.commands import Cli
from tests.helpers.shard_maps import shard_map

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def cli(database: Database) -> Cli:
    return Cli({"DATABASE_URL": database.dsn("pms_operator")})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A map in a file."""
    path = tmp_path / "map.json"
    path.write_text(json.dumps(shard_map(3, away=7)))
    return path


def test_a_map_is_set_from_a_file_and_shown(cli: Cli, file: Path) -> None:
    nothing = cli("cluster", "map", "show")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "this database has all accounts" in nothing.stderr

    done = cli("cluster", "map", "set", str(file))
    assert done.exit_code == 0, done.output
    assert done.stdout == "set: shard 0, version 3 of the map\n"

    shown = cli("cluster", "map", "show").stdout
    assert "buckets 0 to 999" in shown
    assert "away" in shown


def test_the_map_that_is_printed_can_be_set(cli: Cli, file: Path) -> None:
    cli("cluster", "map", "set", str(file))
    printed = cli("cluster", "map", "show", "--json").stdout
    assert json.loads(printed) == shard_map(3, away=7)

    file.write_text(printed)
    assert cli("cluster", "map", "set", str(file), "--json").stdout == printed


def test_a_wrong_map_is_refused_by_name(cli: Cli, file: Path) -> None:
    file.write_text(json.dumps(shard_map() | {"buckets": [[0, 998, 0]]}))

    done = cli("cluster", "map", "set", str(file))

    assert done.exit_code == 1
    assert "buckets: must have each of 0 to 999 once; 999 is there 0 times" in done.stderr


def test_a_command_for_an_account_of_another_shard_is_refused_in_words(
    cli: Cli, file: Path
) -> None:
    cli("cluster", "map", "set", str(file))

    done = cli("cash", "deposit", "1", "USDT", "--id", "a", "--account", "away")

    assert done.exit_code == 1
    assert done.stderr == "refused: this is shard 0, the account is on 7\n"
