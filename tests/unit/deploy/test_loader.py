"""Loading changed code: in place where PostgreSQL allows it, else dropped and created."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from position_manager.deploy.loader import LoadError
from tests.helpers.code_tree import CodeTree

TWICE = "functions/base/twice.sql"
PAIRS = "functions/base/pairs.sql"
TYPES = "functions/base/types.sql"
SIZES = "views/api/sizes.sql"
COPIES = "views/api/copies.sql"
TABLES = "views/ledger/tables.sql"

ADDRESS = "SELECT 'api.sizes'::regclass::oid, 'pms.twice'::regproc::oid"
PRIVILEGE = "SELECT has_{}_privilege('pms_reader', '{}', '{}')"


def may_read_sizes(tree: CodeTree) -> bool:
    return bool(tree.value(PRIVILEGE.format("table", "api.sizes", "SELECT")))


def columns(tree: CodeTree, view: str) -> list[str]:
    return [
        name
        for (name,) in tree.rows(
            f"SELECT attname::text FROM pg_attribute WHERE attrelid = '{view}'::regclass"
            " ORDER BY attnum"
        )
    ]


def test_nothing_happens_when_nothing_changed(tree: CodeTree) -> None:
    before = tree.rows("SELECT xmin::text, * FROM pms.loaded_code ORDER BY 2, 3")

    assert not tree.load()
    assert tree.rows("SELECT xmin::text, * FROM pms.loaded_code ORDER BY 2, 3") == before


def test_a_comment_between_statements_changes_nothing(tree: CodeTree) -> None:
    tree.edit(TWICE, "CREATE OR", "-- Why.\nCREATE OR")

    assert not tree.load()


def test_an_object_is_replaced_in_place(tree: CodeTree) -> None:
    before = tree.rows(ADDRESS)
    tree.edit(TWICE, "2 * amount", "amount + amount + 0")

    loaded = tree.load()

    assert loaded.created == ["pms.twice"]
    assert loaded.dropped == []
    assert tree.rows(ADDRESS) == before
    assert "+ (0)::numeric" in tree.value("SELECT pg_get_functiondef('pms.twice'::regproc)")


def test_a_load_records_all_objects_again(tree: CodeTree) -> None:
    versions = "SELECT l.kind, l.name, l.xmin::text FROM pms.loaded_code l"
    before = tree.rows(versions)
    tree.edit(TWICE, "2 * amount", "amount + amount + 0")

    tree.load()

    assert before
    assert not set(before) & set(tree.rows(versions))


def test_an_object_that_was_dropped_by_hand_is_created(tree: CodeTree) -> None:
    tree.execute("DROP FUNCTION pms.pairs")

    assert tree.load().created == ["pms.pairs"]
    assert tree.rows("SELECT * FROM pms.pairs()") == [(1, 2)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pms.twice(amount numeric)", "pms.twice(amount numeric, factor numeric DEFAULT 2)"),
        ("pms.twice(amount numeric)", "pms.twice(amount numeric DEFAULT 0)"),
        ("amount", "quantity"),
        ("RETURNS numeric", "RETURNS double precision"),
    ],
)
def test_a_changed_signature_drops_and_creates_with_dependents(
    tree: CodeTree, dump: Callable[[], str], old: str, new: str
) -> None:
    tree.edit(TWICE, old, new)

    tree.load()

    assert tree.value("SELECT pms.twice(4)") == 8
    assert tree.value("SELECT count(*) FROM pg_proc WHERE proname = 'twice'") == 1
    assert may_read_sizes(tree)
    assert tree.comment("api.sizes") == "Sizes, twice."
    assert columns(tree, "api.copies") == ["asset", "size", "mode"]
    loaded = dump()
    tree.load(everything=True)
    assert dump() == loaded


def test_a_signature_may_make_the_former_one_ambiguous(tree: CodeTree) -> None:
    tree.edit(TWICE, "amount numeric)", "amount numeric, factor int DEFAULT 2)")
    tree.edit(SIZES, "pms.twice(p.size)", "pms.twice(p.size + 0)")

    assert set(tree.load().created) == {"pms.twice", "api.sizes", "api.copies"}


def test_a_removed_column_of_a_view_drops_and_creates_its_dependents(tree: CodeTree) -> None:
    tree.edit(SIZES, ", p.mode", "")

    loaded = tree.load()

    assert loaded.created == ["api.sizes", "api.copies"]
    assert columns(tree, "api.sizes") == columns(tree, "api.copies") == ["asset", "size"]
    assert may_read_sizes(tree)


def test_a_view_that_reads_all_columns_follows_an_added_one(tree: CodeTree) -> None:
    before = tree.rows(ADDRESS)
    tree.edit(SIZES, "p.mode FROM", "p.mode, p.account FROM")

    assert tree.load().created == ["api.sizes", "api.copies"]
    assert columns(tree, "api.copies") == ["asset", "size", "mode", "account"]
    assert tree.rows(ADDRESS) == before


def test_a_renamed_function_takes_its_callers_along(tree: CodeTree) -> None:
    tree.edit(TWICE, "pms.twice", "pms.double")
    tree.edit(SIZES, "pms.twice", "pms.double")

    loaded = tree.load()

    assert loaded.created == ["pms.double", "api.sizes", "api.copies"]
    assert loaded.dropped == ["pms.twice"]
    assert tree.value("SELECT to_regproc('pms.twice') IS NULL") is True


def test_a_changed_type_drops_and_creates_what_uses_it(tree: CodeTree) -> None:
    tree.edit(TYPES, "two integer", "two integer, three integer")
    tree.edit(PAIRS, "SELECT 1, 2", "SELECT 1, 2, 3")

    assert tree.load().created == ["pms.pair", "pms.pairs"]
    assert tree.rows("SELECT * FROM pms.pairs()") == [(1, 2, 3)]
    assert tree.comment("pms.pair", "pg_type") == "Two numbers."


def test_a_changed_type_reaches_the_types_that_are_made_of_it(tree: CodeTree) -> None:
    path = "functions/base/wholes.sql"
    tree.write({path: "CREATE TYPE pms.whole AS (first_pair pms.pair, others pms.pair[]);\n"})
    tree.load()

    tree.edit(TYPES, "two integer", "two integer, three integer")
    tree.edit(PAIRS, "SELECT 1, 2", "SELECT 1, 2, 3")

    assert "pms.whole" in tree.load().created
    assert tree.value("SELECT ((ROW(ROW(1, 2, 3), NULL)::pms.whole).first_pair).three") == 3


def test_a_changed_type_reaches_functions_that_did_not_change(tree: CodeTree) -> None:
    tree.edit(TYPES, "one integer", "one bigint")

    assert tree.load().created == ["pms.pair", "pms.pairs"]


def test_notes_on_a_type_do_not_drop_it(tree: CodeTree) -> None:
    before = tree.value("SELECT 'pms.pair'::regtype::oid")
    tree.edit(TYPES, "Two numbers.", "A pair.")

    assert tree.load().created == ["pms.pair"]
    assert tree.value("SELECT 'pms.pair'::regtype::oid") == before
    assert tree.comment("pms.pair", "pg_type") == "A pair."


def test_a_domain_may_become_a_type(tree: CodeTree) -> None:
    tree.write({"functions/base/x.sql": "CREATE DOMAIN pms.x AS text;"})
    tree.load()
    tree.write({"functions/base/x.sql": "CREATE TYPE pms.x AS (one int);"})

    tree.load()

    assert tree.value("SELECT typtype::text FROM pg_type WHERE oid = 'pms.x'::regtype") == "c"


def test_a_function_may_become_an_aggregate(tree: CodeTree) -> None:
    tree.write({
        "functions/base/x.sql": "CREATE OR REPLACE FUNCTION pms.x(amount numeric)"
        " RETURNS numeric LANGUAGE sql RETURN amount;"
    })  # fmt: skip
    tree.load()
    tree.write({
        "functions/base/x.sql": "CREATE OR REPLACE AGGREGATE pms.x(numeric)"
        " (sfunc = pg_catalog.numeric_add, stype = numeric);"
    })  # fmt: skip

    tree.load()

    assert tree.value("SELECT pms.x(n) FROM generate_series(1, 3) n") == 6


def test_what_the_tree_no_longer_has_is_dropped(tree: CodeTree, dump: Callable[[], str]) -> None:
    tree.write({
        "functions/base/x.sql": "CREATE OR REPLACE FUNCTION pms.x() RETURNS pms.y"
        " LANGUAGE sql AS 'SELECT 1';",
        "functions/base/y.sql": "CREATE TYPE pms.y AS (one int);",
        "views/api/z.sql": "CREATE OR REPLACE VIEW api.z AS SELECT * FROM pms.x();",
    })  # fmt: skip
    before = dump()
    tree.load()
    for name in ("functions/base/x.sql", "functions/base/y.sql", "views/api/z.sql"):
        tree.remove(name)

    loaded = tree.load()

    assert loaded.dropped == ["api.z", "pms.x", "pms.y"]
    assert loaded.created == []
    assert dump() == before


def test_notes_that_are_gone_from_a_file_are_gone_from_the_database(tree: CodeTree) -> None:
    tree.edit(SIZES, "COMMENT ON VIEW api.sizes IS 'Sizes, twice.';", "")
    tree.edit(SIZES, "COMMENT ON COLUMN api.sizes.size IS 'Two times the size.';", "")
    tree.edit(SIZES, "GRANT SELECT ON api.sizes TO pms_reader;", "")
    tree.edit(TWICE, "COMMENT ON FUNCTION pms.twice IS 'Twice as much.';", "")
    tree.edit(TWICE, "GRANT EXECUTE ON FUNCTION pms.twice TO pms_reader;", "")

    tree.load()

    assert tree.comment("api.sizes") is None
    assert tree.value("SELECT col_description('api.sizes'::regclass, 2)") is None
    assert tree.comment("pms.twice", "pg_proc") is None
    assert not may_read_sizes(tree)
    assert not tree.value(PRIVILEGE.format("function", "pms.twice(numeric)", "EXECUTE"))


def test_notes_on_tables_come_and_go_with_their_file(tree: CodeTree) -> None:
    may_read = "SELECT has_table_privilege('pms_analyst', 'pms.positions', 'SELECT')"
    assert (tree.comment("pms.positions"), tree.value(may_read)) == ("Positions.", True)

    tree.remove(TABLES)
    tree.load()

    assert (tree.comment("pms.positions"), tree.value(may_read)) == (None, False)


def test_a_load_that_fails_leaves_the_former_code(tree: CodeTree, dump: Callable[[], str]) -> None:
    before, registry = dump(), tree.rows("SELECT * FROM pms.loaded_code ORDER BY 1, 2")
    tree.edit(TWICE, "amount numeric", "amount numeric, more int DEFAULT 1")
    tree.edit(COPIES, "s.*", "s.missing")
    tree.remove(PAIRS)

    with pytest.raises(
        LoadError, match=r"^db/views/api/copies.sql: api.copies: column s.missing does not exist"
    ):
        tree.load()

    assert dump() == before
    assert tree.rows("SELECT * FROM pms.loaded_code ORDER BY 1, 2") == registry
    assert tree.value("SELECT current_user::text") == "postgres"


def test_a_full_load_gives_the_same_schema(tree: CodeTree, dump: Callable[[], str]) -> None:
    before = dump()

    loaded = tree.load(everything=True)

    # A type is never replaced.
    assert sorted(loaded.created) == [
        "api.copies", "api.sizes", "pms.pairs", "pms.positions", "pms.twice"
    ]  # fmt: skip
    assert dump() == before


def test_a_load_gives_way_to_a_long_reader(
    tree: CodeTree, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("position_manager.deploy.loader.LOCK_PATIENCE", 0.5)
    tree.edit(SIZES, "p.mode FROM", "p.mode, p.account FROM")

    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT * FROM api.sizes")
        with pytest.raises(LoadError, match=r"no lock after .* canceling statement due to lock"):
            tree.load()
        # While the load waits for its next attempt, others read.
        assert tree.rows("SELECT * FROM api.sizes") == []

    assert tree.load().created == ["api.sizes", "api.copies"]


@pytest.mark.parametrize(
    ("edit", "count"),
    [
        ((TWICE, "2 * amount", "amount * 2"), 0),
        ((TWICE, "amount numeric", "amount numeric, more int DEFAULT 1"), 0),
        ((SIZES, "p.mode FROM", "p.mode, p.account FROM"), 1),
        ((SIZES, "Sizes, twice.", "Twice the size."), 1),
    ],
)
def test_the_schema_cache_is_read_again_when_a_published_object_changed(
    tree: CodeTree, dsn: str, edit: tuple[str, str, str], count: int
) -> None:
    with psycopg.connect(dsn, autocommit=True) as listener:
        listener.execute("LISTEN pgrst")
        tree.edit(*edit)
        tree.load()

        assert len(list(listener.notifies(timeout=0.5))) == count
