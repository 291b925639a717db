"""Packages import each other in one direction only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import position_manager

SOURCE = Path(position_manager.__file__).parent

# By package: the others that it may import. Production is the upper half, and imports nothing of
# the developer's half.
MAY_IMPORT = {
    "config": set[str](),
    "reference": set[str](),
    "gateway": {"config"},
    "deploy": {"config", "gateway"},
    "archive": set(),
    "backup": {"deploy"},
    "worker": {"config", "gateway"},
    "stack": {"config", "gateway", "deploy", "worker"},
    "simulation": {"config", "reference", "worker"},
    "cli": {"archive", "config", "gateway", "deploy", "backup", "worker", "stack", "simulation"},
}
PRODUCTION = ("config", "gateway", "deploy", "backup", "worker")


def imported_modules(file: Path) -> Iterator[str]:
    """Full names, with ``package.name`` for ``from package import name``."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_packages(package: str) -> set[str]:
    """The packages of ours that any file of `package` imports."""
    return {
        parts[1]
        for file in (SOURCE / package).rglob("*.py")
        for module in imported_modules(file)
        if (parts := module.split("."))[0] == "position_manager"
    } - {package, "names", "paths", "terminal", "__version__"}


def test_every_package_is_in_the_layer_list() -> None:
    assert {path.parent.name for path in SOURCE.glob("*/__init__.py")} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_packages_below_it(package: str) -> None:
    assert imported_packages(package) <= MAY_IMPORT[package]


@pytest.mark.parametrize("package", PRODUCTION)
def test_production_imports_no_developer_tools(package: str) -> None:
    reached, waiting = set[str](), {package}
    while waiting:
        reached |= waiting
        waiting = {other for each in waiting for other in imported_packages(each)} - reached

    assert reached <= set(PRODUCTION)


def test_no_two_packages_import_each_other() -> None:
    order = list(MAY_IMPORT)

    for package, others in MAY_IMPORT.items():
        assert all(order.index(other) < order.index(package) for other in others)
