"""Names in the documents exist, and the documents are short."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from position_manager.cli.app import COMMANDS
from position_manager.config.environment import known_names
from position_manager.paths import ROOT
from position_manager.stack.stack import Stack
from tests.helpers.commands import commands
from tests.helpers.documents import DOCUMENTS, SPECS, names, table

TOP = {path.name for path in ROOT.iterdir()}
LINK = re.compile(r"\]\((?!http)([^)#]+)\)")
# Files that are there when the service has run.
MADE = (".stack", ".venv", ".env")


documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)


@documents
def test_lines_are_short(document: Path) -> None:
    assert [line for line in document.read_text().splitlines() if len(line) > 100] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


@documents
def test_paths_exist(document: Path) -> None:
    links = {(document.parent / link).resolve() for link in LINK.findall(document.read_text())}
    spans = {
        ROOT / name
        for name in names(document)
        if name.split("/")[0] in TOP and not name.startswith(MADE) and not set(name) & set(" …*<>")
    }

    assert {path for path in links | spans if not path.exists()} == set()


@documents
def test_make_targets_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    used = set(re.findall(r"(?:`|^|&& )make ([a-z-]+)", document.read_text(), re.MULTILINE))

    assert {target for target in used if f"\n{target}:" not in makefile} == set()


def test_the_readme_lists_every_command_under_its_heading() -> None:
    listed = re.search(r"## Commands\n\n```text\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert listed is not None
    words = re.sub(r"\n +", " ", listed[1]).splitlines()

    assert {name: each for name, *each in map(str.split, words)} == {
        heading: list(commands_of) for heading, commands_of in COMMANDS.items()
    }


@documents
def test_commands_exist(document: Path) -> None:
    text = document.read_text()
    named = re.compile(r"(?:^|bin/)position-manager ([a-z-]+)|run --rm cli ([a-z-]+)", re.MULTILINE)
    used = named.findall(text)

    assert {first or second for first, second in used} <= commands().keys()


@documents
def test_settings_exist(document: Path) -> None:
    used = set(re.findall(r"\bPOSITION_MANAGER_[A-Z_]*[A-Z]", document.read_text()))

    assert used <= known_names() | {"POSITION_MANAGER_API_KEY"}


def query(stack: Stack, statement: str) -> set[str]:
    with psycopg.connect(stack.context.dsn()) as conn:
        return {row[0] for row in conn.execute(statement.encode())}


def test_the_data_model_has_every_table_view_and_role(stack: Stack) -> None:
    page = SPECS / "data-model.md"
    relations = (
        "SELECT format('%s.%s', c.relnamespace::regnamespace, c.relname) FROM pg_class c"
        " WHERE c.relnamespace = '{}'::regnamespace AND c.relkind IN ('{}')"
        " AND NOT c.relispartition"
    )

    assert table(page, "Tables") == query(stack, relations.format("pms", "r','p"))
    assert table(page, "Views for everybody") == query(stack, relations.format("api", "v"))
    assert table(page, "Roles") == query(
        stack, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'pms\\_%'"
    )


@documents
def test_no_document_names_another_machine(document: Path) -> None:
    hosts = set(re.findall(r"https?://([^/:\s`)$]+)", document.read_text()))

    assert hosts <= {"localhost", "127.0.0.1"}
