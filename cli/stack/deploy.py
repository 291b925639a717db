"""Bring a database to the present plan: roles, schema, settings, the first key."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from hashlib import sha256

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from position_manager.cli.stack import postgres
from position_manager.cli.stack.context import (
    DATABASE,
    LOCALHOST,
    LOGINS,
    ROOT,
    Context,
    StackError,
)
from position_manager.cli.stack.parts import CLEAN_ENV

BOOTSTRAP = ROOT / "db" / "bootstrap.sql"


def create_database(
    context: Context, dbname: str = DATABASE, extensions: Sequence[str] = ()
) -> None:
    """Make the database and the roles, as the superuser, where they are missing.

    `extensions` are made before the plan is deployed: afterwards their functions would be closed
    to everybody, for the plan revokes EXECUTE by default.
    """
    with psycopg.connect(context.dsn(dbname="postgres"), autocommit=True) as conn:
        known = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [dbname]).fetchone()
        if known is None:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(dbname)))
    with psycopg.connect(context.dsn(dbname=dbname)) as conn:
        # Repeated each time, it says of what is already there that it is.
        conn.execute("SET client_min_messages = warning")
        conn.execute(BOOTSTRAP.read_bytes())
        for extension in extensions:
            statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
            conn.execute(statement.format(sql.Identifier(extension)))
        for role in LOGINS:
            # Hashed here: no statement in a log or a view ever holds the password.
            verifier = conn.pgconn.encrypt_password(
                getattr(context.secrets, role).encode(), role.encode(), b"scram-sha-256"
            )
            statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
            conn.execute(statement.format(sql.Identifier(role), verifier.decode()))


def deploy_plan(context: Context, dbname: str = DATABASE) -> None:
    """Deploy what the database does not have yet of ``sqitch.plan``; its data stay."""
    target = f"db:pg://pms_owner@{LOCALHOST}:{context.ports.postgres_port}/{dbname}"
    if _has_registry(context, dbname):
        checked = _run(context, ["sqitch", "check", target], "pms_owner", dbname)
        if checked.returncode != 0:
            raise StackError(_advice(checked.stdout + checked.stderr))
    done = _run(context, ["sqitch", "deploy", "--verify", target], "pms_owner", dbname)
    if done.returncode != 0:
        raise StackError(f"the deploy failed:\n{done.stdout}{done.stderr}")
    if not done.stdout.startswith("Nothing to deploy"):
        # A PostgREST that runs already knows the former functions only.
        with psycopg.connect(context.dsn("pms_owner", dbname)) as conn:
            conn.execute("NOTIFY pgrst, 'reload schema'")


def load_settings(context: Context) -> None:
    """Hand the settings of the environment and the first key to the database."""
    with psycopg.connect(context.dsn("pms_owner")) as conn:
        conn.execute("SELECT pms.load_settings(%s::jsonb)", [Jsonb(context.service.for_database())])
        # The database knows a key by its digest only.
        digest = sha256(context.secrets.api_key.encode()).digest()
        conn.execute("SELECT pms.register_first_key(%s)", [digest])


def _has_registry(context: Context, dbname: str) -> bool:
    with psycopg.connect(context.dsn("pms_owner", dbname)) as conn:
        row = conn.execute("SELECT to_regclass('sqitch.changes') IS NOT NULL").fetchone()
    return row == (True,)


def _run(
    context: Context, command: Sequence[str], user: str, dbname: str
) -> subprocess.CompletedProcess[str]:
    """Run a client; the server's own psql comes first on PATH, Debian's wrapper is slow."""
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    env = CLEAN_ENV | {
        "PATH": f"{programs}:{CLEAN_ENV['PATH']}",
        "HOME": str(context.dir),
        "PGHOST": LOCALHOST,
        "PGPORT": str(context.ports.postgres_port),
        "PGDATABASE": dbname,
        "PGUSER": user,
        "PGPASSWORD": getattr(context.secrets, user),
        "SQITCH_FULLNAME": "Position Manager",
        "SQITCH_EMAIL": "position-manager@localhost",
    }
    return subprocess.run(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def _advice(output: str) -> str:
    return (
        f"{output.strip()}\n"
        "A change that this database already has was edited since. Nothing was touched.\n"
        "To begin anew, without the data:  make clean && make up"
    )
