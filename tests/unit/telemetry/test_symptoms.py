"""The symptoms of the database server, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import dict_row

from position_manager.cli.doctor import GIB, clock, disk
from position_manager.paths import ROOT
from tests.helpers.harness import eventually
from tests.helpers.jobs import add_job

if TYPE_CHECKING:
    from tests.conftest import Database

OPERATIONS = (ROOT / "specs/001-position-management/operations.md").read_text()
GROWN = """
    CREATE TABLE pms.grown (n integer, filler text) WITH (autovacuum_enabled = off);
    INSERT INTO pms.grown SELECT n, repeat('x', 500) FROM generate_series(1, 150000) n;
    DELETE FROM pms.grown g WHERE g.n % 10 <> 0;
    SELECT pg_stat_force_next_flush();
"""
BROKEN_INDEX = """
    CREATE INDEX grown_idx ON pms.audit_default (role);
    UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'pms.grown_idx'::regclass;
"""
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

Found = Callable[[str], list[dict[str, Any]]]


@contextmanager
def examined(database: Database) -> Iterator[tuple[psycopg.Connection[Any], Found]]:
    """A superuser's connection, and the symptoms in an area."""
    with psycopg.connect(database.dsn(), autocommit=True) as connection:

        def found(area: str) -> list[dict[str, Any]]:
            with connection.cursor(row_factory=dict_row) as cursor:
                query = "SELECT s.state, s.found, s.remedy FROM pms.symptoms() s WHERE s.area = %s"
                return cursor.execute(query, [area]).fetchall()

        yield connection, found


OK = [{"state": "ok", "found": None, "remedy": None}]


def test_the_sessions_of_all_roles_are_examined(database: Database) -> None:
    seen = "SELECT a.xact_start FROM pg_stat_activity a WHERE a.pid = %s"
    with (
        psycopg.connect(database.dsn()) as superuser,
        psycopg.connect(database.dsn("pms_owner")) as owner,
    ):
        superuser.execute("SELECT 1")

        [(begun,)] = owner.execute(seen, [superuser.info.backend_pid]).fetchall()

    assert begun is not None


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("synchronous_commit", "off", "failure"),
        ("wal_compression", "off", "warning"),
        ("vacuum_cost_limit", "199", "warning"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    database: Database, name: str, value: str, state: str
) -> None:
    with examined(database) as (connection, found):
        before = found("settings")
        connection.execute("SELECT set_config(%s, %s, FALSE)", [name, value])

        (symptom,) = (each for each in found("settings") if each not in before)
    assert (symptom["state"], symptom["found"]) == (state, f"{name} is {value}")
    assert f"ALTER SYSTEM {'RESET' if state == 'failure' else 'SET'} {name}" in symptom["remedy"]
    # The server of the tests loses its data in a crash, for speed.
    assert [each["found"] for each in before] == ["fsync is off", "full_page_writes is off"]


def test_the_settings_advised_are_those_of_the_document(database: Database) -> None:
    with examined(database) as (connection, _):
        advised = connection.execute(
            "SELECT a.name, a.small, a.large FROM pms.advised_settings() a"
        ).fetchall()

    table = re.findall(r"^\| `([a-z_]+)` \| (\S+) \| (\S+) \|", OPERATIONS, re.MULTILINE)
    assert advised
    assert set(advised) <= set(table)


def test_dead_rows_old_statistics_and_bloat_are_found(database: Database) -> None:
    with examined(database) as (connection, found):
        assert (found("tables"), found("statistics")) == (OK, OK)
        connection.execute(GROWN)

        dead, bloat = found("tables")
        (statistics,) = found("statistics")
        connection.execute("VACUUM (FULL, ANALYZE) pms.grown")
        connection.execute("SELECT pg_stat_force_next_flush()")

        assert dead["found"] == "135000 of 150000 rows of pms.grown are dead"
        assert re.fullmatch(r"pms.grown takes \d\d MB for rows of 1\d MB", bloat["found"])
        assert statistics["found"] == "pms.grown has changed by 285000 rows since ANALYZE"
        # The server counts a little later.
        eventually(lambda: (found("tables"), found("statistics")) == (OK, OK))


def test_an_invalid_index_is_found(database: Database) -> None:
    with examined(database) as (connection, found):
        connection.execute(BROKEN_INDEX)

        (symptom,) = found("indexes")

    assert symptom == {
        "state": "failure",
        "found": "pms.grown_idx is invalid",
        "remedy": "REINDEX INDEX CONCURRENTLY pms.grown_idx",
    }


def test_a_missing_partition_is_found_until_the_job_has_run(database: Database) -> None:
    with examined(database) as (connection, found):
        missing = found("partitions")
        connection.execute("CALL pms.run_job('maintain_partitions')")

        assert found("partitions") == OK
    tables = {str(each["found"]).split()[0] for each in missing}
    assert {"pms.audit", "pms.event_log", "pms.portfolio_history", "pms.snapshots"} <= tables
    assert len(missing) == 2 * len(tables)


def test_a_slot_without_a_reader_is_found(database: Database) -> None:
    with examined(database) as (connection, found):
        connection.execute("SELECT pg_create_physical_replication_slot('forgotten', TRUE)")
        try:
            symptoms = found("replication")
        finally:
            connection.execute("SELECT pg_drop_replication_slot('forgotten')")

    (slot,) = (
        each for each in symptoms if each["found"].startswith("slot forgotten has no reader")
    )
    assert "pg_drop_replication_slot('forgotten')" in slot["remedy"]
    assert any(each["found"].startswith("max_slot_wal_keep_size is -1") for each in symptoms)


def test_a_failed_job_and_an_old_backup_are_found(database: Database) -> None:
    with examined(database) as (connection, found):
        add_job(connection, "a_test", "RAISE 'on purpose';")
        connection.execute("CALL pms.run_job('a_test')")
        # The time at which the database was made, in milliseconds: that of its template may be old.
        connection.execute(
            "UPDATE pms.event_epoch"
            " SET number = extract(EPOCH FROM now() - interval '37.5 hours') * 1000"
        )

        failed, *others = found("jobs")
        assert failed == {
            "state": "warning",
            "found": "a_test failed: on purpose",
            "remedy": "position-manager jobs run a_test",
        }
        # No job has run in a new database.
        assert "verify_ledger is overdue" in [each["found"] for each in others]
        assert [each["found"] for each in found("backup")] == [
            "the newest verified backup is 37 hours old"
        ]


@pytest.mark.parametrize(
    ("server", "state"),
    [(NOON, "ok"), (NOON + 3 * SECOND, "ok"), (NOON - 2 * SECOND, "warning"),
     (NOON + 4 * SECOND, "warning")],
)  # fmt: skip
def test_the_clock_of_the_server_is_compared(server: datetime, state: str) -> None:
    assert clock(server, NOON, NOON + 2 * SECOND)["state"] == state


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [(100, 11, "ok"), (100, 9, "warning"), (20, 4, "warning"), (1000, 29, "failure"),
     (20, 0.9, "failure")],
)  # fmt: skip
def test_a_disk_with_little_space_is_reported(total: float, free: float, state: str) -> None:
    assert disk(Path("/data"), int(total * GIB), int(free * GIB))["state"] == state
