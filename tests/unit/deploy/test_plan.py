"""The plan is complete and reversible."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from psycopg import sql

from position_manager.paths import ROOT
from position_manager.stack import deploy
from position_manager.stack.context import StackError
from position_manager.stack.stack import Stack
from tests.helpers.schema_dump import dump as schema
from tests.helpers.sqitch import planned, sqitch


@pytest.mark.parametrize("folder", ["migrations", "sqitch/revert", "sqitch/verify"])
def test_every_script_belongs_to_the_plan(folder: str) -> None:
    root = ROOT / "db" / folder
    scripts = {str(path.relative_to(root).with_suffix("")) for path in root.rglob("*.sql")}

    assert scripts == set(planned())


def test_the_plan_goes_up_down_and_up_again(server: Stack, empty: str) -> None:
    context = server.context
    sqitch(context, empty, "deploy", "--verify")
    first = schema(context, empty)
    sqitch(context, empty, "revert", "-y")
    with psycopg.connect(context.dsn(dbname=empty)) as conn:
        left = conn.execute("SELECT 1 FROM pg_namespace WHERE nspname IN ('pms', 'api', 'compat')")
        assert left.fetchall() == []
    # The schema is compared as a whole.
    sqitch(context, empty, "deploy", "--no-verify")

    assert schema(context, empty) == first


def test_a_database_of_another_encoding_is_refused(server: Stack) -> None:
    """SQL_ASCII would return bytes instead of texts."""
    name = f"plan_{uuid.uuid4().hex}"
    with psycopg.connect(server.context.dsn(dbname="postgres"), autocommit=True) as conn:
        database = sql.Identifier(name)
        create = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
        conn.execute(sql.SQL(create).format(database))
        deploy.create_database(server.context, name)

        with pytest.raises(StackError) as refused:
            deploy.deploy_schema(server.context, name)

        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
    assert str(refused.value) == (
        "the database has the encoding SQL_ASCII: create it with ENCODING 'UTF8'"
    )
