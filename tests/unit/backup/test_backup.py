"""Backups are taken under load, verified by the role of backups, and restored as a whole."""

from __future__ import annotations

import json
import stat
import threading
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors

from position_manager.backup import archive, restore, take
from position_manager.backup.archive import Backup, BackupError
from position_manager.deploy import pause
from tests.helpers.ledger_check import assert_verified
from tests.helpers.sessions import Load, apply, assert_exact, session
from tests.unit.backup.conftest import Kept, Vault

# The role of backups may connect a few times to the whole server.
pytestmark = pytest.mark.xdist_group("backup")
FILLS = 400
EPOCH = "SELECT pms.current_epoch()"
EVENT_EPOCHS = "SELECT DISTINCT (o.payload ->> 'epoch')::bigint FROM pms.outbox o ORDER BY 1"
SCRATCH = "SELECT d.datname::text FROM pg_database d WHERE d.datname LIKE 'pms_verify_%'"
DROPPING = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity a
        WHERE a.usename = 'pms_backup' AND a.state = 'active' AND a.query LIKE 'DROP DATABASE%'
    )
"""
PUBLIC = "SELECT has_database_privilege('public', current_database(), 'CONNECT')"
OBJECTS = (
    "CREATE SCHEMA mine",
    "CREATE TABLE public.mine ()",
    "CREATE TYPE public.mine AS ENUM ()",
    "CREATE FUNCTION public.mine() RETURNS integer RETURN 1",
    "CREATE EXTENSION hstore SCHEMA public",
)
DATABASES = "SELECT count(*) FROM pg_database d WHERE d.datname LIKE 'pms_verify_%'"


def test_a_drill_loses_nothing_and_doubles_nothing(vault: Vault, seed: int) -> None:
    played = session(seed, FILLS)
    with Load(vault.dsn("pms_worker"), played.messages).running() as load:
        load.wait_for(2)
        assert not load.is_finished(), "the backup is not taken under load"
        backup = vault.back_up()
    assert load.failures == []
    assert load.is_finished()
    kept = vault.rows("SELECT count(*) FROM api.fills")
    ((before,),) = vault.rows(EPOCH)

    vault.destroy()
    # Of an earlier restoration, whose clock was ahead.
    ahead = before + 10**12
    restored = vault.restore(backup, after_epoch=ahead)

    assert (0,) < vault.rows("SELECT count(*) FROM api.fills")[0] <= kept[0]
    assert_verified(vault.dsn("postgres"))
    # Everything is sent again: what waits in the queues, and what was applied before.
    apply(vault.dsn("pms_worker"), played.messages)
    assert_exact(vault.dsn(), played)
    assert_verified(vault.dsn("postgres"))
    # Events of before the backup keep their epoch, later ones announce lower versions.
    ((after,),) = vault.rows(EPOCH)
    assert after == restored.epoch > ahead
    assert vault.rows(EVENT_EPOCHS) == [(before,), (after,)]


def test_an_event_has_the_epoch_of_the_server_and_the_database(kept: Kept) -> None:
    timeline = "SELECT c.timeline_id FROM pg_control_checkpoint() c"
    ((number,),) = kept.vault.rows("SELECT e.number FROM pms.event_epoch e")

    assert kept.vault.rows(EPOCH) == [(number + kept.vault.rows(timeline)[0][0],)]


def test_a_database_that_is_not_empty_is_replaced_on_request_only(vault: Vault, kept: Kept) -> None:
    fills = [(kept.fills,)]
    apply(vault.dsn("pms_worker"), kept.played.messages)
    vault.rows("CREATE SCHEMA reports CREATE VIEW v AS SELECT p.size FROM api.positions p")
    vault.rows(f"GRANT CONNECT ON DATABASE {vault.database.name} TO PUBLIC")
    # As after a restoration whose clock was ahead.
    vault.rows("UPDATE pms.event_epoch SET number = number + 10^12")
    ((ahead,),) = vault.rows(EPOCH)

    with pytest.raises(BackupError, match=r"is not empty, and nothing was changed.*--replace"):
        vault.restore(kept.backup)
    assert vault.rows("SELECT count(*) > 0 FROM reports.v") == [(True,)]
    assert vault.rows(PUBLIC) == [(True,)]
    vault.restore(kept.backup, replace=True)

    assert vault.rows("SELECT to_regclass('reports.v')") == [(None,)]
    assert vault.rows("SELECT count(*) FROM api.fills") == fills
    assert vault.rows("SELECT 1", "pms_worker") == [(1,)]
    assert vault.rows(EPOCH)[0][0] > ahead


def test_a_database_is_empty_without_anything_that_a_replacement_drops(kept: Kept) -> None:
    with psycopg.connect(kept.vault.dsn("postgres")) as conn:
        conn.execute(restore.CLEAR.encode())
        assert conn.execute(restore.IS_EMPTY.encode()).fetchone() == (True,)
        for statement in OBJECTS:
            with conn.transaction(force_rollback=True):
                conn.execute(statement.encode())
                assert conn.execute(restore.IS_EMPTY.encode()).fetchone() == (False,), statement
        conn.rollback()


def test_a_restoration_that_fails_keeps_what_was_there(kept: Kept) -> None:
    tables = kept.backup.manifest.tables
    changed = replace(tables["pms.instruments"], rows=7)
    other = replace(kept.backup.manifest, tables=tables | {"pms.instruments": changed})

    with pytest.raises(BackupError, match=r"rows of pms.instruments are not those of the backup"):
        kept.vault.restore(Backup(kept.backup.folder, other), replace=True)

    kept.assert_untouched()


def test_an_archive_that_ends_early_changes_nothing(kept: Kept, copy: Backup) -> None:
    content = copy.dump.read_bytes()
    copy.dump.write_bytes(content[:-200])
    cut = replace(copy.manifest, dump_sha256=archive.digest(copy.dump), tables={})

    with pytest.raises(BackupError, match="pg_restore failed"):
        kept.vault.restore(Backup(copy.folder, cut), replace=True)

    kept.assert_untouched()


def test_a_restoration_that_fails_leaves_a_paused_service_paused(kept: Kept) -> None:
    tables = {"pms.gone": archive.Content(1, "1")}
    other = Backup(kept.backup.folder, replace(kept.backup.manifest, tables=tables))
    with psycopg.connect(kept.vault.dsn("postgres"), autocommit=True) as conn:
        pause.pause(conn)

        with pytest.raises(BackupError, match="tables are not those of the backup"):
            kept.vault.restore(other, replace=True)

        assert pause.is_paused(conn)
        pause.resume(conn)


def test_a_damaged_backup_is_refused_before_anything_is_changed(kept: Kept, copy: Backup) -> None:
    content = bytearray(copy.dump.read_bytes())
    content[len(content) // 2] ^= 1
    copy.dump.write_bytes(content)

    for use in (kept.vault.restore, lambda damaged: restore.verify(kept.vault.database, damaged)):
        with pytest.raises(BackupError, match=r"database.dump is missing or damaged"):
            use(copy)
    copy.dump.unlink()
    with pytest.raises(BackupError, match=r"database.dump is missing or damaged"):
        kept.vault.restore(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"changes": {"base/future": "x"}, "version": "9.0"}, "does not know: base/future"),
        ({"server_version": 990001}, r"is that of PostgreSQL 99, and the\s+server has"),
    ],
)
def test_a_backup_of_a_newer_version_is_refused(
    kept: Kept, change: dict[str, Any], message: str
) -> None:
    newer = Backup(kept.backup.folder, replace(kept.backup.manifest, **change))

    with pytest.raises(BackupError, match=message):
        kept.vault.restore(newer, replace=True)


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


def test_the_role_of_backups_verifies_one_by_restoring_it(kept: Kept) -> None:
    found = restore.verify(kept.vault.database, kept.backup)

    assert (found["entries"], found["discrepancies"]) == (kept.fills, 0)
    assert kept.vault.rows(DATABASES) == [(0,)]


def test_a_verification_that_fails_waits_for_a_session_of_the_server(kept: Kept) -> None:
    """Such as one of autovacuum, which the role of backups may not end."""
    vault, tables = kept.vault, kept.backup.manifest.tables
    wrong = replace(tables["pms.settings"], digest="1")
    other = replace(kept.backup.manifest, tables=tables | {"pms.settings": wrong})
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
        with pytest.raises(BackupError, match=r"rows of pms.settings are not those of the backup"):
            restore.verify(vault.database, Backup(kept.backup.folder, other), visit)
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


def test_the_role_of_backups_writes_nothing_but_their_record(kept: Kept) -> None:
    vault, backup = kept.vault, kept.backup
    assert vault.rows(WRITABLE) == []
    assert vault.rows(CALLABLE) == [("record_backup",)]
    take.record(vault.database, backup, is_verified=True)

    record = "SELECT b.is_verified, b.stored_in, b.size_bytes FROM pms.backups b"
    assert vault.rows(record) == [(True, str(backup.folder), backup.size)]
    with psycopg.connect(vault.dsn("pms_backup"), autocommit=True) as conn:
        conn.execute("SET default_transaction_read_only = off")
        for statement in ("DELETE FROM pms.settings", "CREATE SCHEMA mine", "CREATE ROLE mine"):
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement.encode())


def test_only_its_owner_reads_a_backup(kept: Kept) -> None:
    backup = kept.backup

    modes = {
        path.name: oct(stat.S_IMODE(path.stat().st_mode))
        for path in (backup.folder, *backup.folder.iterdir())
    }
    assert modes == {"backup": "0o700", archive.DUMP: "0o600", archive.MANIFEST: "0o600"}
    assert json.loads((backup.folder / archive.MANIFEST).read_text())["version"]
    with pytest.raises(BackupError, match="exists: give the name of a new folder"):
        kept.vault.back_up()


def test_a_backup_that_fails_leaves_nothing(kept: Kept, tmp_path: Path) -> None:
    broken = replace(kept.vault.database, environment={"PATH": str(tmp_path)})

    with pytest.raises(BackupError, match="pg_dump is not on PATH: install the client programs"):
        take.take(broken, tmp_path / "backup")

    assert list(tmp_path.iterdir()) == []


def test_older_client_programs_are_refused(kept: Kept, tmp_path: Path) -> None:
    for program in ("pg_dump", "pg_restore"):
        older = tmp_path / program
        older.write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) 9.6.24'\n")
        older.chmod(0o755)
    path = f"{tmp_path}:{kept.vault.database.environment['PATH']}"
    database = replace(kept.vault.database, environment={"PATH": path})

    message = r"for data of PostgreSQL \d+: its version is {} \(PostgreSQL\) 9\.6.*DEBIAN_IMAGE"
    with pytest.raises(BackupError, match=message.format("pg_dump")):
        take.take(database, tmp_path / "backup")
    with pytest.raises(BackupError, match=message.format("pg_restore")):
        restore.verify(database, kept.backup)


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


def test_pruning_keeps_the_newest(tmp_path: Path) -> None:
    names = ["20260101T000000Z", "20260102T000000Z", "20260103T000000Z"]
    for name in (*names, "20260104T000000Z.partial", "notes"):
        (tmp_path / name).mkdir()
        # One that cannot be read is as old as its name says.
        (tmp_path / name / archive.MANIFEST).write_text("{")

    archive.prune(tmp_path, keep=2)

    assert sorted(path.name for path in tmp_path.iterdir()) == [*names[1:], "notes"]
