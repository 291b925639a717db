"""The standard files of a repository, and the tools they name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]


def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def test_the_license_is_the_one_the_package_declares() -> None:
    assert project()["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text()

    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert text.rstrip().endswith("limitations under the License.")


def test_every_path_with_an_owner_exists() -> None:
    lines = [line.split() for line in (ROOT / "CODEOWNERS").read_text().splitlines()]
    owned = [line[0] for line in lines if line and line[0] not in ("#", "*")]

    assert owned
    assert [path for path in owned if not (ROOT / path.lstrip("/")).exists()] == []


def test_hooks_run_pinned_tools_of_this_project() -> None:
    pinned = {
        re.split(r"[=\[]", requirement)[0]
        for requirement in project()["optional-dependencies"]["dev"]
    }
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]

    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    tools = {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks}
    assert tools == {"ruff", "mypy", "sqlfluff", "codespell"}
    assert tools <= pinned
