"""``backup``, ``keep-backups`` and ``restore``, on the shared stack and another database."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from position_manager import __version__
from position_manager.backup import archive, cluster
from position_manager.stack.context import LOCALHOST
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli

AHEAD = 9 * 10**12
OURS = "FROM cron.job j WHERE j.command = $$SELECT 'tests/unnamed'$$ OR j.jobname = 'tests/named'"
JOBS = f"SELECT j.jobid, j.schedule, j.command {OURS} ORDER BY j.command"
UNSCHEDULE = f"SELECT cron.unschedule(j.jobid) {OURS}"


@pytest.fixture
def elsewhere(stack: Stack) -> Iterator[dict[str, str]]:
    """The settings of a server, where the name of a database is free."""
    words, name = stack.context.secrets, f"restored_{uuid.uuid4().hex}"
    yield {
        "PATH": os.environ["PATH"],
        "POSTGRES_HOST": LOCALHOST,
        "POSTGRES_PORT": str(stack.context.ports.postgres_port),
        "POSTGRES_DB": name,
        "POSTGRES_PASSWORD": words.pms_worker,
        "POSTGRES_SUPERUSER_PASSWORD": words.postgres,
        "PMS_OWNER_PASSWORD": words.pms_owner,
        "PMS_BACKUP_PASSWORD": words.pms_backup,
        "POSITION_MANAGER_API_KEY": f"pms_operator_{name}",
        "POSITION_MANAGER_PRICE_STALENESS_THRESHOLD": "77",
    }
    with psycopg.connect(stack.context.dsn(dbname="postgres"), autocommit=True) as conn:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        conn.execute(drop.format(sql.Identifier(name)))


@pytest.fixture
def local(stack: Stack) -> Cli:
    """The commands, where the private stack is that of the tests."""
    ports = {name: str(port) for name, port in stack.config.port_settings().items()}
    return Cli(ports | {"POSITION_MANAGER_STACK_DIR": str(stack.config.dir)})


def test_a_backup_of_the_stack_is_restored_on_another_server(
    local: Cli, elsewhere: dict[str, str], stack: Stack, tmp_path: Path
) -> None:
    """The stack's database has pg_cron, whose tables cannot be restored; the other one does not."""
    there = Cli(elsewhere)
    with psycopg.connect(stack.context.dsn(), autocommit=True) as conn:
        job = conn.execute("SELECT cron.schedule('tests/nightly', '0 3 * * *', 'SELECT 1')")
        ((number,),) = job.fetchall()
        try:
            taken = local("backup", str(tmp_path / "backup"), "--json")
        finally:
            conn.execute("SELECT cron.unschedule(%s::bigint)", [number])
    assert taken.exit_code == 0, taken.stderr

    restored = there("restore", str(tmp_path / "backup"), "--after-epoch", str(AHEAD), "--json")
    again = there("restore", str(tmp_path / "backup"))
    replaced = there("restore", str(tmp_path / "backup"), "--replace")

    assert restored.exit_code == 0, restored.stderr
    found = json.loads(restored.stdout)
    assert found["rows"] == json.loads(taken.stdout)["rows"]
    assert found["verification"]["discrepancies"] == 0
    assert found["epoch"] > AHEAD
    (reason,) = {why for job, why in found["jobs_left_out"].items() if "tests/nightly" in job}
    assert reason == "pg_cron is not in this database"
    assert found["settings_of_the_environment"]["price_staleness_threshold"] == "00:01:17"
    with psycopg.connect(stack.context.dsn(dbname=elsewhere["POSTGRES_DB"])) as conn:
        digest = sha256(elsewhere["POSITION_MANAGER_API_KEY"].encode()).digest()
        key = conn.execute("SELECT k.id FROM pms.api_keys k WHERE k.digest = %s", [digest])
        assert key.fetchall() == [("first",)]
    assert again.exit_code == 1
    assert "is not empty, and nothing was changed" in again.stderr
    assert replaced.exit_code == 0, replaced.stderr
    assert "every table equal" in replaced.stdout
    kept = there("keep-backups", str(tmp_path / "backups"), "--keep", "1")
    assert kept.exit_code == 0, kept.stderr
    assert "kept: 1, deleted: 0" in kept.stdout


def test_a_job_of_others_is_scheduled_once_and_stays_as_it_is(stack: Stack) -> None:
    with psycopg.connect(stack.context.dsn(), autocommit=True) as conn:

        def jobs() -> list[tuple[object, ...]]:
            return conn.execute(JOBS).fetchall()

        try:
            conn.execute("SELECT cron.schedule('0 3 1 1 *', $$SELECT 'tests/unnamed'$$)")
            conn.execute("SELECT cron.schedule('tests/named', '0 3 1 1 *', 'SELECT 1')")
            kept = cluster.read(conn)
            conn.execute("SELECT cron.schedule('tests/named', '0 4 1 1 *', 'SELECT 2')")
            seen = jobs()

            assert cluster.schedule_jobs(conn, kept) == {}

            assert jobs() == seen
            conn.execute(UNSCHEDULE)
            for _restoration in range(2):
                assert cluster.schedule_jobs(conn, kept) == {}
                assert [job[1:] for job in jobs()] == [
                    ("0 3 1 1 *", "SELECT 'tests/unnamed'"),
                    ("0 3 1 1 *", "SELECT 1"),
                ]
        finally:
            conn.execute(UNSCHEDULE)


def test_a_run_that_fails_deletes_no_backup_of_another(local: Cli, tmp_path: Path) -> None:
    """Two runs begin in one second: the name of the second is taken."""
    now = datetime.now(UTC)
    taken = [tmp_path / archive.name_of(now + timedelta(seconds=each)) for each in range(30)]
    for folder in taken:
        folder.mkdir()

    refused = local("keep-backups", str(tmp_path), "--keep", "1")

    assert refused.exit_code == 1
    assert "exists: give the name of a new folder" in refused.stderr.replace("\n", " ")
    assert sorted(tmp_path.iterdir()) == taken


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("restore", "/nowhere"), "/nowhere is not a backup"),
        (("backup", "/nowhere/backup"), "/nowhere does not exist: create it first"),
        (("backup", "/"), "/ exists: give the name of a new folder"),
    ],
)
def test_refusals_say_what_to_do(local: Cli, arguments: tuple[str, ...], message: str) -> None:
    refused = local(*arguments)

    assert refused.exit_code == 1
    assert message in refused.stderr.replace("\n", " ")


def test_a_backup_needs_a_service(tmp_path: Path) -> None:
    nowhere = Cli({"POSITION_MANAGER_STACK_DIR": str(tmp_path / "stack")})

    refused = nowhere("backup", str(tmp_path / "backup"))

    assert refused.exit_code == 1
    assert "PMS_BACKUP_PASSWORD" in refused.stderr


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version").stdout == f"position-manager {__version__}\n"
