"""An analyst reads: a login of this role can neither write nor block the service."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from position_manager.stack import deploy, postgres, postgrest
from position_manager.stack.context import Secrets
from position_manager.stack.stack import Stack
from tests.conftest import Database
from tests.helpers.clones import clone_of_template

# In the words of PostgreSQL, without a right to any table.
WRITES_AND_LOCKS = (
    "SELECT pg_try_advisory_lock(hashtextextended('pms.jobs/verify_ledger', 0))",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock_shared(1)",
    "SELECT pg_try_advisory_lock(1, 2)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_put(1, 0, 'x')",
    "SELECT pg_logical_emit_message(FALSE, 'x', 'x')",
    "CREATE TABLE api.mine ()",
)


@pytest.fixture
def session(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A login, whose transactions write if PostgreSQL lets them."""
    with psycopg.connect(database.dsn("pms_analyst"), autocommit=True) as conn:
        conn.execute("SET default_transaction_read_only = off")
        yield conn


@pytest.mark.parametrize("statement", WRITES_AND_LOCKS)
def test_an_analyst_can_neither_write_nor_lock(
    session: psycopg.Connection[Any], statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(statement.encode())


def test_an_idle_session_of_an_analyst_ends(session: psycopg.Connection[Any]) -> None:
    assert session.execute("SHOW idle_session_timeout").fetchone() == ("1h",)


def test_an_analyst_cannot_have_postgrest_read_the_schema_again(
    database: Database, session: psycopg.Connection[Any]
) -> None:
    """PostgreSQL lets every role notify; the name of the channel is a secret."""
    channel = database.context.secrets.postgrest_channel
    assert {
        postgrest.settings(database.context, name)["PGRST_DB_CHANNEL"] for name in postgrest.POOLS
    } == {channel}
    assert channel != Secrets.generate().postgrest_channel
    with psycopg.connect(database.dsn("pms_authenticator"), autocommit=True) as listener:
        listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        seen = session.execute("SELECT a.query FROM pg_stat_activity a").fetchall()
    assert not any(channel in query for (query,) in seen)


@pytest.mark.parametrize("role", ["pms_owner", "pms_worker"])
def test_the_owner_and_the_worker_take_advisory_locks(database: Database, role: str) -> None:
    with psycopg.connect(database.dsn(role)) as conn:
        assert conn.execute("SELECT pg_try_advisory_xact_lock(1)").fetchone() == (True,)


def test_a_deployment_ends_what_a_role_has_set_for_itself(server: Stack) -> None:
    config = "SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'pms_analyst'::regrole"
    dsn = server.context.dsn
    with (
        clone_of_template(server.context) as name,
        psycopg.connect(dsn(dbname=name), autocommit=True) as superuser,
    ):
        before = superuser.execute(config).fetchall()
        with psycopg.connect(dsn("pms_analyst", name), autocommit=True) as conn:
            conn.execute("SET default_transaction_read_only = off")
            conn.execute("ALTER ROLE pms_analyst SET work_mem = '1GB'")
            alter = sql.SQL("ALTER ROLE pms_analyst IN DATABASE {} SET search_path = api")
            conn.execute(alter.format(sql.Identifier(name)))
        assert superuser.execute(config).fetchall() != before

        deploy.create_database(server.context, name)

        assert superuser.execute(config).fetchall() == before


def test_pg_dump_keeps_what_was_revoked(database: Database) -> None:
    programs = postgres.bin_dir(database.context.data / "postgres" / "cluster")
    dump = subprocess.run(
        [programs / "pg_dump", "--schema-only", "--section=pre-data", database.dsn()],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert "REVOKE ALL ON FUNCTION pg_catalog.lo_create(oid) FROM PUBLIC" in dump
    assert "GRANT ALL ON FUNCTION pg_catalog.pg_try_advisory_lock(bigint) TO pms_worker" in dump
