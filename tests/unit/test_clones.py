"""A database that is lent again equals the template, whatever the test before did."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from difflib import unified_diff

import psycopg
import pytest

from position_manager.stack import postgres
from position_manager.stack.context import Context
from position_manager.stack.stack import Stack
from tests.helpers.clones import Clones, clone_of_template
from tests.helpers.ledger import Ledger
from tests.helpers.messages import buy
from tests.helpers.schema_dump import VARYING

Differences = Callable[[str], list[str]]

# Autovacuum may reach the tables that have many rows in the template at any time.
PLANNED = """
    SELECT c.oid::regclass::text, c.relpages, c.reltuples,
        (SELECT count(*) FROM pg_statistic s WHERE s.starelid = c.oid)
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'i') AND c.relnamespace = 'pms'::regnamespace
        AND c.relname !~ '^loaded_code'
    ORDER BY 1
"""


@pytest.fixture(scope="module")
def lent(server: Stack) -> Iterator[Clones]:
    """Clones of these tests only."""
    clones = Clones(server.context)
    yield clones
    clones.drop()


def dump(context: Context, dbname: str) -> list[str]:
    """Schema, data, sequences, privileges and settings of a database, without its name."""
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    written = subprocess.run(
        [programs / "pg_dump", "--create", context.dsn(dbname=dbname)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return VARYING.sub("", re.sub(rf"\b{dbname}\b", "database", written)).splitlines()


@pytest.fixture(scope="module")
def differences(server: Stack) -> Differences:
    """The lines in which the dump of a database differs from that of a new clone."""
    with clone_of_template(server.context) as new:
        expected = dump(server.context, new)

    def of(dbname: str) -> list[str]:
        lines = dump(server.context, dbname)
        return [line for line in unified_diff(expected, lines, n=0) if line[0] in "+-"]

    return of


def execute(context: Context, dbname: str, *statements: str) -> None:
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def trade(context: Context, dbname: str) -> None:
    with (
        psycopg.connect(context.dsn("pms_worker", dbname)) as worker,
        psycopg.connect(context.dsn("pms_operator", dbname)) as operator,
    ):
        Ledger(worker, operator).apply(buy("a", "1", "100", 1), buy("b", "2", "110", 2))


def test_rows_of_a_test_are_gone_and_the_database_is_kept(
    server: Stack, lent: Clones, differences: Differences
) -> None:
    context = server.context
    with lent.lend() as first:
        trade(context, first)
        assert differences(first) != []
    with lent.lend() as second:
        assert second == first
        assert differences(second) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pms.settings SET use_ws_avg_price = NOT use_ws_avg_price",
        "DELETE FROM pms.settings",
        "DELETE FROM sqitch.events",
        "TRUNCATE sqitch.projects CASCADE",
        "INSERT INTO sqitch.tags SELECT 'x', '@x', c.project, c.change_id, '', now(),"
        " '', '', now(), '', '' FROM sqitch.changes c LIMIT 1",
        "SELECT nextval(s.seqrelid) FROM pg_sequence s, generate_series(1, 40)",
        "SELECT setval(s.seqrelid, s.seqstart) FROM pg_sequence s",
    ],
)
def test_what_a_statement_wrote_is_reset(
    server: Stack, lent: Clones, statement: str, differences: Differences
) -> None:
    # Also a second time: the rows put back are another version of those of the template.
    names = set()
    for _ in range(2):
        with lent.lend() as name:
            names.add(name)
            execute(server.context, name, statement)
    with lent.lend() as name:
        assert names == {name}
        assert differences(name) == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE FUNCTION public.left_behind() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE TABLE public.left_behind ()",
        "CREATE SCHEMA left_behind",
        "CREATE STATISTICS pms.left_behind ON leg_id, kind FROM pms.entries",
        "ALTER TABLE pms.entries ADD COLUMN left_behind text",
        "ALTER TABLE pms.entries ADD CONSTRAINT left_behind CHECK (TRUE) NOT VALID",
        "ALTER TABLE pms.positions DISABLE TRIGGER ALL",
        "ALTER TABLE pms.entries_first SET (fillfactor = 50)",
        "ALTER SEQUENCE pms.job_runs_id_seq INCREMENT 2",
        "COMMENT ON TABLE pms.entries IS 'changed'",
        "DROP VIEW api.dead_letters",
        "DROP EXTENSION plpgsql_check",
        "GRANT SELECT ON pms.entries TO PUBLIC",
        "GRANT SELECT (identity) ON pms.entries TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION pms.load_settings TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION pg_catalog.now() FROM PUBLIC",
        "REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = off', current_database()); END $$",
        "DO $$ BEGIN EXECUTE format('ALTER ROLE pms_worker IN DATABASE %I SET jit = on',"
        " current_database()); END $$",
        "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());"
        " END $$",
        "SELECT lo_create(0)",
        "ANALYZE pms.loaded_code",
        "ANALYZE pms.entries",
    ],
)
def test_a_database_with_another_schema_is_dropped(
    server: Stack, lent: Clones, statement: str
) -> None:
    with lent.lend() as name:
        execute(server.context, name, statement)
    with psycopg.connect(server.context.dsn(dbname="postgres")) as connection:
        left = connection.execute("SELECT 1 FROM pg_database d WHERE d.datname = %s", [name])
        assert left.fetchone() is None


@pytest.mark.parametrize("statements", [[], ["ANALYZE"]], ids=["kept", "new"])
def test_the_planner_knows_nothing_of_the_rows_before(
    server: Stack, lent: Clones, statements: list[str]
) -> None:
    context = server.context
    with (
        clone_of_template(context) as new,
        psycopg.connect(context.dsn(dbname=new)) as connection,
    ):
        expected = connection.execute(PLANNED).fetchall()
    with lent.lend() as name:
        trade(context, name)
        execute(context, name, *statements)
    with lent.lend() as name, psycopg.connect(context.dsn(dbname=name)) as connection:
        assert connection.execute(PLANNED).fetchall() == expected


def test_autovacuum_has_no_reason_to_come_for_the_rows_before(server: Stack, lent: Clones) -> None:
    with lent.lend() as first:
        trade(server.context, first)
        # Rows that are put back are written as well.
        execute(server.context, first, "DELETE FROM sqitch.events")
    with lent.lend() as second, psycopg.connect(server.context.dsn(dbname=second)) as connection:
        assert second == first
        written = connection.execute("SELECT sum(t.n_mod_since_analyze) FROM pg_stat_user_tables t")
        assert written.fetchone() == (0,)


def test_a_connection_left_open_is_closed(
    server: Stack, lent: Clones, differences: Differences
) -> None:
    with lent.lend() as first:
        left = psycopg.connect(server.context.dsn("pms_owner", first))
        left.execute("LOCK TABLE pms.entries, pms.settings")
        left.execute("CREATE TEMPORARY TABLE temporary AS SELECT 1")
    with left, pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    with lent.lend() as second:
        assert second == first
        assert differences(second) == []


def test_a_dropped_clone_is_followed_by_a_new_one(lent: Clones, differences: Differences) -> None:
    with lent.lend() as first:
        pass
    lent.drop()
    with lent.lend() as second:
        assert second != first
        assert differences(second) == []
