"""``cluster``: several shards are asked at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.helpers.clones import clone_of_template
from tests.helpers.commands import Cli
from tests.helpers.shard_maps import shard_map

DEAD = "postgresql://pms_operator@127.0.0.1:1/nothing"
KEY = """
    INSERT INTO pms.api_keys (id, digest, handle, role, name)
    VALUES ('desk', sha256('pms_desk_x'), 'desk', 'reader', 'desk')
"""


class Shards:
    """Two shards, and the file with their addresses."""

    def __init__(self, databases: list[Database], folder: Path) -> None:
        self.databases = databases
        self.file = folder / "shards.json"
        self._map = folder / "map.json"
        self.cli = Cli({"POSITION_MANAGER_SHARD_DATABASES": str(self.file)})
        self.name(*(database.dsn("pms_operator") for database in databases))

    def name(self, *addresses: str) -> None:
        """Write the file."""
        self.file.write_text(json.dumps(dict(enumerate(addresses))))

    def spread(self, wanted: object) -> Any:
        """Set a map everywhere."""
        self._map.write_text(json.dumps(wanted))
        return self.cli("cluster", "map", "spread", str(self._map))

    def execute(self, statement: str, *shards: int) -> None:
        """Execute a statement on shards, as the superuser."""
        for shard in shards:
            with psycopg.connect(self.databases[shard].dsn(), autocommit=True) as connection:
                connection.execute(statement.encode())

    def rows(self, *command: str) -> list[dict[str, Any]]:
        """What a command lists."""
        done = self.cli("cluster", *command, "--json")
        document = json.loads(done.stdout)
        (rows,) = document.values()
        return list(rows)

    @contextmanager
    def held(self, shard: int) -> Iterator[None]:
        """A request of a shard is under way, which has read its map."""
        with psycopg.connect(self.databases[shard].dsn()) as connection:
            connection.execute("SELECT pms.require_account('main')")
            yield


@pytest.fixture
def shards(database: Database, tmp_path: Path) -> Iterator[Shards]:
    with clone_of_template(database.context) as name:
        yield Shards([database, Database(name, database.context)], tmp_path)


def test_a_map_is_set_everywhere_with_the_number_of_each(shards: Shards) -> None:
    done = shards.spread(shard_map(3, away=1))

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [f"set: shard {n}, version 3 of the map" for n in (0, 1)]
    assert [(row["shard"], row["map"]) for row in shards.rows("status")] == [(0, 3), (1, 3)]


def test_a_map_that_one_shard_did_not_take_can_be_set_again(shards: Shards) -> None:
    with shards.held(1):
        failed = shards.spread(shard_map(3))
        assert failed.exit_code == 1
        assert "set: shard 0" in failed.stdout
        assert "shard 1: " in failed.stderr

    assert shards.spread(shard_map(3)).exit_code == 0


def test_a_map_that_is_no_object_is_refused(shards: Shards) -> None:
    done = shards.spread([1])

    assert (done.exit_code, "must be one JSON object" in done.stderr) == (1, True)


def test_a_map_with_a_shard_that_has_no_address_is_refused(shards: Shards) -> None:
    done = shards.spread(shard_map(3, away=7))

    assert done.exit_code == 1
    assert "has no shard 7" in done.stderr
    assert [row["map"] for row in shards.rows("status")] == [None, None]


def test_another_map_of_the_same_version_is_named(shards: Shards) -> None:
    shards.spread(shard_map(3, away=1))
    shards.execute("UPDATE pms.pinned_accounts SET shard = 0", 1)

    first, second = shards.rows("status")

    assert first["status"] in ("healthy", "unhealthy")
    assert (second["status"], second["map"]) == ("has another map", 3)


def test_no_password_of_an_address_is_printed(shards: Shards) -> None:
    good = shards.databases[0].dsn("pms_operator")
    for address in (
        "postgresql://op:s3cret@127.0.0.1:1/x", "postgresql:/op:s3cret@h/db",
        "postgresql://op:s3cret%zz@h/db", "postgresql://op:s3cret@s3cret@127.0.0.1:1/x",
        "op:s3cret@host",
    ):  # fmt: skip
        shards.name(good, address)
        for command in ("status", "drift"):
            done = shards.cli("cluster", command)
            assert (done.exit_code, "s3cret" in done.output) == (1, False), done.output


def test_the_status_has_a_row_for_a_shard_that_does_not_answer(shards: Shards) -> None:
    shards.spread(shard_map(3))
    shards.name(shards.databases[0].dsn("pms_operator"), DEAD)

    first, second = shards.rows("status")

    assert first["status"] in ("healthy", "unhealthy")
    assert (second["shard"], second["map"]) == (1, None)
    assert second["status"] == "does not answer"
    assert shards.cli("cluster", "status").exit_code == 1


def test_the_status_names_a_database_under_the_number_of_another(shards: Shards) -> None:
    shards.spread(shard_map(3))
    shards.name(*(each.dsn("pms_operator") for each in reversed(shards.databases)))

    assert [row["status"] for row in shards.rows("status")] == [
        "is shard 1 by its map",
        "is shard 0 by its map",
    ]


def test_shards_that_are_alike_have_no_drift(shards: Shards) -> None:
    shards.execute(KEY, 0, 1)
    # Each assumes an instrument at the first fill of one of its accounts.
    shards.execute("INSERT INTO pms.instruments (asset) VALUES ('ASSUMED')", 0)

    done = shards.cli("cluster", "drift")

    assert (done.exit_code, done.stderr) == (0, "all shards have the same\n")


@pytest.mark.parametrize(
    ("statement", "kind", "name"),
    [
        ("UPDATE pms.settings SET compat = TRUE", "settings", "compat"),
        (
            "INSERT INTO pms.instruments (asset, multiplier, is_assumed)"
            " VALUES ('XBT', 100, FALSE)",
            "instruments",
            "XBT",
        ),
        (
            "INSERT INTO pms.instruments (asset) VALUES ('XBT');"
            "INSERT INTO pms.instrument_aliases VALUES ('BTC', 'XBT')",
            "aliases",
            "BTC",
        ),
        ("UPDATE pms.api_keys SET revoked_at = now()", "keys", "desk"),
        ("UPDATE pms.api_keys SET role = 'operator'", "keys", "desk"),
        ("UPDATE pms.api_keys SET digest = sha256('pms_desk_y')", "keys", "desk"),
        ("DELETE FROM pms.api_keys", "keys", "desk"),
        (
            "INSERT INTO pms.corporate_actions"
            " (action_id, action, asset, effective_at, units, for_units, recorded_at, source)"
            " VALUES ('a', 'split', 'X', now(), 2, 1, now(), 'test')",
            "corporate_actions",
            "a",
        ),
    ],
)
def test_what_one_shard_has_otherwise_is_named(
    shards: Shards, statement: str, kind: str, name: str
) -> None:
    shards.execute(KEY, 0, 1)
    shards.execute(statement, 1)

    done = shards.cli("cluster", "drift")

    assert done.exit_code == 1
    assert shards.rows("drift") == [{"kind": kind, "name": name, "shards": [1]}]


def test_the_time_zone_of_a_database_is_no_drift(shards: Shards) -> None:
    shards.execute(f"{KEY}; UPDATE pms.api_keys SET expires_at = '2030-01-01'", 0, 1)
    name = shards.databases[1].name
    shards.execute(f"ALTER DATABASE \"{name}\" SET timezone = 'Europe/Berlin'", 1)

    assert shards.rows("drift") == []


def test_drift_is_not_judged_without_every_shard(shards: Shards) -> None:
    shards.name(shards.databases[0].dsn("pms_operator"), DEAD)

    done = shards.cli("cluster", "drift")

    assert done.exit_code == 1
    assert "shard 1: " in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        "x", "[]", "{}", '{"a": "host=x"}', '{"01": "host=x"}', '{"1": 2}', '{"1": ""}',
        '{"1": "host=x", "1": "host=y"}',
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(shards: Shards, content: str) -> None:
    shards.file.write_text(content)

    done = shards.cli("cluster", "status")

    assert done.exit_code == 1
    assert str(shards.file) in done.stderr
