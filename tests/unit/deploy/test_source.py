"""Reading the code of the tree: references, order, notes, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from position_manager.deploy.source import (
    CodeObject,
    SourceError,
    in_order,
    qualified_names,
    quoted,
    read_tree,
    references,
)
from position_manager.paths import ROOT


def tree(folder: Path, **files: str) -> list[CodeObject]:
    """The code of files below ``functions/base/``."""
    for name, text in files.items():
        path = folder / "functions" / "base" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_tree(folder)


def function(name: str, body: str = "SELECT 1") -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS int LANGUAGE sql SET search_path = ''"
        f" AS $$ {body} $$;\n"
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT pms.a(), api.b", ["api.b", "pms.a"]),
        ("SELECT other.a, xpms.b, pms2.c", []),
        ("SELECT 1 -- pms.a\n /* api.b /* pms.c */ */", []),
        ("SELECT 'pms.a', E'it''s api.b'", []),
        ("DO $$ BEGIN PERFORM pms.a(); -- pms.b\nEND $$", ["pms.a"]),
        ("DO $x$ BEGIN EXECUTE $y$ SELECT pms.a() $y$; END $x$", ["pms.a"]),
        ("SELECT PMS.Fold, pms . spaced", ["pms.fold", "pms.spaced"]),
        ('SELECT pms."Mixed", "pms"."plain", api."text/plain"',
         ['api."text/plain"', 'pms."Mixed"', "pms.plain"]),
        ("SELECT pms.check('{}')", ['pms."check"']),
        ("SELECT 'é, ü', pms.a, 'ü'", ["pms.a"]),
        ("SELECT $$pms.$$", []),
    ],
)  # fmt: skip
def test_references_are_names_of_our_schemas_outside_comments_and_literals(
    text: str, names: list[str]
) -> None:
    assert sorted(found.name for found in qualified_names(text)) == names


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("plain_1", "plain_1"),
        ("Mixed", '"Mixed"'),
        ("with space", '"with space"'),
        ('quo"te', '"quo""te"'),
        ("check", '"check"'),
        ("limits", "limits"),
        ("position", '"position"'),
        ("1st", '"1st"'),
    ],
)
def test_names_are_quoted_as_postgresql_quotes_them(name: str, spelled: str) -> None:
    assert quoted(name) == spelled


def test_an_object_follows_those_that_it_refers_to(tmp_path: Path) -> None:
    code = tree(
        tmp_path,
        a=function("pms.a", "SELECT pms.z()"),
        m="CREATE OR REPLACE VIEW api.m AS SELECT pms.a();",
        z=function("pms.z") + function("pms.b", "SELECT 1 -- pms.a()"),
    )

    names = [one.name for one in code]
    assert sorted(names) == ["api.m", "pms.a", "pms.b", "pms.z"]
    assert names.index("pms.z") < names.index("pms.a") < names.index("api.m")


def test_the_order_does_not_depend_on_that_of_the_files() -> None:
    code = read_tree(ROOT / "db")

    assert [one.key for one in in_order(reversed(code))] == [one.key for one in code]


def test_a_cycle_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"circle: pms\.(\w) -> pms\.\w -> pms\.\w -> pms\.\1$"):
        tree(
            tmp_path,
            a=function("pms.a", "SELECT pms.b()"),
            b=function("pms.b", "SELECT pms.c()"),
            c=function("pms.c", "SELECT pms.a()"),
        )


def test_a_function_may_call_itself_and_share_its_name_with_a_view(tmp_path: Path) -> None:
    code = tree(
        tmp_path,
        a=function("pms.a", "SELECT pms.a()"),
        b="CREATE OR REPLACE VIEW pms.a AS SELECT 1 AS one;",
    )

    assert {one.key for one in code} == {("routine", "pms.a"), ("view", "pms.a")}


def test_of_a_function_and_a_view_of_one_name_the_meant_one_is_referred_to(
    tmp_path: Path,
) -> None:
    def of_row(name: str, of: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}({of}) RETURNS SETOF {name} LANGUAGE sql"
            f" AS $$ SELECT x.* FROM {name} x $$;"
        )

    code = tree(
        tmp_path,
        a=of_row("api.a", "api.b"),
        b=of_row("api.b", "api.a"),
        c="CREATE OR REPLACE VIEW api.a AS SELECT 1 AS one;",
        d="CREATE OR REPLACE VIEW api.b AS SELECT 1 AS one;",
        e="CREATE OR REPLACE VIEW api.e AS SELECT b.* FROM api.a CROSS JOIN LATERAL api.b(a) b;",
    )

    both = [("view", "api.a"), ("view", "api.b")]
    used = references(code)
    assert used["routine", "api.a"] == used["routine", "api.b"] == both
    assert used["view", "api.e"] == [("view", "api.a"), ("routine", "api.b")]
    assert [one.key for one in code][:2] == both


def test_two_files_cannot_define_the_same_object(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"db/functions/base/b.sql: pms.a is defined in db/functions/base/a.sql"
    ):
        tree(tmp_path, a=function("pms.a"), b=function("pms.a"))


def test_a_file_cannot_overload_a_name(tmp_path: Path) -> None:
    other = function("pms.a").replace("pms.a()", "pms.a(x int)")
    with pytest.raises(SourceError, match=r"db/functions/base/a.sql: pms.a is defined twice"):
        tree(tmp_path, a=function("pms.a") + other)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("CREATE TABLE pms.a (one int);", "neither the definition of code"),
        ("CREATE MATERIALIZED VIEW pms.a AS SELECT 1;", "neither the definition of code"),
        ("INSERT INTO pms.a VALUES (1);", "neither the definition of code"),
        ("BEGIN;", "neither the definition of code"),
        ("REVOKE SELECT ON pms.a FROM pms_reader;", "neither the definition of code"),
        ("GRANT SELECT ON pms.a, pms.b TO pms_reader;", "neither the definition of code"),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA pms TO pms_reader;", "neither the definition of"),
        ("COMMENT ON FUNCTION pms.elsewhere IS 'x';", "neither the definition of code"),
        ("SELEC 1;", "syntax error"),
        (function("a"), "a is in none of the schemas pms, api, compat"),
        (function("public.a"), "public.a is in none of the schemas pms, api, compat"),
        ("CREATE VIEW a AS SELECT 1;", "a is in none of the schemas pms, api, compat"),
        ("CREATE VIEW pms.a AS SELECT 1;", "pms.a needs CREATE OR REPLACE"),
        (function("pms.a").replace("OR REPLACE ", ""), "pms.a needs CREATE OR REPLACE"),
    ],
)
def test_what_is_not_code_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SourceError, match=rf"^db/functions/base/a\.sql(:1)?: {why}"):
        tree(tmp_path, a=text)


def test_notes_follow_the_definition_of_their_object(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"db/functions/base/b.sql: the notes on pms.a belong after its"
    ):
        tree(
            tmp_path,
            a="CREATE OR REPLACE VIEW pms.a AS SELECT 1 AS one;",
            b="COMMENT ON VIEW pms.a IS 'x';",
        )


def test_notes_belong_to_their_object_or_to_a_table(tmp_path: Path) -> None:
    code = tree(
        tmp_path,
        a="""
        CREATE OR REPLACE VIEW pms.a AS SELECT 1 AS one;
        -- Why.
        COMMENT ON COLUMN pms.a.one IS 'x';
        GRANT SELECT ON pms.a TO pms_reader;
        COMMENT ON COLUMN pms.t.c IS 'y';
        GRANT USAGE ON SCHEMA pms TO pms_reader;
        """,
    )

    assert {one.key: one.notes for one in code} == {
        ("view", "pms.a"): [
            "COMMENT ON COLUMN pms.a.one IS 'x'",
            "GRANT SELECT ON pms.a TO pms_reader",
        ],
        ("notes", "pms.t"): ["COMMENT ON COLUMN pms.t.c IS 'y'"],
        ("notes", "pms"): ["GRANT USAGE ON SCHEMA pms TO pms_reader"],
    }


def test_a_digest_is_that_of_the_statements_alone(tmp_path: Path) -> None:
    note = "COMMENT ON FUNCTION pms.a IS 'x';"
    (before,) = tree(tmp_path, a=function("pms.a") + note)
    (spaced,) = tree(tmp_path, a=f"-- Why.\n\n{function('pms.a')}\n-- Because.\n{note}")
    (annotated,) = tree(tmp_path, a=function("pms.a") + note.replace("x", "y"))
    (changed,) = tree(tmp_path, a=function("pms.a", "SELECT 2") + note)

    assert spaced.digest == before.digest
    assert annotated.digest != before.digest
    assert annotated.has_definition_of(before.digest)
    assert not changed.has_definition_of(before.digest)
