"""The map and the dump of the database are those of the tree."""

from __future__ import annotations

from tests.conftest import Database
from tests.helpers import database_map, schema_dump
from tests.helpers.code_graph import CodeGraph
from tests.helpers.golden import compare
from tests.helpers.tree import ROOT


def test_the_map_is_that_of_the_tree() -> None:
    compare(database_map.PATH, database_map.present(CodeGraph(ROOT)))


def test_the_dump_is_that_of_the_tree(database: Database) -> None:
    compare(schema_dump.PATH, schema_dump.portable_dump(database.context, database.name))
