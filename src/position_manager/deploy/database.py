"""Bring a database, wherever it is, to the present plan: roles, schema, settings, key, jobs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from position_manager.config.service import ServiceSettings
from position_manager.deploy import catalog, loader, migrations, pause
from position_manager.deploy.source import SourceError
from position_manager.gateway.limits import fingerprint, handle
from position_manager.paths import ROOT

DB = ROOT / "db"
BOOTSTRAP = DB / "bootstrap.sql"
OWNER = "pms_owner"
LOGINS = (OWNER, "pms_authenticator", "pms_operator", "pms_worker", "pms_analyst")
CONNECT_SECONDS = 5


class DeploymentError(Exception):
    """The database cannot be brought to the present plan; the text says why."""


@dataclass(frozen=True)
class Database:
    """A database and who may log into it."""

    host: str
    port: int
    name: str
    passwords: Mapping[str, str] = field(repr=False)
    """By role: the superuser and those of LOGINS that are to have one."""
    superuser: str = "postgres"
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the clients that are started: at least a PATH with sqitch and psql, and a HOME."""

    def conninfo(self, role: str, name: str | None = None) -> str:
        """A connection string as one of the roles."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=name or self.name,
            user=role,
            password=self.passwords[role],
            connect_timeout=CONNECT_SECONDS,
        )

    def target(self) -> str:
        """The database as sqitch names it; the password is in the environment."""
        return f"db:pg://{OWNER}@{self.host}:{self.port}/{self.name}"


def create(database: Database, extensions: Sequence[str] = ()) -> None:
    """Make the database and the roles, as the superuser, where they are missing.

    `extensions` are made before the plan is deployed: afterwards their functions would be closed
    to everybody, for the plan revokes EXECUTE by default.
    """
    superuser = database.superuser
    with psycopg.connect(database.conninfo(superuser, "postgres"), autocommit=True) as conn:
        found = "SELECT 1 FROM pg_database WHERE datname = %s"
        if conn.execute(found, [database.name]).fetchone() is None:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database.name)))
    with psycopg.connect(database.conninfo(superuser)) as conn:
        # Repeated each time, it says of what is already there that it is.
        conn.execute("SET client_min_messages = warning")
        conn.execute(BOOTSTRAP.read_bytes())
        for extension in extensions:
            statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
            conn.execute(statement.format(sql.Identifier(extension)))
        for role in LOGINS:
            if role in database.passwords:
                _set_password(conn, role, database.passwords[role])


@dataclass(frozen=True)
class Deployed:
    """The result of :func:`deploy_schema`."""

    migrations: list[str]
    """Names of the changes that sqitch deployed."""
    code: loader.Loaded
    paused_seconds: float | None
    """How long the service was paused; None when it was not."""

    def __bool__(self) -> bool:
        return bool(self.migrations or self.code)

    def __str__(self) -> str:
        if not self:
            return "the schema was up to date"
        migrations = f"{len(self.migrations)} migrations deployed, " if self.migrations else ""
        created, dropped = len(self.code.created), len(self.code.dropped)
        pause = (
            "" if self.paused_seconds is None else f", {self.paused_seconds:.1f} s without service"
        )
        return f"{migrations}{created} objects loaded, {dropped} dropped{pause}"


def deploy_schema(database: Database, *, recreate_dependents: bool = False) -> Deployed:
    """Deploy pending migrations, then load the code of the tree; the data stay.

    Unless the migrations only add objects, the service pauses meanwhile as for a database that is
    down: messages wait in their queues. When a step fails, the service stays paused and the next
    call goes on from there.
    """
    has_superuser = database.superuser in database.passwords
    role = database.superuser if has_superuser else OWNER
    with psycopg.connect(database.conninfo(role), autocommit=True) as conn:
        try:
            return _deploy_schema(database, conn, recreate_dependents)
        except (loader.LoadError, SourceError, migrations.MigrationError) as error:
            raise DeploymentError(str(error)) from error


def _deploy_schema(
    database: Database, conn: psycopg.Connection[Any], recreate_dependents: bool
) -> Deployed:
    plan, known = migrations.read_plan(ROOT), migrations.deployed(conn)
    is_former = migrations.has_former_plan(known)
    todo = plan if is_former else migrations.pending(plan, known)
    is_in_the_way = is_former or any(not one.only_adds for one in todo)
    began: float | None = None
    if is_in_the_way and catalog.existing(conn):
        began = time.monotonic()
        pause.pause(conn)
        try:
            if is_former:
                _leave_former_plan(conn, recreate_dependents)
            else:
                loader.unload(conn, DB, recreate_dependents=recreate_dependents)
        except BaseException:
            pause.resume(conn)
            raise
    if todo:
        # A registry that was emptied is filled again, without running the changes.
        known = migrations.deployed(conn)
        log_only = ["--log-only"] if migrations.wants_adoption(conn, known) else ["--verify"]
        done = _sqitch(database, "deploy", *log_only, database.target())
        if done.returncode != 0:
            raise DeploymentError(
                f"the deploy failed:\n{done.stdout}{done.stderr}"
                "The service stays paused, its messages wait: mend the cause and deploy again."
            )
    code = loader.load(conn, DB, recreate_dependents=recreate_dependents, everything=bool(todo))
    pause.resume(conn)
    paused = None if began is None else time.monotonic() - began
    return Deployed([one.name for one in todo], code, paused)


def _leave_former_plan(conn: psycopg.Connection[Any], recreate_dependents: bool) -> None:
    with conn.transaction():
        catalog.become_owner(conn)
        migrations.prepare_former_database(conn, ROOT)
        loader.unload(conn, DB, recreate_dependents=recreate_dependents)
        catalog.become_owner(conn)
        migrations.leave_former_plan(conn, ROOT)


def load_settings(database: Database, service: ServiceSettings, api_key: str | None) -> None:
    """Hand the settings of the environment and the first key to the database."""
    with psycopg.connect(database.conninfo(OWNER)) as conn:
        conn.execute("SELECT pms.load_settings(%s::jsonb)", [Jsonb(service.for_database())])
        if api_key is not None:
            # The database knows a key by its digests only.
            digest = sha256(api_key.encode()).digest()
            conn.execute(
                "SELECT pms.register_first_key(%s, %s, %s)",
                [digest, handle(api_key), fingerprint(api_key)],
            )


def maintain_partitions(database: Database) -> str:
    """Have the months that are to come ready, also where nobody runs jobs; what was done."""
    progress, done = None, ""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as conn:
        while True:
            row = conn.execute(
                "SELECT s.progress, s.done FROM pms.maintain_partitions(%s) s",
                [None if progress is None else Jsonb(progress)],
            ).fetchone()
            if row is not None:
                progress, done = row
            if progress is None:
                return done


def schedule_jobs(database: Database) -> str:
    """Have pg_cron run the service's jobs as the owner, where it is; what was done."""
    with psycopg.connect(database.conninfo(OWNER)) as conn:
        row = conn.execute("SELECT pms.schedule_jobs()").fetchone()
    return "" if row is None else str(row[0])


def _set_password(conn: psycopg.Connection, role: str, password: str) -> None:
    # Hashed here: no statement in a log or a view ever holds the password.
    verifier = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
    conn.execute(statement.format(sql.Identifier(role), verifier.decode()))


def _sqitch(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run sqitch as the owner."""
    env = {
        **database.environment,
        "PGHOST": database.host,
        "PGPORT": str(database.port),
        "PGDATABASE": database.name,
        "PGUSER": OWNER,
        "PGPASSWORD": database.passwords[OWNER],
        "SQITCH_FULLNAME": "Position Manager",
        "SQITCH_EMAIL": "position-manager@localhost",
    }
    return subprocess.run(
        ["sqitch", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
