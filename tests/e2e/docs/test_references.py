"""References in comments and documents exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from position_manager.deploy.source import read_tree
from tests.conftest import Database
from tests.helpers.tree import ROOT, tracked_files

SPECS = ROOT / "specs" / "001-position-management"
RECORDS = ROOT / "specs" / "adr"
DOCUMENTS = tracked_files(".md")

COMMENT_ON = re.compile(r"COMMENT ON .*? IS\s+(?:\$\$(.*?)\$\$|'((?:[^']|'')*)');", re.DOTALL)
LINE_COMMENT = re.compile(r"^\s*--(?! (?:Deploy|requires|Revert|Verify)\b)(.*)$", re.MULTILINE)
DATABASE_NAME = re.compile(r"\b((?:pms|api|compat)\.[a-z][a-z0-9_]*)(\*?)")
SETTING = re.compile(r"(?:current_setting|set_config)\(\s*'(pms\.[a-z_]+)'")
SECTION = re.compile(r'accounting\.md,\s+(?:--\s*|#\s*)?"([^"]+)"')
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
TEST_FILE = re.compile(r"`((?:test_)?[a-z_]+\.(?:py|sql))`")
PREFIX = re.compile(r"`((?:db|tests|specs|cli|worker|gateway|ops|src|examples)/[^`\s]*?)(?:…|\*)")

NAMES = """
    SELECT format('%s.%s', o.schema, o.name)
    FROM (
        SELECT relnamespace, relname FROM pg_class
        UNION SELECT pronamespace, proname FROM pg_proc
        UNION SELECT typnamespace, typname FROM pg_type
    ) r (namespace, name)
    CROSS JOIN LATERAL (SELECT r.namespace::regnamespace, r.name) o (schema, name)
    WHERE r.namespace = ANY ('{pms,api,compat}'::regnamespace[])
"""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def comments(sql: str) -> Iterator[str]:
    """The prose of a file: line comments and the texts of COMMENT ON."""
    yield from LINE_COMMENT.findall(sql)
    for dollars, quotes in COMMENT_ON.findall(sql):
        yield dollars or quotes


@pytest.fixture(scope="module")
def database_names(shared_database: Database) -> set[str]:
    """Relations, functions and types of the schemas, and the settings of a transaction."""
    with psycopg.connect(shared_database.dsn()) as connection:
        objects = {str(row[0]) for row in connection.execute(NAMES)}
    return objects | {
        setting for path in tracked_files(".sql") for setting in SETTING.findall(path.read_text())
    }


def test_every_database_name_in_a_comment_or_document_exists(database_names: set[str]) -> None:
    texts = [
        *((path, text) for path in tracked_files(".sql") for text in comments(path.read_text())),
        *((path, path.read_text()) for path in DOCUMENTS),
    ]
    unknown = {
        f"{name(path)}: {found}{star}"
        for path, text in texts
        for found, star in DATABASE_NAME.findall(text)
        if not (
            any(known.startswith(found) for known in database_names)
            if star
            else found in database_names
        )
    }

    assert unknown == set()


def test_every_cited_section_of_the_accounting_rules_exists() -> None:
    headings = set(re.findall(r"^#+ (.+)$", (SPECS / "accounting.md").read_text(), re.MULTILINE))
    named = {
        (name(path), " ".join(section.split()))
        for path in tracked_files(".sql", ".py", ".md", ".yaml")
        for section in SECTION.findall(path.read_text())
    }

    assert len(named) >= 5
    assert {(path, section) for path, section in named if section not in headings} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_link_has_a_target(document: Path) -> None:
    links = {document.parent / link for link in LINK.findall(document.read_text())}

    assert {link for link in links if not link.exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_abbreviated_paths_exist(document: Path) -> None:
    prefixes = {ROOT / found for found in PREFIX.findall(document.read_text())}

    assert {path for path in prefixes if not any(path.parent.glob(f"{path.name}*"))} == set()


def test_every_decision_record_is_listed_once() -> None:
    records = sorted(path.name for path in RECORDS.glob("[0-9]*.md"))
    listed = re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", (RECORDS / "README.md").read_text())

    assert listed == records
    assert [record[:4] for record in records] == [
        f"{number:04}" for number in range(1, len(records) + 1)
    ]


@pytest.mark.parametrize("record", sorted(RECORDS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_a_decision_record_has_its_four_parts(record: Path) -> None:
    headings = re.findall(r"^## (.+)$", record.read_text(), re.MULTILINE)

    assert headings == ["Context", "Decision", "Consequences", "Tests"]


def test_every_cited_decision_record_exists() -> None:
    numbers = {path.name[:4] for path in RECORDS.glob("[0-9]*.md")}
    named = {
        (name(path), number)
        for path in tracked_files(".sql", ".py", ".md", ".yaml", ".conf", ".template")
        for number in re.findall(r"\bADR (\d{4})\b", path.read_text())
    }

    assert named
    assert {(path, number) for path, number in named if number not in numbers} == set()


def test_every_cited_test_file_exists() -> None:
    present = {path.name for path in tracked_files(".sql", ".py")}
    named = {
        (name(path), found)
        for path in [*RECORDS.glob("*.md"), ROOT / "SECURITY.md"]
        for found in TEST_FILE.findall(path.read_text())
    }

    assert named
    assert {(path, found) for path, found in named if found not in present} == set()


def test_the_guideline_names_every_function_that_catches_all_errors() -> None:
    guideline = (ROOT / "CONTRIBUTING.md").read_text()
    [exceptions] = re.findall(r"`EXCEPTION WHEN OTHERS` is for ([^:;.]+)", guideline)
    catching = {
        code.name.removeprefix("pms.")
        for code in read_tree(ROOT / "db")
        if "WHEN OTHERS" in code.definition.upper()
    }

    assert set(re.findall(r"`([a-z_]+)`", exceptions)) == catching


def test_every_cited_planner_test_exists() -> None:
    [record] = RECORDS.glob("0002-*.md")
    named = re.findall(r"^\| `(test_[a-z_]+)` \|", record.read_text(), re.MULTILINE)
    defined = "\n".join(path.read_text() for path in tracked_files(".py"))

    assert named
    assert [test for test in named if f"def {test}(" not in defined] == []


def test_every_planner_tactic_cites_its_decision_record() -> None:
    tactic = re.compile(r"OFFSET 0|AS MATERIALIZED|force_generic_plan|\) IS TRUE|jit = off")
    silent = {
        path
        for path in tracked_files(".sql")
        if path.relative_to(ROOT).parts[:2] in (("db", "functions"), ("db", "views"))
        and tactic.search(path.read_text())
        and "ADR 0002" not in path.read_text()
    }

    assert silent == set()


def test_the_amounts_of_the_glossary_are_fields(shared_database: Database) -> None:
    money = (SPECS / "glossary.md").read_text().split("## Money")[1]
    contract = (SPECS / "contracts" / "openapi.yaml").read_text()
    with psycopg.connect(shared_database.dsn()) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'api'"
        )
        fields = {str(name) for (name,) in rows}
    fields |= set(re.findall(r"^ +([a-z_]+):", contract, re.MULTILINE))

    named = set(re.findall(r"`([a-z_]+)`", money)) - {"_usdt"}
    assert len(named) > 10
    assert {name for name in named if not fields & {name, f"{name}_usdt"}} == set()
