"""A small tree of code in a database of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.helpers.code_tree import SMALL, CodeTree
from tests.helpers.release import COMMIT, is_known
from tests.helpers.schema_dump import dump as schema

if TYPE_CHECKING:
    from tests.conftest import Database

# The last commit whose functions and views were changes of the plan.
FORMER = "358c72e"

# A release or a shallow clone has no history to upgrade from.
collect_ignore = [
    file
    for file, commit in (
        ("test_upgrade.py", FORMER),
        ("test_release.py", COMMIT),
        ("test_release_duplicates.py", COMMIT),
    )
    if not is_known(commit)
]


@pytest.fixture
def empty(server: Stack) -> Iterator[str]:
    """A database with the roles and without the plan."""
    name = f"plan_{uuid.uuid4().hex}"
    deploy.create_database(server.context, name)
    yield name
    with psycopg.connect(server.context.dsn(dbname="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def tree(database: Database, tmp_path: Path) -> Iterator[CodeTree]:
    """The small tree, loaded; its database has the tables of the plan."""
    with psycopg.connect(database.dsn(), autocommit=True) as conn:
        tree = CodeTree(tmp_path / "db", conn)
        tree.write(SMALL)
        tree.load()
        yield tree


@pytest.fixture
def dump(database: Database) -> Callable[[], str]:
    """The schema of the test's database at the time of the call."""
    return lambda: schema(database.context, database.name)
