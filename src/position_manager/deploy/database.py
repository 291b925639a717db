"""Deploy to a database: roles, schema, settings, first key, scheduled jobs."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from position_manager import __version__
from position_manager.config.database import servers
from position_manager.config.service import ServiceSettings
from position_manager.deploy import catalog, loader, migrations, others, pause
from position_manager.deploy.catalog import LOGINS, OWNER, Key
from position_manager.deploy.source import SourceError, read_tree
from position_manager.gateway.limits import fingerprint, handle
from position_manager.paths import ROOT

BOOTSTRAP = ROOT / "db" / "bootstrap.sql"
CONNECT_SECONDS = 5
# The variables of its environment that have these parameters.
LIBPQ = {"host": "PGHOST", "port": "PGPORT", "target_session_attrs": "PGTARGETSESSIONATTRS"}
PAUSED = "The service is paused, its messages wait: fix the cause, then deploy again."
PERHAPS_PAUSED = "The service may be paused: fix the cause, then deploy again."
OTHER_PATIENCE = 60.0
OTHER_PAUSE = 0.25


class DeploymentError(Exception):
    """The deployment failed; the text says why."""


@dataclass(frozen=True)
class Database:
    """A database with the passwords of its roles."""

    host: str
    port: str
    """Hosts and ports as libpq has them: of several, the primary is used."""
    name: str
    passwords: Mapping[str, str] = field(repr=False)
    """By role: the superuser and those of LOGINS that are to have one."""
    superuser: str = "postgres"
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the clients that are started: at least a PATH with sqitch and psql, and a HOME."""
    channel: str = loader.CHANNEL
    """On which PostgREST listens. Any session may notify, but only if it knows the name."""

    def conninfo(self, role: str, name: str | None = None) -> str:
        """A connection string as one of the roles."""
        return make_conninfo(
            **servers(self.host, self.port),
            dbname=name or self.name,
            user=role,
            password=self.passwords[role],
            connect_timeout=CONNECT_SECONDS,
        )

    def libpq(self, role: str) -> dict[str, str]:
        """The environment of a client that connects as one of the roles."""
        return {
            **self.environment,
            **{LIBPQ[name]: value for name, value in servers(self.host, self.port).items()},
            "PGDATABASE": self.name,
            "PGUSER": role,
            "PGPASSWORD": self.passwords[role],
        }

    def target(self) -> str:
        """The database as sqitch names it; the environment has everything else."""
        return f"db:pg:{self.name}"


def create(database: Database, extensions: Sequence[str] = ()) -> None:
    """Create the database and the roles, unless they exist, as the superuser.

    `extensions` are created before the deployment, which revokes EXECUTE on later functions from
    PUBLIC by default.
    """
    superuser = database.superuser
    with psycopg.connect(database.conninfo(superuser, "postgres"), autocommit=True) as conn:
        found = "SELECT 1 FROM pg_database WHERE datname = %s"
        if conn.execute(found, [database.name]).fetchone() is None:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database.name)))
        # Roles are those of the whole server: two databases are not prepared at once. Only a
        # superuser can take this lock, and it blocks nobody else.
        with conn.transaction():
            conn.execute("LOCK TABLE pg_catalog.pg_authid IN SHARE UPDATE EXCLUSIVE MODE")
            _prepare(database, extensions)


def _prepare(database: Database, extensions: Sequence[str]) -> None:
    with psycopg.connect(database.conninfo(database.superuser)) as conn:
        # Hides the notices about objects that exist already.
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
    """How long this deployment paused the service; None when it did not."""
    was_paused: bool
    """Whether an earlier deployment had failed and left the service paused."""

    def __bool__(self) -> bool:
        return bool(self.migrations or self.code or self.was_paused)

    def __str__(self) -> str:
        if not self:
            return "the schema was up to date"
        parts = [str(self.code)]
        if self.migrations:
            parts.insert(0, f"migrations deployed: {len(self.migrations)}")
        if self.was_paused:
            parts.append("the paused service resumes")
        if self.paused_seconds is not None:
            parts.append(f"{self.paused_seconds:.1f} s without service")
        return "\n".join([", ".join(parts), *self.code.ended()])


def deploy_schema(
    database: Database, *, tree: Path = ROOT, recreate_dependents: bool = False
) -> Deployed:
    """Deploy pending migrations, then load the code of `tree`; the data stay.

    Migrations run under traffic up to the first that does not only add objects. From there on the
    service pauses as for a database that is down: messages wait in their queues. When a step fails,
    the service stays paused and the next call goes on from there. Of two deployments at once, one
    waits for the other.
    """
    with _connected(database) as conn:
        return _deploy_schema(database, conn, tree, recreate_dependents)


def check(database: Database, *, tree: Path = ROOT) -> None:
    """Raise DeploymentError when `tree` is unreadable or not a later one than the database's.

    A database that does not answer, or does not exist yet, has nothing to be compared with.
    """
    try:
        plan = migrations.read_plan(tree)
        read_tree(tree / "db")
        with psycopg.connect(database.conninfo(OWNER), autocommit=True) as conn:
            known, deployed_by = migrations.deployed(conn), migrations.version(conn)
        if not migrations.has_former_plan(known):
            migrations.pending(plan, known, deployed_by)
    except psycopg.OperationalError:
        return
    except _FAILURES as error:
        raise DeploymentError(str(error)) from error


def load_code(database: Database, *, tree: Path = ROOT) -> loader.Loaded:
    """Load the code of `tree` under traffic; refuse where a deployment has to come first."""
    with _connected(database) as conn:
        plan, known = migrations.read_plan(tree), migrations.deployed(conn)
        deployed_by = migrations.version(conn)
        if migrations.has_former_plan(known) or migrations.pending(plan, known, deployed_by):
            raise migrations.MigrationError("migrations are pending: deploy them first")
        if pause.is_paused(conn):
            raise migrations.MigrationError("a deployment failed: finish it first")
        loaded = loader.load(conn, tree / "db", channel=database.channel)
        conn.execute("SELECT pms.record_version(%s)", [__version__])
        return loaded


_FAILURES = (
    loader.LoadError,
    SourceError,
    migrations.MigrationError,
    psycopg.Error,
    OSError,
)


@contextmanager
def _connected(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A session that has the lock of deployments, and acts as the owner."""
    has_superuser = database.superuser in database.passwords
    role = database.superuser if has_superuser else OWNER
    with psycopg.connect(database.conninfo(role), autocommit=True) as conn:
        try:
            # What the owner could have defined must not run as a superuser.
            conn.execute(f"SET ROLE {OWNER}")
            _await_others(conn)
            yield conn
        except _FAILURES as error:
            raise DeploymentError(f"{error}{_pause_left(conn)}") from error


def _pause_left(conn: psycopg.Connection[Any]) -> str:
    """A line about the service after a failure; empty where it is not paused."""
    try:
        return f"\n{PAUSED}" if pause.is_paused(conn) else ""
    except psycopg.Error:
        return f"\n{PERHAPS_PAUSED}"


def _await_others(conn: psycopg.Connection[Any]) -> None:
    """Wait for other deployments, loads and backups; the lock ends with the session."""
    deadline = time.monotonic() + OTHER_PATIENCE
    # A statement that waits would hold up a CREATE INDEX CONCURRENTLY of the other deployment.
    while conn.execute(f"SELECT pg_try_advisory_lock({loader.LOCK})").fetchone() != (True,):
        if time.monotonic() > deadline:
            raise DeploymentError(
                f"another deployment, or a backup, is still running after {OTHER_PATIENCE:.0f} s:"
                " deploy again when it has ended"
            )
        time.sleep(OTHER_PAUSE)


def _deploy_schema(
    database: Database, conn: psycopg.Connection[Any], tree: Path, recreate_dependents: bool
) -> Deployed:
    plan, known = migrations.read_plan(tree), migrations.deployed(conn)
    is_former = migrations.has_former_plan(known)
    todo = plan if is_former else migrations.pending(plan, known, migrations.version(conn))
    was_paused = catalog.is_deployed(conn) and pause.is_paused(conn)
    has_code = is_former or (catalog.is_deployed(conn) and bool(catalog.existing(conn)))
    if todo:
        _require_sqitch(database)
        _require_encoding(conn)
        _require_roles(conn)
    began: float | None = None
    granted: dict[str, Key] = {}
    if has_code and any(not one.only_adds for one in todo):
        # A tree that cannot be read must not pause the service.
        read_tree(tree / "db")
        if not is_former and (first := list(takewhile(lambda one: one.only_adds, todo))):
            # They may take long, such as a copy of the ledger, and no code is in their way.
            _migrate(database, conn, tree, to=first[-1].name)
        began = time.monotonic()
        if not is_former:
            granted = others.service_grants(conn, catalog.existing(conn))
        _make_way(conn, tree, is_former, recreate_dependents)
    if todo:
        _migrate(database, conn, tree)
    code = loader.load(
        conn,
        tree / "db",
        recreate_dependents=recreate_dependents,
        granted=granted,
        channel=database.channel,
    )
    conn.execute("SELECT pms.record_version(%s)", [__version__])
    pause.resume(conn)
    paused = None if began is None else time.monotonic() - began
    return Deployed([one.name for one in todo], code, paused, was_paused)


def _make_way(
    conn: psycopg.Connection[Any], tree: Path, is_former: bool, recreate_dependents: bool
) -> None:
    """Pause the service and drop the code; where that fails, nothing has changed."""
    was_paused = pause.is_paused(conn)
    pause.pause(conn)
    try:
        with conn.transaction():
            if is_former:
                migrations.prepare_former_database(conn, tree)
            loader.unload(conn, recreate_dependents=recreate_dependents)
            if is_former:
                migrations.leave_former_plan(conn, tree)
    except BaseException:
        if not was_paused:
            pause.resume(conn)
        raise
    # Jobs that began before the code was gone.
    pause.end_sessions(conn)


def _require_encoding(conn: psycopg.Connection[Any]) -> None:
    encoding = conn.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DeploymentError(
            f"the database has the encoding {encoding}: create it with ENCODING 'UTF8'"
        )


def _require_roles(conn: psycopg.Connection[Any]) -> None:
    """Refuse before anything changes: a migration that needs a role would fail behind the pause."""
    missing = "SELECT r FROM unnest(%s::text[]) r WHERE to_regrole(quote_ident(r)) IS NULL"
    if names := [name for (name,) in conn.execute(missing, [list(catalog.ROLES)]).fetchall()]:
        raise DeploymentError(
            f"the server has no role {', '.join(names)}. Nothing was changed: run db/bootstrap.sql"
            " as a superuser, then deploy again"
        )


def _require_sqitch(database: Database) -> None:
    for program in ("sqitch", "psql"):
        if shutil.which(program, path=database.environment.get("PATH")) is None:
            raise migrations.MigrationError(
                f"migrations are pending, and {program} is not on PATH: install it"
            )


def _migrate(
    database: Database, conn: psycopg.Connection[Any], tree: Path, to: str | None = None
) -> None:
    """Run sqitch up to a change; a change that fails is undone, those before it stay."""
    if catalog.is_deployed(conn):
        # What migrations add may belong to `*` in code that has not changed.
        catalog.distrust(conn)
    if migrations.wants_adoption(conn, migrations.deployed(conn)):
        # Only these: no table has what later changes do.
        _sqitch(database, tree, "deploy", "--log-only", "--to", migrations.BASELINE)
    until = () if to is None else ("--to", to)
    _sqitch(database, tree, "deploy", "--verify", "--mode", "change", *until)


def load_settings(database: Database, service: ServiceSettings, api_key: str | None) -> None:
    """Store the settings of the environment and the first key in the database."""
    with psycopg.connect(database.conninfo(OWNER)) as conn:
        conn.execute("SELECT pms.load_settings(%s::jsonb)", [Jsonb(service.for_database())])
        if not service.compat:
            # Wait for who writes: nothing feeds the table from now on.
            conn.execute("LOCK TABLE compat.positions IN SHARE ROW EXCLUSIVE MODE")
        conn.execute("SELECT pms.feed_compat()")
        if api_key is not None:
            # The database stores only digests of keys.
            digest = sha256(api_key.encode()).digest()
            conn.execute(
                "SELECT pms.register_first_key(%s, %s, %s)",
                [digest, handle(api_key), fingerprint(api_key)],
            )


def maintain_partitions(database: Database) -> str:
    """Create the coming partitions, even without scheduled jobs; return a summary."""
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
    """Schedule the service's jobs with pg_cron, if installed, as the owner; return a summary."""
    with psycopg.connect(database.conninfo(OWNER)) as conn:
        row = conn.execute("SELECT pms.schedule_jobs()").fetchone()
    return "" if row is None else str(row[0])


def _set_password(conn: psycopg.Connection, role: str, password: str) -> None:
    # Hashed here: no statement in a log or a view ever holds the password.
    verifier = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
    conn.execute(statement.format(sql.Identifier(role), verifier.decode()))


def _sqitch(database: Database, tree: Path, *arguments: str) -> None:
    """Run sqitch as the owner."""
    env = database.libpq(OWNER) | {
        "SQITCH_FULLNAME": "Position Manager",
        "SQITCH_EMAIL": "position-manager@localhost",
    }
    done = subprocess.run(
        ["sqitch", *arguments, database.target()],
        cwd=tree,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise migrations.MigrationError(f"a migration failed:\n{done.stdout}{done.stderr}")
