"""A condition of a client is evaluated on no row outside its scope.

Time and errors would show such rows: PostgreSQL evaluates conditions by their cost, those of a
client before those of a view that is no barrier, and estimates them on the most common values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.helpers.scoped_keys import FOREIGN, OPEN_VIEWS, Key, views

# Cheaper than any condition of a view.
SPY = """
    CREATE SCHEMA spies;
    CREATE FUNCTION spies.sees(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
    AS $$ BEGIN RAISE NOTICE '%', value; RETURN TRUE; END $$;
    GRANT USAGE ON SCHEMA spies TO PUBLIC;
    GRANT EXECUTE ON FUNCTION spies.sees TO PUBLIC;
"""
COLUMNS = """
    SELECT a.attname
    FROM pg_attribute a
    WHERE a.attrelid = ('api.' || %s)::regclass AND a.attnum > 0
"""
# Each view of api, whether it is a barrier, whether it runs with the rights of its reader, and the
# tables whose rows no policy hides from it: a policy counts if all views on the way do so as well.
READS = """
    WITH RECURSIVE found AS (
        SELECT
            c.oid,
            r.oid AS rule,
            coalesce('security_barrier=true' = ANY(c.reloptions), FALSE) AS is_barrier,
            coalesce('security_invoker=true' = ANY(c.reloptions), FALSE) AS by_reader
        FROM pg_class c
        INNER JOIN pg_rewrite r ON c.oid = r.ev_class
        WHERE c.relkind = 'v'
    ),

    reads AS (
        SELECT f.oid, f.oid AS relation, TRUE AS by_reader
        FROM found f
        UNION
        SELECT e.oid, d.refobjid, e.by_reader AND f.by_reader
        FROM reads e
        INNER JOIN found f ON e.relation = f.oid
        INNER JOIN pg_depend d
            ON d.classid = 'pg_rewrite'::regclass AND d.objid = f.rule
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> f.oid
    )

    SELECT c.relname, f.is_barrier, f.by_reader, array_agg(t.relname) FILTER (
        WHERE t.relkind IN ('r', 'p') AND NOT (
            e.by_reader AND t.relrowsecurity AND EXISTS (
                SELECT 1 FROM pg_policy p
                WHERE p.polrelid = t.oid AND NOT p.polpermissive
                    AND p.polroles = ARRAY['pms_bound'::regrole::oid]
            )
        )
    )
    FROM found f
    INNER JOIN pg_class c ON f.oid = c.oid AND c.relnamespace = 'api'::regnamespace
    INNER JOIN reads e ON f.oid = e.oid
    INNER JOIN pg_class t ON e.relation = t.oid
    GROUP BY c.relname, f.is_barrier, f.by_reader
"""
SCOPE = "account = ANY (string_to_array(current_setting('pms.account_scope'::text, true)"


@pytest.fixture(scope="module")
def seen(desk: psycopg.Connection[Any]) -> list[str]:
    """The values on which spies.sees was evaluated."""
    found: list[str] = []
    desk.execute(SPY)
    desk.add_notice_handler(lambda notice: found.append(notice.message_primary or ""))
    return found


@pytest.fixture
def by_index(desk: psycopg.Connection[Any]) -> Iterator[None]:
    """Plans as of large tables."""
    desk.execute("SET enable_seqscan = off")
    yield
    desk.execute("RESET enable_seqscan")


def scoped_views(conn: psycopg.Connection[Any]) -> list[str]:
    return sorted(views(conn).keys() - OPEN_VIEWS)


def run_with_reader_rights(conn: psycopg.Connection[Any]) -> list[str]:
    return [view for view, _, by_reader, _ in conn.execute(READS) if by_reader]


def plan(key: Key, statement: str) -> str:
    return "\n".join(key.ask(f"EXPLAIN {statement}"))


def test_every_scoped_view_is_a_barrier_or_reads_what_policies_let_through(
    desk: psycopg.Connection[Any],
) -> None:
    reads = {view: (barrier, set(open_)) for view, barrier, _, open_ in _reads(desk)}
    for view in scoped_views(desk):
        is_barrier, unprotected = reads[view]
        # A contract belongs to no account.
        of_contracts = {
            "instruments", "instrument_aliases", "corporate_actions", "corporate_action_busts",
        }  # fmt: skip
        assert is_barrier or unprotected <= of_contracts, (view, unprotected)


def _reads(conn: psycopg.Connection[Any]) -> list[tuple[str, bool, bool, list[str]]]:
    return [(*row[:3], row[3] or []) for row in conn.execute(READS).fetchall()]


def test_a_condition_is_evaluated_on_rows_in_scope_only(
    desk: psycopg.Connection[Any], seen: list[str], scoped: Key, unscoped: Key
) -> None:
    def columns_shown_to(key: Key, view: str) -> set[str]:
        """The columns of a view whose condition meets a row of the other account."""
        names = [name for (name,) in desk.execute(COLUMNS, [view]).fetchall()]
        spies = [f"spies.sees(concat('{name}: ', v.{name}))" for name in names]
        seen.clear()
        key.ask(f"SELECT count(*) FROM api.{view} v WHERE {' AND '.join(spies)}")
        return {value.partition(":")[0] for value in seen if FOREIGN in value}

    # A total names no account.
    found = [view for view in scoped_views(desk) if not view.endswith("_total")]
    assert [view for view in found if not columns_shown_to(unscoped, view)] == []
    shown = {view: columns_shown_to(scoped, view) for view in found}
    assert {view: columns for view, columns in shown.items() if columns} == {}


@pytest.mark.usefixtures("by_index")
def test_the_scope_is_an_index_condition(desk: psycopg.Connection[Any], scoped: Key) -> None:
    found = set(run_with_reader_rights(desk)) - OPEN_VIEWS
    assert len(found) > 5
    for view in found:
        # A total has a condition of its own beside it.
        cond = f"Index Cond: ({'(' if view.endswith('_total') else ''}{SCOPE}"
        assert cond in plan(scoped, f"SELECT FROM api.{view}"), view


def test_unscoped_keys_have_no_condition(desk: psycopg.Connection[Any], unscoped: Key) -> None:
    for view in run_with_reader_rights(desk):
        assert "account_scope" not in plan(unscoped, f"SELECT FROM api.{view}"), view


def test_foreign_rows_do_not_change_estimates(desk: psycopg.Connection[Any], scoped: Key) -> None:
    desk.execute("ANALYZE pms.restatements")
    # Every cause has the one letter, and none the other.
    plans = [
        plan(scoped, f"SELECT FROM api.restatements r WHERE r.cause ~ '{letter}'")
        for letter in ("a", "q")
    ]
    assert plans[0] == plans[1].replace("'q'", "'a'")
