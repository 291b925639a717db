"""``openapi.yaml``, parsed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from tests.helpers.documents import SPECS

FILE = SPECS / "contracts" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
Operation = tuple[str, str]


@cache
def document() -> dict[str, Any]:
    found = yaml.safe_load(FILE.read_text())
    assert isinstance(found, dict)
    return found


def operations() -> Iterator[Operation]:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """A reference followed."""
    while "$ref" in node:
        target: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def described(operation: Operation) -> dict[str, Any]:
    method, path = operation
    found: dict[str, Any] = document()["paths"][path][method]
    return found


def parameters(operation: Operation, place: str) -> dict[str, dict[str, Any]]:
    found = (resolved(parameter) for parameter in described(operation)["parameters"])
    return {parameter["name"]: parameter for parameter in found if parameter["in"] == place}


def accepted(operation: Operation) -> tuple[int, dict[str, Any]]:
    """The answer when all is well."""
    status = next(iter(described(operation)["responses"]))
    return int(status), resolved(described(operation)["responses"][status])


def rooted(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the document that can be read alone: its references are to the whole of it."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | schema | {"components": document()["components"]}
