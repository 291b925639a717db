"""Every package is installed from a lock, with its version and the digests of its files."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
import tomllib
from hashlib import sha512
from pathlib import Path

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
    "requirements-clients.lock": PROJECT["dependency-groups"]["clients"],
}
# Those in an environment of their own may differ from the others.
TOGETHER = LOCKS.keys() - {"requirements-clients.lock"}


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


@pytest.mark.parametrize("name", sorted(TOGETHER))
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


@pytest.mark.parametrize("changed", [False, True])
def test_a_package_of_npm_is_installed_only_with_its_digest(tmp_path: Path, changed: bool) -> None:
    (tmp_path / "a.js").write_text('import{h}from"b";')
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tarball:
        tarball.add(tmp_path / "a.js", "package/dist/a.js")
    digest = sha512((tmp_path / "a.tgz").read_bytes()).hexdigest()
    (tmp_path / "list").write_text(f"a@1 {digest}\n    dist/a.js lib/a.js b=./b.js\n")
    # In place of a registry.
    npm = tmp_path / "npm"
    change = "echo >>a.tgz" if changed else ":"
    npm.write_text(f"#!/bin/sh\ncp {tmp_path}/a.tgz .\n{change}\necho a.tgz\n")
    npm.chmod(0o755)

    done = subprocess.run(
        [ROOT / "ops" / "npm", "python3", tmp_path / "list", tmp_path / "target"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )

    put = {str(path.relative_to(tmp_path)): path for path in (tmp_path / "target").rglob("*.*")}
    if changed:
        assert (done.returncode, put) == (1, {})
        assert "unexpected SHA-512 digest" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert put["target/lib/a.js"].read_text() == 'import{h}from"./b.js";'
