"""Objects and rights of others survive a load, or the load is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest

from position_manager.deploy import loader
from position_manager.deploy.loader import LoadError
from tests.helpers.code_tree import CodeTree

if TYPE_CHECKING:
    from tests.conftest import Database

SIZES = "views/api/sizes.sql"
TWICE = "functions/base/twice.sql"
ACL = "SELECT relacl::text FROM pg_class WHERE oid = '{}'::regclass"
ROLES = ("other_analyst", "other_backup", "other reader")
# Roles are those of the whole server: one process at a time.
pytestmark = pytest.mark.xdist_group("roles-of-others")
# On a column that goes: the view is dropped.
NO_MODE = (SIZES, ", p.mode", "")


@pytest.fixture
def tree(tree: CodeTree) -> Iterator[CodeTree]:
    """The small tree with roles of others; roles are those of the whole server."""
    for role in ROLES:
        tree.execute(f'CREATE ROLE "{role}"')
    yield tree
    for role in ROLES:
        tree.execute(f'DROP OWNED BY "{role}" CASCADE', f'DROP ROLE "{role}"')


@pytest.fixture
def report(tree: CodeTree) -> CodeTree:
    """The view of an analyst on ours, another on that, and a function that takes our type."""
    tree.execute(
        "CREATE SCHEMA reports",
        "GRANT USAGE ON SCHEMA pms, api TO other_analyst",
        "GRANT SELECT ON api.sizes TO other_analyst",
        "CREATE VIEW reports.daily WITH (security_barrier=true) AS"
        " SELECT s.asset, sum(s.size) AS total FROM api.sizes s GROUP BY s.asset",
        "ALTER VIEW reports.daily OWNER TO other_analyst",
        "COMMENT ON VIEW reports.daily IS 'It''s daily.'",
        "COMMENT ON COLUMN reports.daily.total IS 'A sum.'",
        'GRANT SELECT ON reports.daily TO "other reader" WITH GRANT OPTION',
        "GRANT SELECT (asset) ON reports.daily TO other_backup",
        "CREATE VIEW reports.top AS SELECT d.total FROM reports.daily d",
    )
    return tree


def foreign(tree: CodeTree) -> list[tuple[object, ...]]:
    """Definitions, owners, rights and comments of the reports."""
    return tree.rows(
        "SELECT c.relname, c.reloptions, pg_get_viewdef(c.oid), c.relowner::regrole::text,"
        " c.relacl::text, obj_description(c.oid), a.attname, a.attacl::text,"
        " col_description(c.oid, a.attnum)"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'reports'::regnamespace ORDER BY 1, a.attnum"
    )


def test_a_view_of_others_on_dropped_code_is_refused_by_name(
    report: CodeTree, dump: Callable[[], str]
) -> None:
    before, others = dump(), foreign(report)
    report.edit(*NO_MODE)

    with pytest.raises(
        LoadError, match=r"view reports.daily, view reports.top;\s+run .*--recreate-dependents"
    ):
        report.load()

    assert (dump(), foreign(report)) == (before, others)


def test_a_view_of_others_does_not_hinder_a_replacement(report: CodeTree) -> None:
    others = foreign(report)
    report.edit(SIZES, "p.mode FROM", "p.mode, p.account FROM")

    report.load()

    assert foreign(report) == others


def test_views_of_others_are_created_again_on_demand(report: CodeTree) -> None:
    others = foreign(report)
    report.edit(*NO_MODE)

    report.load(recreate_dependents=True)

    assert foreign(report) == others
    assert report.rows("SELECT * FROM pms.detached_statements") == []


def test_views_of_others_are_created_in_the_order_of_their_references(report: CodeTree) -> None:
    # The older view reads the newer one.
    report.execute(
        "CREATE VIEW reports.late AS SELECT s.asset, s.size AS total FROM api.sizes s",
        "CREATE OR REPLACE VIEW reports.daily AS SELECT l.asset, l.total FROM reports.late l",
    )
    others = foreign(report)
    report.edit(*NO_MODE)

    report.load(recreate_dependents=True)

    assert foreign(report) == others


def test_a_function_of_others_is_created_again_on_demand(tree: CodeTree) -> None:
    tree.execute(
        "CREATE SCHEMA reports",
        "CREATE FUNCTION reports.one(pair pms.pair) RETURNS int LANGUAGE sql RETURN pair.one",
        "ALTER FUNCTION reports.one OWNER TO other_analyst",
        "REVOKE ALL ON FUNCTION reports.one FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION reports.one TO other_backup",
        "COMMENT ON FUNCTION reports.one IS 'The first.'",
    )
    look = (
        "SELECT pg_get_functiondef(oid), proowner::regrole::text, proacl::text,"
        " obj_description(oid, 'pg_proc') FROM pg_proc WHERE oid = 'reports.one'::regproc"
    )
    before = tree.rows(look)
    tree.edit("functions/base/types.sql", "two integer", "two bigint")

    with pytest.raises(LoadError, match=r"function reports.one\(pms.pair\)"):
        tree.load()
    tree.load(recreate_dependents=True)

    assert tree.rows(look) == before


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("CREATE MATERIALIZED VIEW public.m AS SELECT * FROM api.sizes",
         "materialized view public.m"),
        ("CREATE TABLE public.t (one int, CHECK (pms.twice(one) > 0))", "table constraint"),
        ("CREATE TABLE public.t (one int DEFAULT pms.twice(1))", "default value"),
        ("CREATE TABLE public.t (one pms.pair)", "table public.t"),
        ("CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';"
         "CREATE TRIGGER t INSTEAD OF DELETE ON api.sizes FOR EACH ROW EXECUTE FUNCTION public.f()",
         "trigger t on api.sizes"),
        ("CREATE RULE r AS ON DELETE TO api.sizes DO INSTEAD NOTHING", "rule r on api.sizes"),
    ],
)  # fmt: skip
def test_what_cannot_be_created_again_is_refused_by_name(
    tree: CodeTree, dump: Callable[[], str], statement: str, name: str
) -> None:
    tree.execute(statement)
    tree.execute("CREATE INDEX ON public.m (asset)" if "MATERIALIZED" in statement else "SELECT 1")
    before = dump()
    tree.edit(*NO_MODE)
    tree.edit(TWICE, "RETURNS numeric", "RETURNS float")
    tree.edit("functions/base/types.sql", "two integer", "two bigint")

    with pytest.raises(LoadError, match=f"cannot be created again .*: {name}[^,]*; drop it"):
        tree.load(recreate_dependents=True)

    assert dump() == before


def test_objects_of_others_in_our_schemas_are_left_alone(tree: CodeTree) -> None:
    tree.execute(
        "CREATE VIEW api.own AS SELECT 1 AS one",
        "CREATE FUNCTION pms.own() RETURNS int LANGUAGE sql RETURN 1",
        "SET ROLE pms_owner",
        "CREATE FUNCTION pms.unknown() RETURNS int LANGUAGE sql RETURN 2",
        "RESET ROLE",
    )

    tree.load(everything=True)
    loader.unload(tree.conn)

    assert tree.rows("SELECT one, pms.own(), pms.unknown() FROM api.own") == [(1, 1, 2)]


def test_a_dependent_view_in_our_schema_is_refused_by_name(tree: CodeTree) -> None:
    tree.execute("SET ROLE pms_owner", "CREATE VIEW api.own AS SELECT * FROM api.sizes",
                 "RESET ROLE")  # fmt: skip
    tree.edit(*NO_MODE)

    with pytest.raises(LoadError, match=r"objects of others .*: view api.own;"):
        tree.load()


def test_only_a_superuser_creates_objects_of_others_again(
    report: CodeTree, database: Database
) -> None:
    others = foreign(report)
    report.edit(*NO_MODE)

    with (
        psycopg.connect(database.dsn("pms_owner"), autocommit=True) as owner,
        pytest.raises(LoadError, match=r"superuser .*view reports.daily, view reports.top"),
    ):
        loader.load(owner, report.folder, recreate_dependents=True)

    assert foreign(report) == others


def rights(tree: CodeTree) -> list[tuple[object, ...]]:
    """Rights on our code, in any order, but for those of the service's roles."""
    return tree.rows(
        "SELECT o.name, a.grantee::regrole::text, a.privilege_type, a.is_grantable FROM ("
        " SELECT oid::regclass::text AS name, relacl AS acl FROM pg_class UNION ALL"
        " SELECT attrelid::regclass || '.' || attname, attacl FROM pg_attribute UNION ALL"
        " SELECT proname, proacl FROM pg_proc UNION ALL"
        " SELECT oid::regtype::text, typacl FROM pg_type) o, aclexplode(o.acl) a"
        " WHERE a.grantee::regrole::text IN ('other_analyst', 'other_backup', '\"other reader\"')"
        " ORDER BY 1, 2, 3"
    )


@pytest.fixture
def granted(tree: CodeTree) -> CodeTree:
    tree.execute(
        "GRANT SELECT ON api.sizes TO other_analyst WITH GRANT OPTION",
        'GRANT SELECT (asset), SELECT (size) ON api.sizes TO "other reader"',
        "GRANT SELECT (asset) ON api.copies TO other_backup WITH GRANT OPTION",
        "GRANT EXECUTE ON FUNCTION pms.twice TO other_backup",
        'GRANT USAGE ON TYPE pms.pair TO "other reader"',
    )
    assert len(rights(tree)) == 6
    return tree


@pytest.mark.parametrize(
    "edits",
    [
        [(SIZES, "2", "2")],
        [(SIZES, "p.mode FROM", "p.mode, p.account FROM"), (TWICE, "2 * amount", "amount * 2")],
        [NO_MODE, (TWICE, "amount numeric", "amount numeric, more int DEFAULT 1"),
         ("functions/base/types.sql", "two integer", "two bigint")],
    ],
    ids=["notes", "replaced", "dropped"],
)  # fmt: skip
def test_rights_of_others_are_kept(granted: CodeTree, edits: list[tuple[str, str, str]]) -> None:
    before = rights(granted)
    if len(edits) == 1:
        edits = [(SIZES, "Sizes, twice.", "Twice the size.")]
    for edit in edits:
        granted.edit(*edit)

    assert granted.load()

    assert rights(granted) == before


def test_rights_of_others_are_kept_while_there_is_no_code(granted: CodeTree) -> None:
    before = rights(granted)

    loader.unload(granted.conn)
    assert rights(granted) == []
    granted.load()

    assert rights(granted) == before
    assert granted.rows("SELECT * FROM pms.detached_statements") == []


def test_objects_of_others_are_kept_while_there_is_no_code(report: CodeTree) -> None:
    others = foreign(report)

    with pytest.raises(LoadError, match=r"view reports\.daily"):
        loader.unload(report.conn)
    loader.unload(report.conn, recreate_dependents=True)
    assert foreign(report) == []
    report.load()

    assert foreign(report) == others


def test_a_right_ends_with_its_column_or_object(granted: CodeTree) -> None:
    granted.execute('GRANT SELECT (mode) ON api.sizes TO "other reader"')
    granted.edit(*NO_MODE)
    granted.edit(TWICE, "pms.twice", "pms.double")
    granted.edit(SIZES, "pms.twice", "pms.double")

    loaded = granted.load()

    assert sorted(loaded.revoked) == [
        "GRANT EXECUTE ON ROUTINE pms.twice TO other_backup",
        'GRANT SELECT (mode) ON TABLE api.sizes TO "other reader"',
    ]
    assert len(rights(granted)) == 5


@pytest.mark.parametrize(
    "edit",
    [(SIZES, "p.mode FROM", "p.mode, p.account FROM"), NO_MODE],
    ids=["replaced", "dropped"],
)
def test_a_grant_to_a_role_of_the_service_ends_with_a_report(
    tree: CodeTree, edit: tuple[str, str, str]
) -> None:
    tree.execute(
        "GRANT SELECT ON api.sizes TO PUBLIC",
        "GRANT SELECT (asset) ON api.sizes TO pms_worker",
        "GRANT INSERT ON pms.positions TO pms_worker",
    )
    tree.edit(*edit)
    tree.edit("views/ledger/tables.sql", "Positions.", "The positions.")

    loaded = tree.load()

    assert sorted(loaded.revoked) == [
        "GRANT INSERT ON TABLE pms.positions TO pms_worker",
        "GRANT SELECT (asset) ON TABLE api.sizes TO pms_worker",
        "GRANT SELECT ON TABLE api.sizes TO PUBLIC",
    ]


def test_a_view_that_reads_what_is_gone_is_refused_with_its_text(report: CodeTree) -> None:
    report.execute("CREATE VIEW reports.modes AS SELECT s.mode FROM api.sizes s")
    others = foreign(report)
    report.edit(*NO_MODE)

    with pytest.raises(
        LoadError, match=r"(?s)^CREATE VIEW reports.modes.*fails after the code has changed"
    ):
        report.load(recreate_dependents=True)

    assert foreign(report) == others


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER ROLE other_analyst SUPERUSER",
        "GRANT EXECUTE ON ROUTINE pms.twice TO other_backup; RESET ROLE;"
        " ALTER ROLE other_analyst SUPERUSER",
        "GRANT pg_execute_server_program TO pms_owner",
    ],
)
def test_what_the_owner_stored_does_not_run_as_a_superuser(tree: CodeTree, statement: str) -> None:
    loader.unload(tree.conn)
    tree.conn.execute("INSERT INTO pms.detached_statements (statement) VALUES (%s)", [statement])

    with pytest.raises(LoadError, match=r"(?s)^(ALTER|GRANT).*delete"):
        tree.load()

    assert tree.rows(
        "SELECT rolsuper, pg_has_role('pms_owner', 'pg_execute_server_program', 'MEMBER')"
        " FROM pg_roles WHERE rolname = 'other_analyst'"
    ) == [(False, False)]


@pytest.mark.parametrize(
    "impostor",
    [
        "CREATE TABLE pms.detached_objects (id int, statement text)",
        "CREATE VIEW pms.detached_objects AS SELECT 1 AS id, 'DROP ROLE other_backup' AS statement",
    ],
)
def test_a_table_of_the_owner_in_place_of_the_superusers_is_refused(
    tree: CodeTree, impostor: str
) -> None:
    tree.execute("SET ROLE pms_owner", impostor, "RESET ROLE")
    tree.edit(*NO_MODE)

    with pytest.raises(LoadError, match=r"pms.detached_objects is not a table of a superuser"):
        tree.load()


def test_objects_of_others_wait_for_a_superuser(report: CodeTree, database: Database) -> None:
    others = foreign(report)
    loader.unload(report.conn, recreate_dependents=True)

    with (
        psycopg.connect(database.dsn("pms_owner"), autocommit=True) as owner,
        pytest.raises(LoadError, match="only a superuser can create them again"),
    ):
        loader.load(owner, report.folder)
    report.load()

    assert foreign(report) == others
    assert report.value("SELECT to_regclass('pms.detached_objects')") is None
