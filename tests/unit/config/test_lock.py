"""Every Python package is installed from a lock, with its version and the digests of its files."""

from __future__ import annotations

import re
import tomllib

import pytest

from position_manager.paths import ROOT

PACKAGE = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==([^ ;]+)")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
REQUIRED = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
LOCKS = {
    "requirements.lock": [*REQUIRED, *EXTRAS["stack"]],
    "requirements-dev.lock": [*REQUIRED, *(it for extra in EXTRAS.values() for it in extra)],
    "requirements-test.lock": EXTRAS["test"],
}


def locked(name: str) -> dict[str, str]:
    """The versions in a lock by package."""
    lines = (PACKAGE.match(line) for line in (ROOT / name).read_text().splitlines())
    return {found[1]: found[2] for found in lines if found}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_the_versions_of_the_project(name: str) -> None:
    wanted = [PACKAGE.match(each) for each in LOCKS[name] if "position-manager[" not in each]
    versions = {found[1]: found[2] for found in wanted if found}

    assert len(versions) == len(wanted)
    assert versions.items() <= locked(name).items(), "run  make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_digests(name: str) -> None:
    entries = re.split(r"\n(?=[a-z])", (ROOT / name).read_text())

    assert [each for each in entries if "==" in each and "--hash=sha256:" not in each] == []


@pytest.mark.parametrize("name", LOCKS)
def test_all_locks_have_the_same_versions(name: str) -> None:
    assert locked(name).items() <= locked("requirements-dev.lock").items()


def test_the_service_has_no_packages_of_tests() -> None:
    for_tests = {found[1] for it in EXTRAS["test"] if (found := PACKAGE.match(it))}

    assert "pytest" in for_tests
    assert not for_tests & locked("requirements.lock").keys()


@pytest.mark.parametrize(
    ("file", "further"),
    [
        ("ops/python", []),
        ("Dockerfile", ["--require-hashes --requirement LOCK --target /opt/pytest"]),
    ],
)
def test_packages_are_installed_from_a_lock_only(file: str, further: list[str]) -> None:
    text = (ROOT / file).read_text()
    installed = re.findall(
        r"(?:\$pip|^ +install)(?: --quiet)? (--.*?)(?: \\| \|.*)?$", text, re.MULTILINE
    )

    assert [re.sub(r"requirements(-test)?\.lock|\"\$lock\"", "LOCK", it) for it in installed] == [
        "--require-hashes --requirement LOCK",
        "--no-deps --no-build-isolation --editable .",
        *further,
    ]
