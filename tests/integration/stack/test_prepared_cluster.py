"""The cluster that a run of the tests takes over from an earlier one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from position_manager.stack.stack import Stack
from tests.helpers.prepared_cluster import CODE, KEPT, STATE, Key, PreparedClusters
from tests.helpers.runs import private_stack
from tests.helpers.tree import ROOT


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the files that a key is made of."""
    for name in (*STATE, *CODE):
        source, target = ROOT / name, tmp_path / "tree" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    return tmp_path / "tree"


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("db/functions/base/moment.sql", "code"),
        ("db/views/base/moment.sql", "code"),
        ("db/migrations/base/moment.sql", "state"),
        ("db/bootstrap.sql", "state"),
        ("src/position_manager/deploy/loader.py", "state"),
        ("README.md", "nothing"),
    ],
)
def test_a_key_changes_with_the_files_it_depends_on(tree: Path, name: str, changed: str) -> None:
    before = Key.of(tree)
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("-- other")

    after = Key.of(tree)

    assert {
        half for half in ("state", "code") if getattr(before, half) != getattr(after, half)
    } == ({changed} - {"nothing"})


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Key, str], tuple[str, bool]]:
    """Take a cluster as a run does; the text in it, and whether its code is present."""
    clusters = PreparedClusters(tmp_path / "cache")

    def take(key: Key, text: str) -> tuple[str, bool]:
        stack = private_stack(tmp_path / f"run-{text}")

        def make(stack: Stack) -> None:
            stack.context.prepare()
            cluster = stack.context.folder("postgres", "postgres") / "cluster"
            cluster.mkdir()
            (cluster / "text").write_text(text)

        is_present = clusters.copy_into(stack, key, make)
        found = (stack.context.data / "postgres" / "cluster" / "text").read_text()
        stack.context.remove()
        return found, is_present

    return take


def test_the_next_run_of_the_same_tree_takes_the_cluster_over(
    run: Callable[[Key, str], tuple[str, bool]],
) -> None:
    assert run(Key("state", "code"), "first") == ("first", True)
    assert run(Key("state", "code"), "second") == ("first", True)


def test_other_code_has_to_be_loaded_into_the_cluster(
    run: Callable[[Key, str], tuple[str, bool]],
) -> None:
    run(Key("state", "code"), "first")

    assert run(Key("state", "other"), "second") == ("first", False)
    assert run(Key("other", "code"), "third") == ("third", True)


def test_old_clusters_are_deleted(
    run: Callable[[Key, str], tuple[str, bool]], tmp_path: Path
) -> None:
    for number in range(KEPT + 1):
        run(Key(f"state{number}", "code"), str(number))
        os.utime(tmp_path / "cache" / f"state{number}-code", (number, number))
    run(Key("last", "code"), "last")

    kept = {entry.name for entry in (tmp_path / "cache").glob("*-code")}
    assert kept == {f"state{KEPT - 1}-code", f"state{KEPT}-code", "last-code"}
