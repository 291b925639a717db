"""Bring a database, wherever it is, to the present plan: roles, schema, settings, key, jobs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from position_manager.config.service import ServiceSettings
from position_manager.gateway.limits import fingerprint, handle
from position_manager.paths import ROOT

BOOTSTRAP = ROOT / "db" / "bootstrap.sql"
OWNER = "pms_owner"
LOGINS = (OWNER, "pms_authenticator", "pms_operator", "pms_worker", "pms_analyst")
CONNECT_SECONDS = 5


class DeploymentError(Exception):
    """The database cannot be brought to the present plan; the text says why."""


class EditedError(DeploymentError):
    """A change that the database already has was edited since. Nothing was touched."""


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


def deploy_plan(database: Database) -> bool:
    """Deploy what the database does not have yet of ``sqitch.plan``; whether there was anything.

    Its data stay.
    """
    target = f"db:pg://{OWNER}@{database.host}:{database.port}/{database.name}"
    if _has_registry(database):
        checked = _sqitch(database, "check", target)
        if checked.returncode != 0:
            raise EditedError((checked.stdout + checked.stderr).strip())
    done = _sqitch(database, "deploy", "--verify", target)
    if done.returncode != 0:
        raise DeploymentError(f"the deploy failed:\n{done.stdout}{done.stderr}")
    if done.stdout.startswith("Nothing to deploy"):
        return False
    # A PostgREST that runs already knows the former functions only.
    with psycopg.connect(database.conninfo(OWNER)) as conn:
        conn.execute("NOTIFY pgrst, 'reload schema'")
    return True


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


def keep_partitions(database: Database) -> str:
    """Have the months that are to come ready, also where nobody runs jobs; what was done."""
    progress, done = None, ""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as conn:
        while True:
            row = conn.execute(
                "SELECT s.progress, s.done FROM pms.keep_partitions(%s) s",
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


def _has_registry(database: Database) -> bool:
    with psycopg.connect(database.conninfo(OWNER)) as conn:
        row = conn.execute("SELECT to_regclass('sqitch.changes') IS NOT NULL").fetchone()
    return row == (True,)


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
