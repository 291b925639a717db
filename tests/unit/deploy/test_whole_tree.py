"""The code of this tree: fresh, upgraded and reloaded databases are equal."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from position_manager.deploy.source import read_tree
from position_manager.paths import ROOT
from tests.helpers import privilege_matrix
from tests.helpers.code_tree import CodeTree


@pytest.fixture
def tree(dsn: str, tmp_path: Path) -> Iterator[CodeTree]:
    """A copy of the code, and a database that has it."""
    for folder in ("functions", "views"):
        shutil.copytree(ROOT / "db" / folder, tmp_path / folder)
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield CodeTree(tmp_path, conn)


def test_a_deployed_database_has_what_the_tree_has(tree: CodeTree) -> None:
    found = tree.rows(
        """
        SELECT 'routine' AS kind, p.oid::regproc::text AS name FROM pg_proc p
        WHERE p.pronamespace = ANY ('{pms,api,compat}'::regnamespace[])
            AND p.prorettype <> 'trigger'::regtype
            -- Part of a constraint, which a migration makes.
            AND NOT EXISTS (
                SELECT 1 FROM pg_depend d
                WHERE d.classid = 'pg_constraint'::regclass AND d.refobjid = p.oid
            )
        UNION ALL
        SELECT 'view', oid::regclass::text FROM pg_class
        WHERE relkind = 'v' AND relnamespace = ANY ('{pms,api,compat}'::regnamespace[])
        """
    )
    code = [one.key for one in read_tree(ROOT / "db") if one.kind in ("routine", "view")]

    assert sorted(found) == sorted(code)
    assert not tree.load()


def test_a_reload_gives_the_same_schema(tree: CodeTree, dump: Callable[[], str]) -> None:
    before = dump()

    assert tree.load(everything=True)

    assert dump() == before


def test_dropped_and_created_code_gives_the_same_schema(
    tree: CodeTree, dump: Callable[[], str]
) -> None:
    before, privileges = dump(), privilege_matrix.by_sql(tree.conn)

    edits = [
        (
            "functions/base/types.sql",
            "    trace_id text\n)",
            "    trace_id text,\n    extra int\n)",
        ),
        ("views/positions/priced_legs.sql", "SELECT\n    p.a", "SELECT\n    1 AS extra,\n    p.a"),
    ]
    for name, old, new in edits:
        tree.edit(name, old, new)
    assert "api.positions" in tree.load().created
    assert dump() != before
    for name, old, new in edits:
        tree.edit(name, new, old)
    tree.load()

    assert dump() == before
    assert privilege_matrix.by_sql(tree.conn) == privileges


def test_code_that_was_changed_by_hand_is_repaired_by_a_reload(
    tree: CodeTree, dump: Callable[[], str]
) -> None:
    before = dump()
    tree.execute(
        "COMMENT ON VIEW api.positions IS 'x'",
        "REVOKE SELECT ON api.positions FROM pms_reader",
        "GRANT DELETE ON api.positions TO pms_trader",
        "GRANT EXECUTE ON FUNCTION pms.load_settings TO PUBLIC",
    )
    assert dump() != before

    tree.load(everything=True)

    assert dump() == before
