"""The figures of the tree stay within their bounds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.code_graph import DOMAINS, CodeGraph, may_use
from tests.helpers.database_map import PATH
from tests.helpers.house import House
from tests.helpers.tree import ROOT


def test_every_figure_is_within_its_bound() -> None:
    over = [str(figure) for figure in House().bounds() if not figure.is_within]

    assert over == []


def test_the_map_leads_to_files_that_exist() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PATH.read_text())

    assert len(links) > 100
    assert [link for link in links if not (PATH.parent / link).exists()] == []


def test_every_folder_of_code_is_a_domain() -> None:
    for kind in ("functions", "views"):
        folders = {path.name for path in (ROOT / "db" / kind).iterdir() if path.is_dir()}
        assert folders <= set(DOMAINS)


@pytest.mark.parametrize(
    ("user", "used", "allowed"),
    [
        ("ledger", "base", True),
        ("base", "ledger", False),
        ("ledger", "ledger", True),
        ("imports", "transfers", False),
        ("telemetry", "jobs", True),
        ("jobs", "telemetry", False),
        ("jobs", "api", False),
        ("api", "jobs", True),
    ],
)
def test_a_domain_uses_only_those_before_it(user: str, used: str, allowed: bool) -> None:
    assert may_use(user, used) is allowed


@pytest.fixture
def graph(tmp_path: Path) -> CodeGraph:
    """A tree with one fault of each kind."""

    def add(place: str, *functions: tuple[str, str]) -> None:
        path = tmp_path / "db" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "\n".join(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS integer LANGUAGE sql AS $$ {body} $$;"
                for name, body in functions
            )
        )

    add("functions/base/up.sql", ("pms.up", "SELECT pms.late()"))
    add("functions/ledger/late.sql", ("pms.late", "SELECT pms.helper() + pms.inner()"))
    add("functions/ledger/helper.sql", ("pms.helper", "SELECT 1"))
    add("functions/ledger/dead.sql", ("pms.dead", "SELECT 1 -- pms.late()"))
    add("functions/ledger/both.sql", ("pms.inner", "SELECT 1"), ("pms.called", "SELECT 1"))
    worker = tmp_path / "src" / "position_manager" / "worker"
    worker.mkdir(parents=True)
    (worker / "apply.py").write_text('"SELECT pms.called()"')
    return CodeGraph(tmp_path)


def test_a_reference_against_the_order_is_found(graph: CodeGraph) -> None:
    assert graph.upward() == ["pms.up (base) uses pms.late (ledger)"]


def test_a_function_that_nothing_calls_is_found(graph: CodeGraph) -> None:
    assert sorted(graph.uncalled()) == ["pms.dead", "pms.up"]


def test_a_file_for_one_caller_is_found(graph: CodeGraph) -> None:
    assert graph.alone_with_one_caller() == ["pms.helper"]


def test_the_longest_chain_counts_both_ends(graph: CodeGraph) -> None:
    chain = graph.longest_chain(("routine", "pms.up"))

    assert chain[:2] == ["pms.up", "pms.late"]
    assert len(chain) == 3


def test_a_view_whose_row_type_alone_is_used_is_no_step_of_a_chain(tmp_path: Path) -> None:
    path = tmp_path / "db" / "functions" / "base" / "rows.sql"
    path.parent.mkdir(parents=True)
    path.write_text(
        "CREATE OR REPLACE VIEW pms.held AS SELECT 1 AS size;\n"
        "CREATE OR REPLACE FUNCTION pms.typed() RETURNS SETOF pms.held LANGUAGE sql\n"
        "AS $$ SELECT 2 $$;\n"
        "CREATE OR REPLACE FUNCTION pms.read() RETURNS SETOF pms.held LANGUAGE sql\n"
        "AS $$ SELECT * FROM pms.held $$;\n"
    )
    graph = CodeGraph(tmp_path)

    assert graph.longest_chain(("routine", "pms.typed")) == ["pms.typed"]
    assert graph.longest_chain(("routine", "pms.read")) == ["pms.read", "pms.held"]
