"""Restore a backup: into a database that is to serve, or into one that is dropped again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from position_manager.backup import cluster, content, programs
from position_manager.backup.archive import Backup, BackupError
from position_manager.backup.programs import Progress
from position_manager.deploy import database as deployment
from position_manager.deploy import migrations, pause
from position_manager.deploy.catalog import BACKUP
from position_manager.deploy.database import Database, DeploymentError
from position_manager.paths import ROOT

LOCK_TIMEOUT = "60s"
# pg_cron, pg_stat_statements and PostgreSQL's own functions: db/bootstrap.sql creates the two
# extensions, and grants what is granted on them.
OF_EXTENSIONS = re.compile(
    r"^\d+; \d+ \d+ ("
    r"(EXTENSION|COMMENT) - .*\bpg_cron\b"
    r"|[A-Z ]+ cron "
    r"|ACL - SCHEMA cron "
    r"|ACL pg_catalog "
    r"|ACL public (\w+ )?\w*pg_stat_statements)"
)
# What the role of backups restores in order to compare: no extensions, which need a superuser.
OURS = re.compile(r"^\d+; \d+ \d+ ([A-Z ]+|SCHEMA -) (pms|api|compat|sqitch) ")
CLEAR = f"""
SET lock_timeout = '{LOCK_TIMEOUT}';
SET client_min_messages = warning;
DO $clear$
DECLARE
    v_schema name;
BEGIN
    FOR v_schema IN
        SELECT n.nspname
        FROM pg_namespace n
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND NOT EXISTS (
                SELECT FROM pg_depend d
                WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'
            )
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', v_schema);
    END LOOP;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
END
$clear$;
"""
# Greater than those of the backup, also on a server with a lower timeline, and of the content that
# is replaced; by the clock, than that of an earlier restoration into a database that is gone.
NEW_EPOCH = """
UPDATE pms.event_epoch
SET number = greatest(
    number + 1000000, {known} + 1, floor(extract(EPOCH FROM clock_timestamp()) * 1000)
);
"""
HAS_EPOCH = "SELECT to_regclass('pms.event_epoch') IS NOT NULL"
EXISTS = "SELECT EXISTS (SELECT FROM pg_database d WHERE d.datname = %s)"
# Nothing that a replacement would drop but the extension that db/bootstrap.sql creates in public.
IS_EMPTY = """
    SELECT NOT EXISTS (
        SELECT FROM pg_namespace n
        LEFT JOIN pg_depend d
            ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
            AND NOT EXISTS (
                SELECT FROM pg_extension x
                WHERE d.classid = 'pg_extension'::regclass AND x.oid = d.objid
                    AND x.extname = 'pg_stat_statements'
            )
            AND NOT EXISTS (
                SELECT FROM pg_depend e
                WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e'
            )
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND NOT EXISTS (
                SELECT FROM pg_depend e
                WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e'
            )
            AND (n.nspname <> 'public' OR d.objid IS NOT NULL)
    )
"""
SCRATCH = "pms_verify_"
# Of verifications that were killed.
LEFT = """
    SELECT d.datname FROM pg_database d
    WHERE d.datname LIKE %s AND d.datdba = current_user::regrole
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
"""


@dataclass(frozen=True)
class Restored:
    """The result of :func:`restore`."""

    deployed: deployment.Deployed
    roles: list[str]
    """Roles of others that were created."""
    epoch: int
    """That of the events from now on."""
    jobs_left_out: dict[str, str]
    """The statements of jobs of others that could not be scheduled, with the reason."""


def restore(
    database: Database,
    backup: Backup,
    *,
    replace_content: bool = False,
    after_epoch: int = 0,
    progress: Progress = lambda _table: None,
) -> Restored:
    """Restore a backup into a database, which is created unless it exists; then deploy the tree.

    A database that is not empty is refused, or replaced as a whole: the service pauses, and its
    former content stays when the restoration fails. The archive is restored in one transaction,
    which ends with a comparison of every table with the backup and begins a new epoch of events,
    greater than `after_epoch`. Jobs of others are scheduled last, when the service runs again.
    """
    superuser = database.superuser
    if superuser not in database.passwords:
        raise BackupError(
            "a superuser restores a backup: set POSTGRES_SUPERUSER_PASSWORD and POSTGRES_SUPERUSER"
        )
    _check(database, backup, replace_content)
    deployment.create(database)
    with psycopg.connect(database.conninfo(superuser), autocommit=True) as conn:
        created = cluster.create_roles(conn, backup.manifest.cluster, frozenset(database.passwords))
        has_epoch = conn.execute(HAS_EPOCH).fetchone() == (True,)
        known = _number(conn, "SELECT max(e.number) FROM pms.event_epoch e") if has_epoch else 0
        was_paused = pause.is_paused(conn)
        try:
            pause.pause(conn)
            programs.replay(
                backup.dump,
                [
                    entry
                    for entry in programs.table_of_contents(backup.dump, database.environment)
                    if not OF_EXTENSIONS.match(entry)
                ],
                [],
                database.libpq(superuser),
                CLEAR,
                content.comparison(conn, backup.manifest.tables)
                + NEW_EPOCH.format(known=max(known, after_epoch)),
                progress,
            )
        except BaseException:
            if not was_paused:
                pause.resume(conn)
            raise
    with after_restoring():
        # The extensions of the archive are there now, and the service comes back.
        deployment.create(database)
        deployed = deployment.deploy_schema(database)
        with psycopg.connect(database.conninfo(superuser), autocommit=True) as conn:
            left_out = cluster.schedule_jobs(conn, backup.manifest.cluster)
            epoch = _number(conn, "SELECT pms.current_epoch()")
    return Restored(deployed, created, epoch, left_out)


@contextmanager
def after_restoring(*failures: type[Exception]) -> Iterator[None]:
    """Raise :class:`BackupError` for a failure after the content has been restored.

    `failures` are those of a step of the caller, beside the errors of the database.
    """
    caught: tuple[type[Exception], ...] = (psycopg.Error, DeploymentError, *failures)
    try:
        yield
    except caught as error:
        raise BackupError(
            f"the backup is restored, but a later step failed: {str(error).strip()}\n"
            "Fix the cause, then deploy:  make up,  or  position-manager deploy"
        ) from error


def verify(
    database: Database, backup: Backup, progress: Progress = lambda _table: None
) -> dict[str, Any]:
    """Restore a backup into a database of its own, compare every table and fold the ledger.

    Needs nothing but the role of backups. Returns the result of ``api.verify_ledger``, which is
    that of the moment of the backup; raises :class:`BackupError` when a table differs.
    """
    backup.check()
    programs.require("pg_restore", database.environment, backup.manifest.server_version)
    with _scratch(database) as scratch:
        options = ["--no-owner", "--no-privileges"]
        entries = programs.table_of_contents(backup.dump, database.environment)
        writable = scratch.libpq(BACKUP) | {"PGOPTIONS": "-c default_transaction_read_only=off"}
        with psycopg.connect(scratch.conninfo(BACKUP), autocommit=True) as conn:
            conn.execute("SET default_transaction_read_only = off")
            tables = {
                name: table
                for name, table in backup.manifest.tables.items()
                if name.split(".")[0] in ("pms", "api", "compat", "sqitch")
            }
            programs.replay(
                backup.dump,
                [entry for entry in entries if OURS.match(entry)],
                options,
                writable,
                "SET client_min_messages = warning;",
                content.comparison(conn, tables),
                progress,
            )
            return verify_ledger(conn)


def verify_ledger(conn: psycopg.Connection[Any]) -> dict[str, Any]:
    """Fold the whole ledger and compare it with what is stored."""
    row = conn.execute("SELECT api.verify_ledger()").fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def _number(conn: psycopg.Connection[Any], query: LiteralString) -> int:
    """The result of a query; 0 for none."""
    row = conn.execute(query).fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def _check(database: Database, backup: Backup, replace_content: bool) -> None:
    """Raise :class:`BackupError`, before any change, for what prevents a restoration."""
    backup.check()
    try:
        migrations.pending(
            migrations.read_plan(ROOT), backup.manifest.changes, backup.manifest.version
        )
    except migrations.MigrationError as error:
        raise BackupError(
            f"{backup.folder} was made by version {backup.manifest.version}, and this one cannot"
            f" restore it: {error}"
        ) from error
    try:
        with psycopg.connect(database.conninfo(database.superuser, "postgres")) as conn:
            version = conn.info.server_version
            exists = conn.execute(EXISTS, [database.name]).fetchone() == (True,)
    except psycopg.OperationalError as error:
        raise BackupError(f"the server does not answer: {error}".strip()) from error
    if version // 10000 < backup.manifest.server_version // 10000:
        raise BackupError(
            f"the backup is that of PostgreSQL {backup.manifest.server_version // 10000}, and the"
            f" server has {version // 10000}: restore it into the same version or a newer one"
        )
    programs.require("pg_restore", database.environment, backup.manifest.server_version)
    if exists and not replace_content:
        with psycopg.connect(database.conninfo(database.superuser)) as conn:
            if conn.execute(IS_EMPTY).fetchone() != (True,):
                raise BackupError(
                    f"the database {database.name} is not empty, and nothing was changed."
                    " To replace all of its content by the backup, add  --replace"
                )


@contextmanager
def _scratch(database: Database) -> Iterator[Database]:
    """A database of the role of backups, which nobody else can connect to."""
    name = sql.Identifier(SCRATCH + secrets.token_hex(6))
    try:
        with psycopg.connect(database.conninfo(BACKUP, "postgres"), autocommit=True) as conn:
            conn.execute("SET default_transaction_read_only = off")
            for (left,) in conn.execute(LEFT, [f"{SCRATCH}%"]).fetchall():
                conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(left)))
            conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
            try:
                conn.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
                yield replace(database, name=name.as_string(conn).strip('"'))
            finally:
                # Ends autovacuum and waits for other sessions. With FORCE it would fail on them:
                # the role of backups may not end what is not its own.
                conn.execute(sql.SQL("DROP DATABASE {}").format(name))
    except psycopg.Error as error:
        raise BackupError(f"the backup cannot be verified: {error}".strip()) from error
