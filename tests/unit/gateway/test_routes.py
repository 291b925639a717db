"""``routes.conf`` and ``parameters.conf``, as they follow from ``openapi.yaml``."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
import yaml

from position_manager.gateway import routes
from position_manager.gateway.routes import DocumentError, locations, parameters, read

DOCUMENT: dict[str, Any] = yaml.safe_load(r"""
paths:
  /api/v1/things/{asset}:
    get:
      operationId: getThingsOfAsset
      parameters:
        - {name: asset, in: path, schema: {$ref: '#/components/schemas/Asset'}}
        - $ref: '#/components/parameters/limit'
        - {name: since, in: query, schema: {type: string, format: date-time}}
        - {name: X-Trace-Id, in: header, schema: {type: string}}
  /api/v1/things/{asset}/close:
    post:
      operationId: closeThing
      parameters:
        - {name: asset, in: path, schema: {$ref: '#/components/schemas/Asset'}}
        - {name: size, in: query, schema: {type: string, pattern: '^[+-]?[0-9]+$'}}
        - {name: note, in: query, x-argument: the_note,
           schema: {type: string, pattern: '^[\p{L} ]+$'}}
  /api/v1/all:
    post: {operationId: closeAll, parameters: []}
  /open.txt:
    get: {operationId: getOpen, security: [], parameters: []}
components:
  parameters:
    limit: {name: limit, in: query, x-argument: page_limit, schema: {type: integer}}
  schemas:
    Asset: {type: string, pattern: '^[A-Z]+$'}
""")


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(DOCUMENT)


def block(text: str, heading: str) -> str:
    """The block of the configuration with this first line."""
    found = re.search(rf"^{re.escape(heading)} \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    assert found is not None, text
    return found[1]


def value_map(text: str, variable: str) -> str:
    """The line that checks a value."""
    (line,) = (line for line in text.splitlines() if f" {variable} {{" in line)
    return line


def test_the_generated_files_are_current() -> None:
    stale = [path.name for path, text in routes.files().items() if path.read_text() != text]

    assert not stale, f"{' and '.join(stale)} differ from openapi.yaml; run: {routes.COMMAND}"


def test_a_get_passes_its_parameters_in_the_query(document: dict[str, Any]) -> None:
    location = block(locations(read(document)), "location = /api/v1/things/:asset")

    assert location == (
        "    rewrite ^ /rpc/get_things_of_asset"
        "?asset=$path_asset&page_limit=$query_limit&since=$query_since? break;\n"
        "    proxy_pass http://reads$at;\n"
    )


def test_a_post_passes_its_parameters_in_the_body(document: dict[str, Any]) -> None:
    location = block(locations(read(document)), "location = /api/v1/things/:asset/close")

    body = "asset=$path_asset&size=$query_size&the_note=$query_note"
    assert f"    set $body '{body}';\n" in location
    assert location.endswith(
        "    rewrite ^ /rpc/close_thing? break;\n"
        "    proxy_set_body $body;\n"
        "    proxy_pass http://postgrest$at;\n"
    )


def test_a_path_without_parameters_is_exact(document: dict[str, Any]) -> None:
    assert "    set $body '';\n" in block(locations(read(document)), "location = /api/v1/all")


def test_an_open_path_has_methods_only(document: dict[str, Any]) -> None:
    text = parameters(read(document))

    assert "open.txt" not in locations(read(document))
    assert r'    "~^/open\.txt$" "GET, HEAD";' in block(text, 'map "$uri" $route_methods')
    assert "open" not in block(text, 'map "$uri?$args" $stranger')


def test_the_methods_are_those_of_the_operation(document: dict[str, Any]) -> None:
    methods = block(parameters(read(document)), 'map "$uri" $route_methods')

    assert '    "~^/api/v1/things/:asset$" "GET, HEAD";\n' in methods
    assert '    "~^/api/v1/things/:asset/close$" "POST";\n' in methods


@pytest.mark.parametrize(
    ("line", "uri", "address"),
    [
        ("/api/v1/things/A", "/api/v1/things/A", "/api/v1/things/:asset"),
        ("/api/v1/things/A%2FB?x=/", "/api/v1/things/A/B", "/api/v1/things/:asset"),
        ("/api/v1/things/A%2Fclose", "/api/v1/things/A/close", "/api/v1/things/:asset"),
        ("/api/v1/things/A%2FB/close", "/api/v1/things/A/B/close", "/api/v1/things/:asset/close"),
        ("/api/v1/things/%2E%2E", "/api/v1", None),
        ("/api/v1/things/A", "/_envelope", None),
        ("/api/v1/things/A/B/close", "/api/v1/things/A/B/close", None),
        ("/api/v1/things/", "/api/v1/things/", None),
    ],
)
def test_a_path_with_a_parameter_has_one_address(
    document: dict[str, Any], line: str, uri: str, address: str | None
) -> None:
    routed = block(parameters(read(document)), 'map "$uri $request_uri" $routed')
    pairs = re.findall(r'"~(\S+ \S+)" "(\S+)";', routed)
    matching = (to for pattern, to in pairs if re.search(pattern, f"{uri} {line}"))

    assert next(matching, None) == address


def test_a_segment_is_taken_from_the_request_line(document: dict[str, Any]) -> None:
    text = parameters(read(document))

    assert text.count("map $request_uri $segment_asset ") == 1
    pattern = r'"~(\S+)" \$raw_asset;'
    found = re.search(pattern, value_map(text, "$segment_asset"))
    assert found is not None
    line = re.search(found[1].replace("?<", "?P<"), "/api/v1/things/A%2FB/close?limit=1")
    assert line is not None
    assert line["raw_asset"] == "A%2FB"


@pytest.mark.parametrize(
    ("request_uri", "stranger"),
    [
        ("/api/v1/things/:asset?limit=1&since=x", None),
        ("/api/v1/things/:asset?limit=1&sinc=x", "sinc"),
        ("/api/v1/things/:asset?limits=1", "limits"),
        ("/api/v1/things/:asset?note=x", "note"),
        ("/api/v1/things/:asset/close?note=x", None),
        ("/api/v1/things/:asset/close?X-Trace-Id=x", "X-Trace-Id"),
        ("/api/v1/all?asset=x", "asset"),
        ("/api/v1/all?", None),
    ],
)
def test_an_unknown_parameter_is_found(
    document: dict[str, Any], request_uri: str, stranger: str | None
) -> None:
    patterns = re.findall(
        r'"~(\S+)" "\$name";', block(parameters(read(document)), 'map "$uri?$args" $stranger')
    )
    matches = (re.search(each.replace("?<name>", "?P<name>"), request_uri) for each in patterns)

    assert next((found["name"] for found in matches if found), None) == stranger


def test_a_value_is_checked_by_its_type(document: dict[str, Any]) -> None:
    text = parameters(read(document))

    for variable, kind, invalid in (
        ("$query_limit", "name", "?"),
        ("$query_since", "time", "?"),
        ("$query_size", "number", "?"),
        ("$query_note", "text", "!"),
    ):
        source = variable.replace("query", "arg")
        assert value_map(text, variable) == (
            f'map {source} {variable} {{ "" ""; '
            f'"~^{routes.PATTERNS[kind]}$" {source}; default "{invalid}"; }}'
        )
    # A segment is never empty.
    assert '"" ""' not in value_map(text, "$path_asset")


@pytest.mark.parametrize(
    ("kind", "value", "passes"),
    [
        ("name", "BTC-USDT", True),
        ("name", "5d4fdd16-9c3f-8a0b-8f3e-0d5a3a1c2b4d", True),
        ("name", "true", True),
        ("name", "a" * 65, False),
        ("name", 'a"b', False),
        ("name", "a%20b", False),
        ("number", "-1.5", True),
        ("number", "%2B1", True),
        ("number", "1%00", False),
        ("time", "2026-01-31T12:00:00%2B01:00", True),
        ("time", "2026-01-31T12:00:00&x", False),
        ("time", "2026-01-31t12:00:00%2C5z", True),
        ("names", "position_updated,position_closed%2Climit_breached", True),
        ("names", "a%20b", False),
        ("names", "a&b", False),
        ("text", "a%20b%22", True),
        ("text", "BTC/USDT:USDT", True),
        ("text", "a&b", False),
        ("text", "a#b", False),
        ("text", "%00", False),
        ("text", "%e5%b8%81", True),
        ("text", "%ff", False),
        ("text", "%c0%80", False),
        ("text", "%ed%a0%80", False),
        ("text", "%e5%b8", False),
        ("text", "%f0%9f%9a%80", True),
        ("segment", "BTC%2FUSDT:USDT", True),
        ("segment", "^GSPC", True),
        ("segment", "ES=F", True),
        ("segment", "a+b", False),
        ("segment", "a%2Bb", True),
        ("segment", "a&b", False),
        ("text", 'a"b', False),
        ("text", "a\\b", False),
    ],
)
def test_nothing_passes_that_needs_escaping(kind: str, value: str, passes: bool) -> None:
    assert bool(re.fullmatch(routes.PATTERNS[kind], value)) == passes


def test_a_new_parameter_needs_the_document_only(document: dict[str, Any]) -> None:
    new = {"name": "until", "in": "query", "schema": {"type": "string", "format": "date-time"}}
    document["paths"]["/api/v1/things/{asset}"]["get"]["parameters"].append(new)
    text = parameters(read(document))

    assert "&until=$query_until? break;" in locations(read(document))
    assert "limit|since|until" in block(text, 'map "$uri?$args" $stranger')
    assert routes.PATTERNS["time"] in value_map(text, "$query_until")


def test_a_parameter_has_one_type(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/v1/things/{asset}"]["get"]
    operation["parameters"].append({"name": "size", "in": "query", "schema": {"type": "integer"}})

    with pytest.raises(DocumentError, match="size is a name on one path, a number on another"):
        parameters(read(document))


def test_each_operation_of_a_path_has_an_address(document: dict[str, Any]) -> None:
    document["paths"]["/api/v1/things/{asset}"]["delete"] = {
        "operationId": "deleteThing",
        "parameters": [document["paths"]["/api/v1/things/{asset}"]["get"]["parameters"][0]],
    }
    found = read(document)
    text = parameters(found)

    assert '    "~^DELETE /api/v1/things/:asset " "/api/v1/things/:asset:delete";\n' in block(
        text, 'map "$request_method $uri $content_type" $operation'
    )
    methods = block(text, 'map "$uri" $route_methods')
    assert '    "~^/api/v1/things/:asset$" "GET, HEAD, DELETE";\n' in methods
    assert '    "~^/api/v1/things/:asset:delete$" "DELETE";\n' in methods
    location = block(locations(found), "location = /api/v1/things/:asset:delete")
    assert "    set $body 'asset=$path_asset';\n" in location
    assert "    proxy_method POST;\n" in location


def test_a_body_is_passed_on_with_the_name_in_the_path(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/v1/things/{asset}/close"]["post"]
    operation |= {"requestBody": {}, "x-native": "close_it", "parameters": [
        operation["parameters"][0]
    ]}  # fmt: skip
    found = read(document)

    assert block(locations(found), "location = /api/v1/things/:asset/close") == (
        "    set $interface body;\n"
        "    set $named_id $path_asset;\n"
        "    rewrite ^ /rpc/close_thing? break;\n"
        "    proxy_pass http://postgrest$at;\n"
    )
    assert (
        '"~^POST /rest/rpc/close_it application/json\\b" "/api/v1/things/:asset/close";'
        in parameters(found)
    )


def test_a_body_leaves_no_place_for_a_query(document: dict[str, Any]) -> None:
    document["paths"]["/api/v1/things/{asset}/close"]["post"]["requestBody"] = {}

    with pytest.raises(DocumentError, match="size: an operation with a body has no query"):
        read(document)


def test_an_operation_is_one_that_the_gateway_knows(document: dict[str, Any]) -> None:
    document["paths"]["/api/v1/all"]["put"] = {"operationId": "putAll", "parameters": []}

    with pytest.raises(DocumentError, match="/api/v1/all: an operation is get, post or delete"):
        read(document)
