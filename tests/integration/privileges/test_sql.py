"""Every object of the service's database and every role, by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from position_manager.stack.stack import Stack
from tests.helpers import privilege_matrix

TABLE = Path(__file__).with_name("sql.csv")


@pytest.fixture
def connection(stack: Stack) -> Iterator[psycopg.Connection[Any]]:
    """The served database; changes of a test are rolled back."""
    with psycopg.connect(stack.context.dsn()) as connection:
        yield connection
        connection.rollback()


def test_every_role_has_the_privileges_of_the_table(connection: psycopg.Connection[Any]) -> None:
    privilege_matrix.compare(TABLE, privilege_matrix.COLUMNS, privilege_matrix.by_sql(connection))


def test_of_postgresql_itself_only_advisory_locks_are_granted(
    connection: psycopg.Connection[Any],
) -> None:
    granted = connection.execute(privilege_matrix.OPENED.encode()).fetchall()

    assert {(name.split("(")[0], *rest) for name, *rest in granted} == {
        (f"pg_{attempt}advisory_{kind}", role, "EXECUTE")
        for attempt in ("", "try_")
        for kind in ("lock", "lock_shared", "xact_lock", "xact_lock_shared")
        for role in ("pms_owner", "pms_worker")
    } | {("pg_try_advisory_lock_shared", "pms_backup", "EXECUTE")}


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("CREATE TABLE pms.new ()", "+ table,pms.new,postgres"),
        ("CREATE SEQUENCE public.new", "+ sequence,public.new,postgres"),
        ("CREATE SCHEMA new", "+ schema,new,postgres"),
        ("CREATE VIEW api.new AS SELECT 1 AS one", "+ column,api.new.one,postgres"),
        ("CREATE FUNCTION pms.new() RETURNS int RETURN 1", "+ function,pms.new(),postgres,EXECUTE"),
        ("ALTER TABLE pms.settings ADD new int", "+ column,pms.settings.new,pms_owner"),
        ("GRANT SELECT (digest) ON pms.api_keys TO pms_analyst", "+ column,pms.api_keys.digest"),
        ("GRANT DELETE ON api.positions TO pms_trader", "- view,api.positions,pms_owner"),
        ("ALTER FUNCTION pms.div_round SECURITY DEFINER", "+ definer function,pms.div_round("),
        ("ALTER VIEW api.keys OWNER TO postgres", "+ view,api.keys,postgres"),
        ("DROP VIEW api.dead_letters", "- view,api.dead_letters,pms_owner"),
        ("GRANT SELECT (query) ON pg_stat_statements TO pms_analyst", "+ column,public.pg_stat_st"),
        ("GRANT ALL ON FUNCTION cron.unschedule(bigint) TO pms_worker", "+ function,cron.unsched"),
    ],
)
def test_a_new_or_changed_object_fails_until_it_is_listed(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, change: str, row: str
) -> None:
    monkeypatch.delenv(privilege_matrix.WRITE_VARIABLE, raising=False)
    connection.execute(change.encode())

    with pytest.raises(AssertionError) as failure:
        privilege_matrix.compare(
            TABLE, privilege_matrix.COLUMNS, privilege_matrix.by_sql(connection)
        )

    assert any(line.startswith(row) for line in str(failure.value).splitlines())
