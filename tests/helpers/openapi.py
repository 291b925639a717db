"""``openapi.yaml``, parsed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any
from unicodedata import category

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from position_manager.gateway.routes import needs_no_key
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


def is_open(operation: Operation) -> bool:
    """Whether an operation answers without a key."""
    return needs_no_key(described(operation))


def parameters(operation: Operation, place: str) -> dict[str, dict[str, Any]]:
    found = (resolved(parameter) for parameter in described(operation)["parameters"])
    return {parameter["name"]: parameter for parameter in found if parameter["in"] == place}


def lasts(operation: Operation) -> bool:
    """Whether the answer goes on for as long as the client stays."""
    return "x-part" in described(operation)


def accepted(operation: Operation) -> tuple[int, dict[str, Any]]:
    """The answer when all is well."""
    status = next(iter(described(operation)["responses"]))
    return int(status), resolved(described(operation)["responses"][status])


def validator(schema: dict[str, Any]) -> Any:
    """A validator of a schema of the document, with references to the whole of it."""
    return Validator(schema | {"components": document()["components"]})


def _matches(_: Any, pattern: str, instance: object, schema: Any) -> Iterator[ValidationError]:
    # ECMA 262 has categories of Unicode, Python's module has none.
    spelled = re.sub(r"\\p\{(\w+)\}", lambda found: _of_category(found[1]), pattern)
    if isinstance(instance, str) and not re.search(spelled, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _of_category(name: str) -> str:
    """The characters of a category of Unicode, as ranges within a class."""
    codes = (code for code in range(sys.maxunicode) if category(chr(code)).startswith(name))
    runs = [
        [code for _, code in run]
        for _, run in groupby(enumerate(codes), lambda each: each[1] - each[0])
    ]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)


Validator = extend(Draft202012Validator, {"pattern": _matches})  # type: ignore[no-untyped-call]
