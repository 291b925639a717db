"""The plan is complete and reversible, and an upgrade gives the same database as a fresh deploy."""

from __future__ import annotations

import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from position_manager.paths import ROOT
from position_manager.stack import deploy, postgres
from position_manager.stack.context import LOCALHOST, Context
from position_manager.stack.stack import Stack

if TYPE_CHECKING:
    from tests.conftest import Database

# The last commit whose functions and views were changes of the plan, too.
FORMER = "358c72e"


@pytest.fixture
def empty(server: Stack) -> Iterator[str]:
    """A database with the roles and without the plan."""
    name = f"plan_{uuid.uuid4().hex}"
    deploy.create_database(server.context, name)
    yield name
    with psycopg.connect(server.context.dsn(dbname="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def sqitch(context: Context, database: str, *command: str, tree: Path = ROOT) -> str:
    """Run sqitch as the owner, in `tree`; return its output."""
    target = f"db:pg://pms_owner@{LOCALHOST}:{context.ports.postgres_port}/{database}"
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    done = subprocess.run(
        ["sqitch", *command, target],
        cwd=tree,
        env={
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(context.dir),
            "PGPASSWORD": context.secrets.pms_owner,
            "SQITCH_FULLNAME": "Test",
            "SQITCH_EMAIL": "test@localhost",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def schema(context: Context, database: str) -> str:
    """The pg_dump of the service's own schemas."""
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    dump = subprocess.run(
        [programs / "pg_dump", "--schema-only", "--schema=pms", "--schema=api",
         context.dsn(dbname=database)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    # Newer dumps carry a random key against injection.
    return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)


def planned() -> list[str]:
    lines = (ROOT / "sqitch.plan").read_text().splitlines()
    return [line.split()[0] for line in lines if line and line[0] not in "%@"]


@pytest.mark.parametrize("folder", ["migrations", "sqitch/revert", "sqitch/verify"])
def test_every_migration_script_is_in_the_plan(folder: str) -> None:
    root = ROOT / "db" / folder
    scripts = {str(path.relative_to(root).with_suffix("")) for path in root.rglob("*.sql")}

    assert scripts == set(planned())


def test_the_plan_deploys_reverts_and_redeploys(server: Stack, empty: str) -> None:
    context = server.context
    sqitch(context, empty, "deploy", "--verify")
    first = schema(context, empty)
    sqitch(context, empty, "revert", "-y")
    with psycopg.connect(context.dsn(dbname=empty)) as conn:
        left = conn.execute("SELECT 1 FROM pg_namespace WHERE nspname IN ('pms', 'api')")
        assert left.fetchall() == []
    sqitch(context, empty, "deploy", "--verify")

    assert schema(context, empty) == first


def test_an_upgrade_equals_a_fresh_deploy(
    server: Stack, database: Database, empty: str, tmp_path: Path
) -> None:
    archive = tmp_path / "former.tar"
    subprocess.run(["git", "archive", "-o", archive, FORMER], cwd=ROOT, check=True)
    subprocess.run(["tar", "-xf", archive, "-C", tmp_path], check=True)
    sqitch(server.context, empty, "deploy", tree=tmp_path)

    deploy.deploy_schema(server.context, empty)

    with psycopg.connect(server.context.dsn(dbname=empty)) as conn:
        assert conn.execute("SELECT 1 FROM pms.settings").fetchall() == [(1,)]
    # Not the template itself: cloning terminates all connections to it.
    assert schema(server.context, empty) == schema(database.context, database.name)
