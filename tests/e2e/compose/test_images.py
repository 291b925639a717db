"""Checks of the Dockerfiles that need no engine."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from position_manager.paths import ROOT
from tests.helpers.composefile import built, ours, services

BUILDS = {name: built(it) for name, it in services().items() if "build" in it}
NO_SERVERS = "/usr/bin:/bin"
INSTRUCTIONS = {"ARG", "FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "CMD", "ENTRYPOINT"}


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Each instruction with its arguments."""
    text = re.sub(r"^#.*\n", "", dockerfile.read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line]


def arguments(dockerfile: Path, instruction: str) -> list[str]:
    """The arguments of each such instruction."""
    return [text for name, text in instructions(dockerfile) if name == instruction]


@pytest.mark.parametrize("name", BUILDS)
def test_every_dockerfile_parses(name: str) -> None:
    dockerfile = BUILDS[name][1]
    found = instructions(dockerfile)

    assert [instruction for instruction, _ in found[:2]] == ["ARG", "FROM"]
    assert {instruction for instruction, _ in found} <= INSTRUCTIONS
    for command in arguments(dockerfile, "RUN"):
        subprocess.run(["sh", "-n", "-c", command], check=True)


@pytest.mark.parametrize("name", BUILDS)
def test_copied_paths_exist_and_are_not_ignored(name: str) -> None:
    context, dockerfile = BUILDS[name]
    ignored = (context / ".dockerignore").read_text().split("\n") if context == ROOT else []

    for text in arguments(dockerfile, "COPY"):
        words = [word for word in shlex.split(text) if not word.startswith("--chown")]
        if words[0].startswith("--from"):
            continue
        for source in words[:-1]:
            assert (context / source).exists(), source
            assert not any(fnmatch(source, pattern) for pattern in ignored), source


@pytest.mark.parametrize("name", BUILDS)
def test_base_images_are_pinned(name: str) -> None:
    (default,) = arguments(BUILDS[name][1], "ARG")

    assert default.partition("=")[2].partition(":")[2] not in ("", "latest")


@pytest.mark.parametrize("name", ["position-manager", "test-container"])
def test_no_image_runs_as_root(name: str) -> None:
    assert arguments(BUILDS[name][1], "USER") == ["4800"]


@pytest.mark.parametrize("secret", [".env", ".git", ".stack", ".stack-other", ".venv"])
def test_build_contexts_exclude_secrets_and_history(secret: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()

    assert any(fnmatch(secret, pattern) for pattern in ignored)


@pytest.mark.parametrize("name", ours())
def test_the_image_contains_the_commands_of_each_part(name: str) -> None:
    copied = [shlex.split(text) for text in arguments(ROOT / "Dockerfile", "COPY")]
    sources = {source for words in copied for source in words[:-1]}

    match services()[name]["command"]:
        case ["python", "-m", module, *_]:
            assert "src" in sources
            folder = Path("src", *module.split("."))
            assert any((ROOT / folder).parent.glob(f"{folder.name}*"))
        case _:
            assert services()[name]["entrypoint"] == ["position-manager"]


def test_the_unit_tests_of_the_image_need_nothing_else(tmp_path: Path) -> None:
    for text in arguments(ROOT / "Dockerfile", "COPY"):
        *sources, name = shlex.split(text)
        if sources[0].startswith("--from") or name.startswith("/"):
            continue
        for source in sources:
            # A folder is copied as its content, a file into the folder or to its new name.
            target = tmp_path / name
            if (ROOT / source).is_dir():
                caches = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, target, ignore=caches, dirs_exist_ok=True)
            else:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, target)

    # A file, because a process that outlives the run would keep a pipe open.
    output = tmp_path / "output"
    with output.open("w") as file:
        subprocess.run(
            [ROOT / "ops" / "docker" / "pytest", "tests/unit", "-q"],
            cwd=tmp_path,
            env={
                "PATH": f"{Path(sys.executable).parent}:{NO_SERVERS}",
                "HOME": str(tmp_path),
                "TMPDIR": str(tmp_path),
                "PYTHONPATH": str(tmp_path / "src"),
            },
            stdout=file,
            stderr=subprocess.STDOUT,
        )

    assert re.search(r"^\d{3} passed in ", output.read_text(), re.MULTILINE), output.read_text()


@pytest.mark.parametrize(
    "script",
    [
        "ops/docker/pytest",
        "ops/docker/secrets",
        "ops/install",
        "ops/npm",
        "ops/postgrest",
        "ops/progress",
        "ops/python",
        "tests/docker/engine",
        "tests/docker/run",
        "tests/docker/postgres/entrypoint",
        "tests/docker/rabbitmq/entrypoint",
    ],
)
def test_scripts_are_readable_and_executable(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / script], check=True)
