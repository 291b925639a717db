"""``openapi.yaml`` agrees with the gateway, the functions and their comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import psycopg
import pytest
from jsonschema import Draft202012Validator

from position_manager.gateway.render import TEMPLATE
from tests.conftest import Database
from tests.helpers.openapi import (
    Operation,
    accepted,
    described,
    document,
    operations,
    parameters,
    resolved,
    rooted,
)
from tests.helpers.service import CODES

LOCATION = re.compile(
    r"^ {12}location (?:= (?P<exact>\S+)|~ .\^(?P<pattern>\S*)\$.) \{\n(?P<body>.*?)^ {12}\}$",
    re.MULTILINE | re.DOTALL,
)
CALL = re.compile(r"rewrite \S+ /rpc/(?P<function>\w+|\$\w+)\w*(?:\?(?P<query>\S*))?\? break;")
BODY = re.compile(r"set \$body '\{(.*)\}';")
# Arguments whose parameter has a name that is reserved in SQL.
ARGUMENTS = {
    "limit": "page_limit",
    "offset": "page_offset",
    "from": "from_time",
    "to": "to_time",
    "note": "encoded_note",
}
# The same of every path, and none of a function's: key, role, method, sizes, limits, outage.
OF_THE_GATEWAY = {401, 403, 405, 413, 414, 429, 503}
ROLES = ("reader", "trader", "operator")


@dataclass(frozen=True, slots=True)
class Function:
    """The database function of a path."""

    arguments: frozenset[str]
    summary: str
    refusals: frozenset[int]
    # Of its arguments, as its comment has them.
    defaults: dict[str, str]
    roles: frozenset[str]


def located() -> Iterator[tuple[str, str]]:
    """The body of each location, with its path as the document would have it."""
    for found in LOCATION.finditer(TEMPLATE.read_text()):
        path = found["exact"] or re.sub(r"\(\?<(\w+)_part>[^)]*\)", r"{\1}", found["pattern"])
        path = path.replace("{discrepancy}", "{id}")
        choice = re.search(r"\(\?:([^)]*)\)", path)
        for word in choice[1].split("|") if choice else [""]:
            yield path.replace(choice[0], word) if choice else path, found["body"]


def calls() -> dict[str, tuple[str, set[str]]]:
    """The function that each path calls, and the arguments that it is given."""
    found = {}
    for path, body in located():
        if (call := CALL.search(body)) is None:
            continue
        written = BODY.search(body)
        given = (
            re.findall(r'"(\w+)":', written[1])
            if written
            else re.findall(r"(\w+)=", call["query"] or "")
        )
        function = re.sub(r"\$1", path.rpartition("/")[2], call[0].split()[2]).split("?")[0]
        name = function.removeprefix("/rpc/").replace("$metrics_function", "get_metrics")
        found[path] = (name, set(given))
    return found


@pytest.fixture(scope="module")
def functions(shared_database: Database) -> dict[str, Function]:
    """The published functions by name."""
    with psycopg.connect(shared_database.dsn()) as conn:
        rows = conn.execute("""
            SELECT
                f.proname,
                coalesce(f.proargnames, '{}'),
                obj_description(f.oid, 'pg_proc'),
                ARRAY(
                    SELECT r.name
                    FROM unnest(ARRAY['reader', 'trader', 'operator']) r (name)
                    WHERE has_function_privilege('pms_' || r.name, f.oid, 'EXECUTE')
                )
            FROM pg_proc f
            WHERE f.pronamespace = 'api'::regnamespace
        """).fetchall()
    return {
        name: Function(
            frozenset(arguments),
            comment.partition("\n")[0],
            frozenset(map(int, re.findall(r"^- (\d{3}) ", comment, re.MULTILINE))),
            dict(re.findall(r"[Ww]ithout\s(\w+):\s([\w-]+)", comment)),
            frozenset(roles),
        )
        for name, arguments, comment, roles in rows
    }


def function_of(operation: Operation, functions: dict[str, Function]) -> Function:
    return functions[calls()[operation[1]][0]]


every_operation = pytest.mark.parametrize("operation", list(operations()), ids=" ".join)
every_call = pytest.mark.parametrize(
    "operation", [it for it in operations() if it[1] in calls()], ids=" ".join
)


def test_the_gateway_has_exactly_the_paths_of_the_document() -> None:
    # Except the assets of the documentation page.
    paths = {path for path, _ in located() if not path.startswith("/api/v1/docs/")}

    assert len(calls()) > 15
    assert paths == set(document()["paths"])


@every_call
def test_a_path_passes_on_all_its_parameters(
    operation: Operation, functions: dict[str, Function]
) -> None:
    named = {*parameters(operation, "query"), *parameters(operation, "path")}
    handed = {ARGUMENTS.get(name, name) for name in named}

    assert calls()[operation[1]][1] == handed
    assert handed <= function_of(operation, functions).arguments


@every_call
def test_an_operation_matches_its_function(
    operation: Operation, functions: dict[str, Function]
) -> None:
    function = function_of(operation, functions)
    statuses = {int(status) for status in described(operation)["responses"]}

    assert described(operation)["summary"] == function.summary
    assert function.refusals - OF_THE_GATEWAY == statuses - OF_THE_GATEWAY - {
        accepted(operation)[0]
    }
    assert set(described(operation).get("x-roles", ROLES)) == function.roles
    # A key may lack the role, or be bound to other accounts.
    is_open = described(operation).get("security") == []
    assert is_open == ("403" not in described(operation)["responses"])


@every_call
def test_defaults_match_the_function(operation: Operation, functions: dict[str, Function]) -> None:
    found = function_of(operation, functions).defaults
    for name, parameter in parameters(operation, "query").items():
        default = parameter["schema"].get("default")
        if (actual := found.get(ARGUMENTS.get(name, name))) is not None and default is not None:
            assert actual == str(default).lower()


@every_operation
def test_every_operation_is_complete(operation: Operation) -> None:
    found = described(operation)

    assert {"operationId", "summary", "description", "tags", "responses"} <= set(found)
    assert set(found["tags"]) <= {tag["name"] for tag in document()["tags"]}
    assert {"405", "414", "429"} <= set(found["responses"])
    for response in map(resolved, found["responses"].values()):
        assert {"X-Trace-Id", "Cache-Control"} <= set(response["headers"])
        for content in response["content"].values():
            assert {"example", "examples"} & set(content)


@every_operation
def test_every_example_matches_its_schema(operation: Operation) -> None:
    for status, response in described(operation)["responses"].items():
        for content in resolved(response)["content"].values():
            validator = Draft202012Validator(rooted(content["schema"]))
            examples = [resolved(it)["value"] for it in content.get("examples", {}).values()]
            for example in [*examples, content["example"]] if "example" in content else examples:
                assert [error.message for error in validator.iter_errors(example)] == []
                if int(status) >= 400 and "error_code" in example:
                    assert example["error_code"] == CODES[int(status)]
    for parameter in map(resolved, described(operation)["parameters"]):
        assert parameter["description"]
        if "example" in parameter:
            Draft202012Validator(rooted(parameter["schema"])).validate(parameter["example"])


def test_error_codes_match_the_gateway_and_the_functions(shared_database: Database) -> None:
    codes = re.search(r"map \$status \$error_code \{(.*?)\}", TEMPLATE.read_text(), re.DOTALL)
    assert codes is not None
    with psycopg.connect(shared_database.dsn()) as conn:
        sources = conn.execute(
            "SELECT prosrc FROM pg_proc"
            " WHERE pronamespace IN ('api'::regnamespace, 'pms'::regnamespace)"
        ).fetchall()
    refused = {
        code for (source,) in sources for code in re.findall(r"\b\d{3},\s*'([A-Z_]+)'", source)
    }

    known = document()["components"]["schemas"]["Error"]["properties"]["error_code"]["enum"]
    assert set(re.findall(r"\b[A-Z_]{4,}\b", codes[1])) | refused == set(known)
    # The codes of the contract, and some of the native interface.
    assert set(CODES.values()) <= set(known)


def test_limits_match_the_database(shared_database: Database) -> None:
    scheme = document()["components"]["securitySchemes"]["apiKey"]
    limits = scheme["x-requests-a-minute"]
    with psycopg.connect(shared_database.dsn()) as conn:
        for tier in limits:
            conn.execute(
                "INSERT INTO pms.api_keys (id, digest, handle, fingerprint, role, name, tier)"
                " VALUES (%s, %s, %s, %s, 'reader', 'limits', %s)",
                [tier, sha256(tier.encode()).digest(), tier, tier.encode().ljust(16), tier],
            )
        rows = conn.execute(
            "SELECT tier, per_minute, burst, concurrent FROM pms.rate_limits WHERE name = 'limits'"
        ).fetchall()

    assert {tier: number for tier, number, _, _ in rows} == limits
    assert {number / burst for _, number, burst, _ in rows} == {5}
    assert {concurrent for *_, concurrent in rows} == {scheme["x-requests-under-way"]}
    for number in set(limits.values()):
        assert re.search(rf"\b{number}\b", document()["info"]["description"])
