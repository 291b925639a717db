"""``docker-compose.yml`` and ``env.example`` as Docker Compose reads them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from position_manager.paths import ROOT

COMPOSE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / "env.example"

Service = dict[str, Any]

# ${NAME}, ${NAME:-default} and ${NAME:?what to do}.
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?:(:[-?])([^}]*))?\}")
SETTING = re.compile(r"^(# )?([A-Z][A-Z_]+)=(.*)$")


@cache
def compose() -> dict[str, Any]:
    """The file, with its anchors resolved."""
    document = yaml.safe_load(COMPOSE.read_text())
    assert isinstance(document, dict)
    return document


def services() -> dict[str, Service]:
    """Every service by name."""
    found: dict[str, Service] = compose()["services"]
    return found


def ours() -> dict[str, Service]:
    """The services that run the image built here."""
    return {name: it for name, it in services().items() if it.get("image") == "position-manager"}


def long_running() -> dict[str, Service]:
    """The services that `up` starts and that run until they are stopped."""
    return {
        name: it
        for name, it in services().items()
        if it["restart"] != "no" and it.get("profiles", ["local"]) == ["local"]
    }


def environment(service: Service) -> dict[str, str | None]:
    """The environment of a service; null is passed on from .env when it is set there."""
    found: dict[str, str | None] = service.get("environment", {})
    return found


def variables() -> list[tuple[str, str, str]]:
    """Every use of a variable: its name, ``:-``, ``:?`` or nothing, and what follows."""
    found = [(use[1], use[2] or "", use[3] or "") for use in VARIABLE.finditer(COMPOSE.read_text())]
    passed = {name for it in services().values() for name, value in environment(it).items()
              if value is None}  # fmt: skip
    passed |= {name for it in services().values() if "build" in it for name in it["build"]["args"]}
    return found + [(name, "", "") for name in sorted(passed)]


def image(service: Service) -> str:
    """The image of a service, where .env names no other."""
    return VARIABLE.sub(lambda use: use[3], service["image"])


def built(service: Service) -> tuple[Path, Path]:
    """The folder that a build is given, and its Dockerfile."""
    build = service["build"]
    context = ROOT / build["context"]
    return context, context / build.get("dockerfile", "Dockerfile")


def example() -> dict[str, str]:
    """The variables that ``env.example`` sets."""
    return _settings(commented=False)


def example_defaults() -> dict[str, str]:
    """The names that ``env.example`` lists in comments."""
    return _settings(commented=True)


def _settings(commented: bool) -> dict[str, str]:
    lines = (SETTING.match(line) for line in EXAMPLE.read_text().splitlines())
    return {line[2]: line[3] for line in lines if line and (line[1] is not None) == commented}
