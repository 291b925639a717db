"""Backups are taken under load, verified by the role of backups, and restored as a whole."""

from __future__ import annotations

import json
import stat
import threading
import uuid
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import errors

from position_manager.backup import archive, restore, take
from position_manager.backup.archive import Backup, BackupError
from position_manager.deploy import pause
from tests.helpers.ledger_check import assert_verified
from tests.helpers.sessions import Load, apply, assert_exact, session
from tests.unit.backup.conftest import Vault

# The role of backups may connect a few times to the whole server.
pytestmark = pytest.mark.xdist_group("backup")
FILLS = 1000
EPOCH = "SELECT pms.current_epoch()"
EVENT_EPOCHS = "SELECT DISTINCT (o.payload ->> 'epoch')::bigint FROM pms.outbox o ORDER BY 1"
SCRATCH = "SELECT d.datname::text FROM pg_database d WHERE d.datname LIKE 'pms_verify_%'"
DROPPING = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity a
        WHERE a.usename = 'pms_backup' AND a.state = 'active' AND a.query LIKE 'DROP DATABASE%'
    )
"""
DATABASES = "SELECT count(*) FROM pg_database d WHERE d.datname LIKE 'pms_verify_%'"


def test_a_drill_loses_nothing_and_doubles_nothing(vault: Vault, seed: int) -> None:
    played = session(seed, FILLS)
    with Load(vault.dsn("pms_worker"), played.messages).running() as load:
        load.wait_for(4)
        assert not load.is_finished(), "the backup is not taken under load"
        backup = vault.back_up()
    assert load.failures == []
    assert load.is_finished()
    kept = vault.rows("SELECT count(*) FROM api.fills")
    ((before,),) = vault.rows(EPOCH)

    vault.destroy()
    vault.restore(backup)

    assert (0,) < vault.rows("SELECT count(*) FROM api.fills")[0] <= kept[0]
    assert_verified(vault.dsn("postgres"))
    # Everything is sent again: what waits in the queues, and what was applied before.
    apply(vault.dsn("pms_worker"), played.messages)
    assert_exact(vault.dsn(), played)
    assert_verified(vault.dsn("postgres"))
    # Events of before the backup keep their epoch, later ones announce lower versions.
    ((after,),) = vault.rows(EPOCH)
    assert after > before
    assert vault.rows(EVENT_EPOCHS) == [(before,), (after,)]


def test_an_event_has_the_epoch_of_the_server_and_the_database(vault: Vault) -> None:
    timeline = "SELECT c.timeline_id FROM pg_control_checkpoint() c"
    ((number,),) = vault.rows("SELECT e.number FROM pms.event_epoch e")

    assert vault.rows(EPOCH) == [(number + vault.rows(timeline)[0][0],)]


def test_a_database_that_is_not_empty_is_replaced_on_request_only(vault: Vault, seed: int) -> None:
    backup = vault.back_up()
    apply(vault.dsn("pms_worker"), session(seed, 20).messages)
    vault.rows("CREATE SCHEMA reports CREATE VIEW v AS SELECT p.size FROM api.positions p")

    with pytest.raises(BackupError, match=r"is not empty, and nothing was changed.*--replace"):
        vault.restore(backup)
    assert vault.rows("SELECT count(*) > 0 FROM reports.v") == [(True,)]
    vault.restore(backup, replace=True)

    assert vault.rows("SELECT to_regclass('reports.v'), count(*) FROM api.positions") == [(None, 0)]
    assert vault.rows("SELECT 1", "pms_worker") == [(1,)]


def test_a_restoration_that_fails_keeps_what_was_there(vault: Vault, seed: int) -> None:
    backup = vault.back_up()
    played = session(seed, 20)
    apply(vault.dsn("pms_worker"), played.messages)
    tables = backup.manifest.tables
    changed = replace(tables["pms.instruments"], rows=7)
    other = replace(backup.manifest, tables=tables | {"pms.instruments": changed})

    with pytest.raises(BackupError, match=r"rows of pms.instruments are not those of the backup"):
        vault.restore(Backup(backup.folder, other), replace=True)

    assert_exact(vault.dsn(), played)


def test_an_archive_that_ends_early_changes_nothing(vault: Vault, seed: int) -> None:
    backup = vault.back_up()
    played = session(seed, 20)
    apply(vault.dsn("pms_worker"), played.messages)
    content = backup.dump.read_bytes()
    backup.dump.write_bytes(content[:-200])
    cut = replace(backup.manifest, dump_sha256=archive.digest(backup.dump), tables={})

    with pytest.raises(BackupError, match="pg_restore failed"):
        vault.restore(Backup(backup.folder, cut), replace=True)

    assert_exact(vault.dsn(), played)


def test_a_restoration_that_fails_leaves_a_paused_service_paused(vault: Vault) -> None:
    backup = vault.back_up()
    tables = {"pms.gone": archive.Content(1, "1")}
    with psycopg.connect(vault.dsn("postgres"), autocommit=True) as conn:
        pause.pause(conn)

        with pytest.raises(BackupError, match="tables are not those of the backup"):
            vault.restore(
                Backup(backup.folder, replace(backup.manifest, tables=tables)), replace=True
            )

        assert pause.is_paused(conn)


def test_a_damaged_backup_is_refused_before_anything_is_changed(vault: Vault) -> None:
    backup = vault.back_up()
    content = bytearray(backup.dump.read_bytes())
    content[len(content) // 2] ^= 1
    backup.dump.write_bytes(content)

    for use in (vault.restore, lambda damaged: restore.verify(vault.database, damaged)):
        with pytest.raises(BackupError, match=r"database.dump is missing or damaged"):
            use(backup)
    backup.dump.unlink()
    with pytest.raises(BackupError, match=r"database.dump is missing or damaged"):
        vault.restore(backup)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"changes": {"base/future": "x"}, "version": "9.0"}, "does not know: base/future"),
        ({"server_version": 990001}, r"is that of PostgreSQL 99, and the\s+server has"),
    ],
)
def test_a_backup_of_a_newer_version_is_refused(
    vault: Vault, change: dict[str, Any], message: str
) -> None:
    backup = vault.back_up()
    newer = Backup(backup.folder, replace(backup.manifest, **change))

    with pytest.raises(BackupError, match=message):
        vault.restore(newer, replace=True)


def test_roles_and_rights_of_others_come_back(vault: Vault) -> None:
    desk, group = (f"{name}_{uuid.uuid4().hex}" for name in ("desk", "group"))
    roles = f"DROP ROLE IF EXISTS {desk}, {group}"
    vault.rows(
        f"""
        CREATE ROLE {group};
        CREATE ROLE {desk} LOGIN PASSWORD 'x' CONNECTION LIMIT 3;
        GRANT {group}, pms_analyst TO {desk};
        ALTER ROLE {desk} SET search_path = "$user", api;
        ALTER ROLE {desk} SET work_mem = '5MB';
        GRANT CONNECT ON DATABASE {vault.database.name} TO {desk};
        CREATE SCHEMA reports AUTHORIZATION {desk};
        CREATE VIEW reports.v AS SELECT p.size FROM api.positions p;
        GRANT SELECT ON reports.v TO {group};
        """
    )
    facts = f"""
        SELECT a.rolcanlogin, a.rolconnlimit, a.rolpassword, s.setconfig,
            pg_has_role('{desk}', 'pms_analyst', 'MEMBER'),
            pg_has_role('{desk}', '{group}', 'MEMBER'),
            has_database_privilege('{desk}', current_database(), 'CONNECT'),
            has_table_privilege('{group}', 'reports.v', 'SELECT'),
            (SELECT n.nspowner::regrole::text FROM pg_namespace n WHERE n.nspname = 'reports')
        FROM pg_authid a LEFT JOIN pg_db_role_setting s ON s.setrole = a.oid
        WHERE a.rolname = '{desk}'
    """
    before = vault.rows(facts)
    backup = vault.back_up()
    vault.destroy()
    server = vault.database.conninfo("postgres", "postgres")
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(roles.encode())

    try:
        restored = vault.restore(backup)

        assert vault.rows(facts) == before
        assert before[0][4:8] == (True, True, True, True)
        assert restored.roles == sorted([desk, group])
    finally:
        vault.destroy()
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(roles.encode())
            conn.execute(f"CREATE DATABASE {vault.database.name}".encode())


def test_the_role_of_backups_verifies_one_by_restoring_it(vault: Vault, seed: int) -> None:
    apply(vault.dsn("pms_worker"), session(seed, 50).messages)
    backup = vault.back_up()

    found = restore.verify(vault.database, backup)

    assert (found["entries"], found["discrepancies"]) == (50, 0)
    assert vault.rows(DATABASES) == [(0,)]
    tables = backup.manifest.tables
    wrong = replace(tables["pms.settings"], digest="1")
    other = replace(backup.manifest, tables=tables | {"pms.settings": wrong})
    with pytest.raises(BackupError, match=r"rows of pms.settings are not those of the backup"):
        restore.verify(vault.database, Backup(backup.folder, other))
    assert vault.rows(DATABASES) == [(0,)]


def test_a_verification_waits_for_a_session_of_the_server(vault: Vault) -> None:
    """Such as one of autovacuum, which the role of backups may not end."""
    backup = vault.back_up()
    visitors: list[psycopg.Connection[Any]] = []
    leaving = threading.Event()

    def visit(_table: str) -> None:
        if not visitors:
            ((name,),) = vault.rows(SCRATCH)
            visitors.append(psycopg.connect(vault.database.conninfo("postgres", name)))

    def leave() -> None:
        while not leaving.wait(0.02):
            if visitors and vault.rows(DROPPING) == [(True,)]:
                visitors[0].close()
                leaving.set()

    leaver = threading.Thread(target=leave)
    leaver.start()
    try:
        restore.verify(vault.database, backup, visit)
    finally:
        leaving.set()
        leaver.join()

    assert visitors[0].closed
    assert vault.rows(DATABASES) == [(0,)]


WRITABLE = """
    SELECT c.oid::regclass::text FROM pg_class c
    WHERE c.relnamespace IN ('pms'::regnamespace, 'api'::regnamespace, 'sqitch'::regnamespace)
        AND c.relkind IN ('r', 'p', 'v', 'S')
        AND CASE c.relkind
            WHEN 'S' THEN has_sequence_privilege('pms_backup', c.oid, 'USAGE, UPDATE')
            ELSE has_table_privilege('pms_backup', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        END
"""
CALLABLE = """
    SELECT p.proname::text FROM pg_proc p
    WHERE p.pronamespace = 'api'::regnamespace
        AND has_function_privilege('pms_backup', p.oid, 'EXECUTE')
        AND NOT has_function_privilege('public', p.oid, 'EXECUTE')
"""


def test_the_role_of_backups_writes_nothing_but_their_record(vault: Vault) -> None:
    assert vault.rows(WRITABLE) == []
    assert vault.rows(CALLABLE) == [("record_backup",)]
    backup = vault.back_up()
    take.record(vault.database, backup, is_verified=True)

    record = "SELECT b.is_verified, b.stored_in, b.size_bytes FROM pms.backups b"
    assert vault.rows(record) == [(True, str(backup.folder), backup.size)]
    with psycopg.connect(vault.dsn("pms_backup"), autocommit=True) as conn:
        conn.execute("SET default_transaction_read_only = off")
        for statement in ("DELETE FROM pms.settings", "CREATE SCHEMA mine", "CREATE ROLE mine"):
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement.encode())


def test_only_its_owner_reads_a_backup(vault: Vault) -> None:
    backup = vault.back_up()

    modes = {
        path.name: oct(stat.S_IMODE(path.stat().st_mode))
        for path in (backup.folder, *backup.folder.iterdir())
    }
    assert modes == {"backup": "0o700", archive.DUMP: "0o600", archive.MANIFEST: "0o600"}
    assert json.loads((backup.folder / archive.MANIFEST).read_text())["version"]
    with pytest.raises(BackupError, match="exists: give the name of a new folder"):
        vault.back_up()


def test_a_backup_that_fails_leaves_nothing(vault: Vault) -> None:
    broken = replace(vault.database, environment={"PATH": str(vault.folder)})

    with pytest.raises(BackupError, match="pg_dump is not on PATH: install the client programs"):
        take.take(broken, vault.folder / "backup")

    assert list(vault.folder.iterdir()) == []


def test_the_metric_is_the_age_of_the_newest_verified_backup(vault: Vault) -> None:
    record = "SELECT api.record_backup(clock_timestamp() - interval '{}', {}, 'somewhere', 1)"
    age = "SELECT (api.get_metrics() ->> 'verified_backup_age_seconds')::integer / 60"
    born = "UPDATE pms.event_epoch SET number = (extract(EPOCH FROM now()) - 36000) * 1000"
    vault.rows(born)
    assert vault.rows(age) == [(600,)]

    for minutes, is_verified in (("90 min", True), ("30 min", True), ("5 min", False)):
        vault.rows(record.format(minutes, is_verified), "pms_operator")

    assert vault.rows(age) == [(30,)]
    with pytest.raises(psycopg.Error, match="taken_at is in the future"):
        vault.rows(record.format("-2 days", True), "pms_operator")


def test_pruning_keeps_the_newest(vault: Vault) -> None:
    names = ["20260101T000000Z", "20260102T000000Z", "20260103T000000Z"]
    for name in names:
        vault.back_up(name)
    (vault.folder / "20260104T000000Z.partial").mkdir()
    (vault.folder / "notes").mkdir()
    # One that cannot be read is as old as its name says.
    (vault.folder / names[0] / "manifest.json").write_text("{")

    archive.prune(vault.folder, keep=2)

    assert sorted(path.name for path in vault.folder.iterdir()) == [*names[1:], "notes"]
