"""``openapi.yaml`` agrees with the gateway, the functions and their comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

import psycopg
import pytest

from position_manager.gateway.render import GATEWAY
from position_manager.gateway.routes import read
from position_manager.stack.postgrest import POOLS
from tests.conftest import Database
from tests.helpers.openapi import (
    Operation,
    accepted,
    described,
    document,
    is_open,
    operations,
    parameters,
    resolved,
    validator,
)
from tests.helpers.service import CODES

# Open paths that a function answers.
OPERATIONS = {"/health", "/metrics"}
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


def calls() -> dict[Operation, tuple[str, set[str]]]:
    """The function that each operation calls, and its arguments beside a body."""
    return {
        (route.method, route.path): (
            route.function,
            {parameter.argument for parameter in route.parameters if not route.has_body},
        )
        for route in read(document())
        if (not route.is_open or route.path in OPERATIONS) and route.part is None
    }


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
    return functions[calls()[operation][0]]


every_operation = pytest.mark.parametrize("operation", list(operations()), ids=" ".join)
every_call = pytest.mark.parametrize(
    "operation", [it for it in operations() if it in calls()], ids=" ".join
)


@every_call
def test_a_function_has_the_arguments_of_its_path(
    operation: Operation, functions: dict[str, Function]
) -> None:
    assert calls()[operation][1] <= function_of(operation, functions).arguments


@every_call
def test_an_operation_matches_its_function(
    operation: Operation, functions: dict[str, Function]
) -> None:
    function = function_of(operation, functions)
    statuses = {int(status) for status in described(operation)["responses"]}

    assert described(operation)["summary"] == function.summary
    refused_before = OF_THE_GATEWAY | (set() if function.arguments else {400})
    assert function.refusals - refused_before == statuses - refused_before - {
        accepted(operation)[0]
    }
    assert set(described(operation).get("x-roles", ROLES)) == function.roles
    # A key may lack the role, or be bound to other accounts.
    assert is_open(operation) == ("403" not in described(operation)["responses"])


@every_call
def test_defaults_match_the_function(operation: Operation, functions: dict[str, Function]) -> None:
    found = function_of(operation, functions).defaults
    for name, parameter in parameters(operation, "query").items():
        default = parameter["schema"].get("default")
        if (
            said := found.get(parameter.get("x-argument", name))
        ) is not None and default is not None:
            assert said == str(default).lower()


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
            of_schema = validator(content["schema"])
            examples = [resolved(it)["value"] for it in content.get("examples", {}).values()]
            for example in [*examples, content["example"]] if "example" in content else examples:
                assert [error.message for error in of_schema.iter_errors(example)] == []
                if int(status) >= 400 and "error_code" in example:
                    assert example["error_code"] == CODES[int(status)]
    for content in described(operation).get("requestBody", {}).get("content", {}).values():
        for example in map(resolved, content["examples"].values()):
            validator(content["schema"]).validate(example["value"])
    for parameter in map(resolved, described(operation)["parameters"]):
        assert parameter["description"]
        if "example" in parameter:
            validator(parameter["schema"]).validate(parameter["example"])


def test_the_codes_are_those_of_the_gateway_and_the_functions(shared_database: Database) -> None:
    envelope = (GATEWAY / "envelope.conf").read_text()
    codes = re.search(r"map \$status \$error_code \{(.*?)\}", envelope, re.DOTALL)
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
    assert 2 * scheme["x-requests-under-way"] <= POOLS["postgrest"].connections
    for number in set(limits.values()):
        assert re.search(rf"\b{number}\b", document()["info"]["description"])
