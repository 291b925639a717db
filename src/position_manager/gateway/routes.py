"""The routes of the gateway, from ``openapi.yaml``: ``routes.conf`` and ``parameters.conf``.

``openapi.json`` is the same document as JSON.

An operation that needs a key calls the function of ``operationId``, in snake case: ``getPositions``
calls ``api.get_positions``. Every parameter is an argument of that name, or of ``x-argument`` where
SQL reserves the name. A GET passes its arguments in the query, other methods in the body of a form;
both pass them encoded, as the client wrote them, and always all of them: one that the request
leaves out is empty. An operation with a ``requestBody`` passes the body as it is, and the parameter
in its path in a header. It may have an ``x-native`` name: the function below ``/rest/rpc/`` that it
replaces for JSON, where PostgREST would refuse an unknown field as an unknown function. One with
``x-part: stream`` is answered by that part of the worker instead, for as long as the client stays.

A path with several operations has an address for each, which ends with the method in all but the
first.

nginx decodes the path before it looks for a location, so that %2F would end a name. A path with a
parameter therefore becomes one with ``:name`` in its place first, and the value is taken from the
request line.

Run ``python -m position_manager.gateway.routes`` after a change of ``openapi.yaml``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "specs" / "001-position-management" / "contracts" / "openapi.yaml"
FOLDER = ROOT / "gateway"
COMMAND = "python -m position_manager.gateway.routes"
HEAD = f"# Generated from openapi.yaml by: {COMMAND}\n\n"

# A value that does not match cannot be valid. It is replaced by one that the function refuses with
# the name and the range of the parameter, so nothing that needs escaping gets into a query or body.
# PostgREST fails at text that is not UTF-8, and PostgreSQL has no NUL.
ENCODED = (
    "%(?!00)[0-7][0-9A-Fa-f]|(?:%[Cc][2-9A-Fa-f]|%[Dd][0-9A-Fa-f]"
    "|%[Ee](?:0%[AaBb]|[1-9A-CEFa-cef]%[89ABab]|[Dd]%[89])[0-9A-Fa-f]"
    "|%[Ff](?:0%[9ABab]|[1-3]%[89ABab]|4%8)[0-9A-Fa-f]%[89ABab][0-9A-Fa-f])%[89ABab][0-9A-Fa-f]"
)
PATTERNS = {
    "name": "[A-Za-z0-9._-]{1,64}",
    "number": "(?:[A-Za-z0-9.+-]|%2[Bb]){1,64}",
    "time": "(?:[A-Za-z0-9:.,+-]|%2[BbCc]|%3[Aa]|%20){1,64}",
    "zone": "(?:[A-Za-z0-9._+/-]|%2[BbFf]){1,64}",
    "names": "(?:[A-Za-z0-9_,]|%2[Cc])+",
    "text": f"(?:[A-Za-z0-9.,;:()/_=@^~*+-]|{ENCODED})+",
    # In a path + is a plus, but it would be passed on as a blank.
    "segment": f"(?:[A-Za-z0-9._:=@^~-]|{ENCODED})+",
}
INVALID = {
    "names": "?",
    "name": "?",
    "number": "?",
    "time": "?",
    "zone": "?",
    "text": "!",
    "segment": "!",
}

# Of a part that answers as long as the client stays: in place of the limits of requests under way,
# one of all such connections, and more patience than the silence between two comments.
LASTING = ("limit_conn streams 4000;", "proxy_read_timeout 60s;")

METHODS = {"get": "GET, HEAD", "post": "POST", "delete": "DELETE"}


class DocumentError(ValueError):
    """The document describes a route that the gateway cannot serve."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in a path or in a query."""

    name: str
    place: str
    argument: str
    type: str

    @property
    def variable(self) -> str:
        """The nginx variable of the checked value."""
        return f"${self.place}_{self.name}"

    @property
    def source(self) -> str:
        """The nginx variable of the value in the request."""
        return f"$arg_{self.name}" if self.place == "query" else f"$segment_{self.name}"


@dataclass(frozen=True, slots=True)
class Route:
    """A path with its method."""

    path: str
    method: str
    operation: str
    is_open: bool
    part: str | None
    parameters: tuple[Parameter, ...]
    has_body: bool = False
    native: str | None = None
    is_first: bool = True

    @property
    def function(self) -> str:
        """The function of the schema api."""
        return re.sub("([A-Z])", lambda letter: f"_{letter[1].lower()}", self.operation)

    @property
    def address(self) -> str:
        """The path after its parameters were taken out; not of the first, with its method."""
        named = re.sub(r"\{(\w+)\}", r":\1", self.path)
        return named if self.is_first else f"{named}:{self.method}"

    @property
    def pattern(self) -> str:
        """The address as a regular expression."""
        return _escaped(self.address)


def _escaped(path: str) -> str:
    return re.escape(path).replace(r"\-", "-")


def read(document: dict[str, Any]) -> list[Route]:
    """The routes of a document, in its order."""
    return [
        Route(
            path,
            method,
            operation["operationId"],
            needs_no_key(operation),
            operation.get("x-part"),
            tuple(_parameters(document, operation)),
            "requestBody" in operation,
            operation.get("x-native"),
            place == 0,
        )
        for path, item in document["paths"].items()
        for place, (method, operation) in enumerate(_operations(path, item))
    ]


def needs_no_key(operation: dict[str, Any]) -> bool:
    """Whether an operation answers without a key; with one it may show more, as the metrics do."""
    security = operation.get("security")
    return security == [] or (security is not None and {} in security)


def _operations(path: str, item: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    if not item.keys() <= METHODS.keys():
        raise DocumentError(f"{path}: an operation is get, post or delete")
    return item.items()


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[Parameter]:
    for reference in operation["parameters"]:
        found = _resolved(document, reference)
        if found["in"] != "header":
            name = found["name"]
            kind = _type(_resolved(document, found["schema"]))
            if found["in"] == "path" and kind == "text":
                kind = "segment"
            if found["in"] == "query" and "requestBody" in operation:
                raise DocumentError(f"{name}: an operation with a body has no query")
            yield Parameter(name, found["in"], found.get("x-argument", name), kind)


def _type(schema: dict[str, Any]) -> str:
    """Names are also UUIDs, flags, whole numbers and words of a list."""
    pattern = schema.get("pattern", "")
    if schema.get("format") == "date-time":
        return "time"
    if pattern.startswith("^[a-z_]"):
        return "names"
    if pattern.startswith("^[+-]?"):
        return "number"
    if pattern.startswith("^[A-Za-z0-9._+/-]"):
        return "zone"
    return "text" if r"\p{" in pattern else "name"


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def parameters(routes: list[Route]) -> str:
    """``parameters.conf``: the methods of a path, its unknown parameters, checked values."""
    methods = [(f"~^{route.pattern}$", _methods(route, routes)) for route in routes]
    unknown = [(_unknown(route), "$name") for route in routes if not route.is_open]
    return HEAD + "\n".join(
        [
            *_map("$uri $request_uri", "$routed", _addresses(routes)),
            *_map("$request_method $uri $content_type", "$operation", _others(routes)),
            *_map("$uri", "$route_methods", methods),
            *_map("$uri?$args", "$stranger", unknown),
            *dict.fromkeys(_segments(routes)),
            *(_checked(parameter) for parameter in _unique(routes)),
            "",
        ]
    )


def _map(source: str, target: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    # Volatile: an answer in the envelope has another $uri than the request.
    yield f'map "{source}" {target} {{'
    yield "    volatile;"
    yield from (f'    "{pattern}" "{value}";' for pattern, value in pairs)
    yield "}"
    yield ""


def _addresses(routes: list[Route]) -> Iterator[tuple[str, str]]:
    """The address of a request line whose path has a parameter."""
    for route in routes:
        if "{" in route.path and route.is_first:
            head = _escaped(route.path.partition("{")[0])
            line = re.sub(r"\\{\w+\\}", "[^/?]+", _escaped(route.path))
            # A parameter may hold an encoded line break, which $uri has decoded.
            yield rf"~(?s)^{head}.* {line}(?:\?|$)", route.address


def _others(routes: list[Route]) -> Iterator[tuple[str, str]]:
    """The address of an operation that is not the first of its path, or stands for a function."""
    for route in routes:
        if not route.is_first:
            path = route.pattern.removesuffix(f":{route.method}")
            yield rf"~^{METHODS[route.method]} {path} ", route.address
        if route.native:
            yield rf"~^POST /rest/rpc/{route.native} application/json\b", route.address


def _methods(route: Route, routes: list[Route]) -> str:
    """The methods of the path; of an operation that is not the first only its own."""
    if not route.is_first:
        return METHODS[route.method]
    return ", ".join(METHODS[each.method] for each in routes if each.path == route.path)


def _segments(routes: list[Route]) -> Iterator[str]:
    """Takes the value of a parameter from the request line."""
    for route in routes:
        for name in re.findall(r"\{(\w+)\}", route.path):
            head = _escaped(route.path.partition("{")[0])
            yield (
                f"map $request_uri $segment_{name}"
                f' {{ "~^{head}(?<raw_{name}>[^/?]+)" $raw_{name}; }}'
            )


def _unknown(route: Route) -> str:
    """Finds the first parameter that the path does not have."""
    names = "|".join(each.name for each in route.parameters if each.place == "query")
    known = f"(?!(?:{names})(?:=|&|$))" if names else ""
    return rf"~^{route.pattern}\?(?:.*&)?{known}(?<name>[^=&]+)"


def _unique(routes: list[Route]) -> list[Parameter]:
    found: dict[str, Parameter] = {}
    for each in (each for route in routes for each in route.parameters):
        other = found.setdefault(each.variable, each)
        if other.type != each.type:
            raise DocumentError(
                f"{each.name} is a {other.type} on one path, a {each.type} on another"
            )
    return list(found.values())


def _checked(parameter: Parameter) -> str:
    pattern, invalid = PATTERNS[parameter.type], INVALID[parameter.type]
    # nginx does not try a pattern on an empty string.
    empty = '"" ""; ' if parameter.place == "query" else ""
    return (
        f"map {parameter.source} {parameter.variable}"
        f' {{ {empty}"~^{pattern}$" {parameter.source}; default "{invalid}"; }}'
    )


def locations(routes: list[Route]) -> str:
    """``routes.conf``: the function that a path calls."""
    return HEAD + "\n".join(_location(route) for route in routes if not route.is_open)


def _location(route: Route) -> str:
    arguments = "&".join(f"{each.argument}={each.variable}" for each in route.parameters)
    upstream = "postgrest"
    if route.method == "get":
        called = f"rpc/{route.function}" if route.part is None else route.part
        lines = [f"rewrite ^ /{called}?{arguments}? break;"]
        if route.part is not None:
            lines += LASTING
        upstream = route.part or "reads"
    elif route.has_body:
        lines = [
            "set $interface body;",
            *(f"set $named_id {each.variable};" for each in route.parameters),
            f"rewrite ^ /rpc/{route.function}? break;",
        ]
    else:
        lines = [
            "set $interface command;",
            f"set $body '{arguments}';",
            f"rewrite ^ /rpc/{route.function}? break;",
            *(["proxy_method POST;"] if route.method != "post" else []),
            "proxy_set_body $body;",
        ]
    # The stream is not of a shard.
    shard = "$at" if route.part is None else ""
    lines.append(f"proxy_pass http://{upstream}{shard};")
    return f"location = {route.address} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def files() -> dict[Path, str]:
    """The generated files, with the text that they should have."""
    document = yaml.safe_load(DOCUMENT.read_text())
    routes = read(document)
    return {
        FOLDER / "parameters.conf": parameters(routes),
        FOLDER / "routes.conf": locations(routes),
        FOLDER / "docs" / "openapi.json": json.dumps(document, indent=1) + "\n",
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
