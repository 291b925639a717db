"""Take a backup while the service runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from position_manager import __version__
from position_manager.backup import cluster, content, programs
from position_manager.backup.archive import (
    DUMP,
    Backup,
    BackupError,
    Manifest,
    digest,
    new_folder,
    write_manifest,
)
from position_manager.backup.programs import Progress
from position_manager.deploy import loader, migrations
from position_manager.deploy.catalog import BACKUP
from position_manager.deploy.database import Database

PATIENCE = 60.0
PAUSE = 0.25
FACTS = """
    SELECT pg_catalog.pg_export_snapshot(),
        to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        current_setting('server_version_num')::integer
"""
RECORD = "SELECT api.record_backup(%s, %s, %s, %s)"


def take(database: Database, folder: Path, progress: Progress = lambda _table: None) -> Backup:
    """Back up a database to a new folder, as the role of backups.

    The archive, the digests of the tables and the roles are those of one snapshot. A deployment
    waits for a backup, and the maintenance of partitions is tried again later. Nothing is written
    to the database.
    """
    with _connected(database) as conn, new_folder(folder) as partial:
        _await_deployment(conn)
        conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = conn.execute(FACTS).fetchone()
        assert row is not None
        snapshot, taken_at, server_version = row
        programs.require("pg_dump", database.environment, server_version)
        # Read first: the tables are those of the snapshot, and pg_dump takes their locks.
        known = migrations.deployed(conn)
        if not known:
            raise BackupError(f"{database.name} has no schema of the service: nothing to back up")
        arguments = [
            "pg_dump",
            "--verbose",
            "--format=custom",
            # Jobs are kept in the manifest: pg_cron's tables cannot be restored.
            "--exclude-schema=cron",
            f"--snapshot={snapshot}",
            f"--file={partial / DUMP}",
        ]
        programs.run(arguments, database.libpq(BACKUP), progress)
        manifest = Manifest(
            version=__version__,
            taken_at=taken_at,
            server_version=server_version,
            database=database.name,
            changes=known,
            tables=content.of(conn),
            cluster=cluster.read(conn),
            dump_sha256=digest(partial / DUMP),
        )
        conn.execute("COMMIT")
        write_manifest(partial, manifest)
    return Backup(folder, manifest)


def record(database: Database, backup: Backup, is_verified: bool) -> None:
    """Record a backup in its database, for the metric of its age."""
    with _connected(database) as conn:
        conn.execute("SET default_transaction_read_only = off")
        values = [backup.manifest.taken_at, is_verified, str(backup.folder), backup.size]
        conn.execute(RECORD, values)


@contextmanager
def _connected(database: Database) -> Iterator[psycopg.Connection[Any]]:
    if BACKUP not in database.passwords:
        raise BackupError("the password of the role pms_backup is missing: set PMS_BACKUP_PASSWORD")
    try:
        with psycopg.connect(database.conninfo(BACKUP), autocommit=True) as conn:
            yield conn
    except psycopg.Error as error:
        raise BackupError(f"{database.name} cannot be backed up: {error}".strip()) from error


def _await_deployment(conn: psycopg.Connection[Any]) -> None:
    """Wait for a deployment; the next one waits until this session ends."""
    deadline = time.monotonic() + PATIENCE
    lock = f"SELECT pg_try_advisory_lock_shared({loader.LOCK})"
    while conn.execute(lock.encode()).fetchone() != (True,):
        if time.monotonic() > deadline:
            raise BackupError("a deployment is running: take the backup when it has ended")
        time.sleep(PAUSE)
