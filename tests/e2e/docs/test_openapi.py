"""``openapi.yaml`` and the service agree."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import yaml

from position_manager.stack.stack import Stack
from tests.helpers.openapi import (
    Operation,
    described,
    is_open,
    lasts,
    operations,
    parameters,
    resolved,
    validator,
)
from tests.helpers.service import Service

# The values that cause each refusal.
OPEN = ("/health", "/metrics", "/api/v1/openapi.yaml", "/api/v1/openapi.json", "/api/v1/docs")
UNKNOWN_ASSET, BAD_ASSET = "NEVERHELD", "-"
UNKNOWN_ID = "00000000-0000-8000-8000-000000000000"


def assert_described(answer: httpx.Response, operation: Operation, status: int) -> None:
    """The answer has a status, headers and a body that the document has for the operation."""
    assert answer.status_code == status, answer.text
    response = resolved(described(operation)["responses"][str(status)])
    assert {name for name in response.get("headers", {}) if name not in answer.headers} == set()
    media_type = answer.headers["content-type"].partition(";")[0]
    schema = response["content"][media_type]["schema"]
    body = answer.text if media_type.startswith("text/") else yaml.safe_load(answer.text)
    found = validator(schema).iter_errors(body)
    errors = [f"{error.json_path}: {error.message}" for error in found]
    assert errors == []


@pytest.fixture(scope="module")
def service(stack: Stack) -> Service:
    """The service, with a position that is open and one without a price.

    Every process of the run adds to them, also while another one asks.
    """
    found = Service(stack)
    for asset, quantity in (("OPENAPIUSDT", "2"), ("UNPRICEDUSDT", "-1.5")):
        found.fill("openapi", asset, quantity)
    found.mark("OPENAPIUSDT", "101.5")
    found.post("/api/v1/positions/OPENAPIUSDT/snapshot", params={"account": "openapi"})
    return found


def ask(service: Service, operation: Operation, asset: str = "OPENAPIUSDT", **options: Any) -> Any:
    method, path = operation
    # Required parameters have the example value of the document.
    found = parameters(operation, "query") if operation in operations() else {}
    needed = {name: each["example"] for name, each in found.items() if each.get("required")}
    needed |= {name: asset for name in needed if name == "asset"}
    params = needed | options.pop("params", {})
    named = path.replace("{asset}", asset).replace("{id}", options.pop("id", UNKNOWN_ID))
    named = named.replace("{fill}", uuid.uuid4().hex)
    named = named.replace("{limit}", options.pop("limit", "account%2Fnobody%2Fdrawdown"))
    named = named.replace("{entry}", options.pop("entry", "cash:nobody"))
    if operation in operations() and "requestBody" in described(operation):
        options = {"json": body(operation, asset)} | options
    return service.request(method.upper(), named, params=params, **options)


def body(operation: Operation, asset: str) -> dict[str, Any]:
    """The example of the document, under ids of its own, of the account with positions."""
    content = described(operation)["requestBody"]["content"]["application/json"]
    [example] = map(resolved, content["examples"].values())
    own = {"asset": asset, "account": "openapi", "from_account": "openapi"}
    return {
        name: uuid.uuid4().hex if name.endswith("_id") else own.get(name, value)
        for name, value in example["value"].items()
    }


def limit(service: Service) -> str:
    """The id of a new limit, as a segment of a path."""
    account = f"openapi-{uuid.uuid4().hex[:12]}"
    body = {"metric": "drawdown", "limit": "1", "account": account}
    return quote(service.post("/api/v1/limits", json=body).json()["id"], safe="")


def deposit(service: Service, account: str) -> str:
    """The id of a new movement of cash."""
    name = uuid.uuid4().hex
    body = {"kind": "deposit", "currency": "USDT", "amount": "1", "account": account}
    service.post("/api/v1/cash", json=body | {"cash_id": name})
    return name


def discrepancy(service: Service) -> str:
    """The id of one that is open."""
    asset = f"D{uuid.uuid4().hex[:12]}USDT".upper()
    service.fill("openapi-decided", asset)
    service.query("UPDATE pms.positions SET size = 3 WHERE asset = %s", asset)
    asked = {"account": "openapi-decided", "fix_discrepancies": "false"}
    body = service.post(f"/api/v1/positions/{asset}/validate", params=asked).json()
    return str(body["discrepancies"][0]["id"])


every_operation = pytest.mark.parametrize("operation", list(operations()), ids=" ".join)


def with_status(status: int) -> pytest.MarkDecorator:
    """Each operation that has such an answer."""
    found = [it for it in operations() if str(status) in described(it)["responses"]]
    return pytest.mark.parametrize("operation", found, ids=" ".join)


# The answer of the others lasts until the client goes.
every_answer = pytest.mark.parametrize(
    "operation", [it for it in operations() if not lasts(it)], ids=" ".join
)


@every_answer
@pytest.mark.parametrize("account", ["openapi", "nobody-has-this"])
def test_a_response_matches_the_document(
    service: Service, operation: Operation, account: str
) -> None:
    params = {"account": account} if "account" in parameters(operation, "query") else {}
    if "{asset}" in operation[1] and account != "openapi":
        assert_described(ask(service, operation, params=params), operation, 404)
        return

    status = int(next(iter(described(operation)["responses"])))
    named = {"id": discrepancy(service)} if "{id}" in operation[1] else {}
    # An operation of no role takes a one-time code.
    code: dict[str, Any] = (
        {"key": service.new_code()} if described(operation).get("x-roles") == [] else {}
    )
    if "{limit}" in operation[1]:
        named["limit"] = limit(service)
    if "{entry}" in operation[1]:
        owner = f"openapi-{uuid.uuid4().hex[:12]}"
        named["entry"] = deposit(service, owner)
        code["json"] = {"account": owner}
    answer = ask(service, operation, params=params, **named, **code)
    assert_described(answer, operation, status)
    if "id" in named:
        assert_described(ask(service, operation, **named), operation, 409)


def test_the_larger_responses_match_the_document(service: Service) -> None:
    # Here, so that only one process opens it.
    for quantity in ("1", "-1"):
        service.fill("openapi", "CLOSEDUSDT", quantity)
    asked = {"account": "openapi", "include_positions": "true"}
    portfolio = service.get("/api/v1/portfolio", params=asked)
    cycles = service.get("/api/v1/positions/CLOSEDUSDT/cycles", params={"account": "openapi"})
    text = service.get("/metrics", headers={"Accept": "text/plain"})

    assert portfolio.json()["unpriced"] == ["UNPRICEDUSDT"]
    assert_described(portfolio, ("get", "/api/v1/portfolio"), 200)
    assert cycles.json()["count"] >= 1
    assert_described(cycles, ("get", "/api/v1/positions/{asset}/cycles"), 200)
    assert_described(text, ("get", "/metrics"), 200)


@pytest.mark.parametrize(
    "operation", [it for it in operations() if "as_of" in parameters(it, "query")], ids=" ".join
)
def test_a_response_at_a_moment_matches_the_document(
    service: Service, operation: Operation
) -> None:
    asked = {"account": "openapi", "as_of": "2999-01-01T00:00:00Z"}
    answer = ask(service, operation, params=asked)

    assert_described(answer, operation, 200)
    assert answer.json()["as_of"] == "2999-01-01T00:00:00.000000Z"


@with_status(400)
def test_a_bad_value_of_every_parameter_is_refused(service: Service, operation: Operation) -> None:
    for name in parameters(operation, "query"):
        answer = ask(service, operation, params={name: "!"})
        assert_described(answer, operation, 400)
        assert set(answer.json()["details"]) == {name}
    assert_described(ask(service, operation, params={"stranger": "1"}), operation, 400)
    if "{asset}" in operation[1]:
        assert_described(ask(service, operation, BAD_ASSET), operation, 400)
    if "{id}" in operation[1]:
        assert_described(ask(service, operation, id="nobody"), operation, 400)


@with_status(400)
def test_a_documented_range_is_enforced(service: Service, operation: Operation) -> None:
    for name, parameter in parameters(operation, "query").items():
        schema = resolved(parameter["schema"])
        ends = [schema[end] for end in ("minimum", "maximum") if end in schema]
        beyond = [end + step for end, step in zip(ends, (-1, 1), strict=False)]
        words = schema.get("enum", ["true", "FALSE"] if schema.get("type") == "boolean" else [])
        for value in [*ends, *words]:
            assert ask(service, operation, params={name: value}).status_code != 400, value
        for value in [*beyond, *["maybe" for _ in words[:1]]]:
            assert_described(ask(service, operation, params={name: value}), operation, 400)


@with_status(400)
def test_a_parameter_of_another_path_is_refused(service: Service, operation: Operation) -> None:
    all_names = {name for it in operations() for name in parameters(it, "query")}
    own = set(parameters(operation, "query"))

    for name in sorted(all_names - own):
        answer = ask(service, operation, params={name: "1"})
        assert_described(answer, operation, 400)
        assert set(answer.json()["details"]) == {name}


@pytest.mark.parametrize("operation", [it for it in operations() if not is_open(it)], ids=" ".join)
def test_a_request_without_a_key_is_refused(service: Service, operation: Operation) -> None:
    assert_described(ask(service, operation, key=None), operation, 401)


@pytest.mark.parametrize(
    "operation", [it for it in operations() if "x-roles" in described(it)], ids=" ".join
)
def test_a_reader_is_refused(service: Service, operation: Operation) -> None:
    key = service.new_key("reader")

    assert_described(ask(service, operation, key=key), operation, 403)


@pytest.mark.parametrize(
    "operation", [it for it in operations() if "account" in parameters(it, "query")], ids=" ".join
)
def test_a_key_of_another_account_is_refused(service: Service, operation: Operation) -> None:
    key = service.new_key("trader")
    service.query(
        "UPDATE pms.api_keys SET account_scope = '{nobody-has-this}' WHERE digest = sha256(%s)",
        key.encode(),
    )

    answer = ask(service, operation, key=key, params={"account": "openapi"})
    assert_described(answer, operation, 403)


@with_status(404)
def test_a_position_never_held_is_refused(service: Service, operation: Operation) -> None:
    assert_described(ask(service, operation, UNKNOWN_ASSET), operation, 404)


@with_status(405)
def test_another_method_is_refused(service: Service, operation: Operation) -> None:
    answer = ask(service, ("patch", operation[1]))

    assert_described(answer, operation, 405)
    assert operation[0].upper() in answer.headers["allow"].split(", ")


@with_status(413)
def test_a_large_body_is_refused(service: Service, operation: Operation) -> None:
    assert_described(ask(service, operation, content=b"x" * 262_145), operation, 413)


@with_status(414)
def test_a_long_url_is_refused(service: Service, operation: Operation) -> None:
    assert_described(ask(service, operation, params={"account": "a" * 5000}), operation, 414)


@every_operation
def test_only_health_metrics_and_documentation_are_open(operation: Operation) -> None:
    tags, responses = described(operation)["tags"], described(operation)["responses"]

    assert is_open(operation) == bool({"operations", "documentation"} & set(tags))
    assert not is_open(operation) or operation[1] in OPEN
    # Only the metrics take a key that they do not need.
    takes_key = not is_open(operation) or operation[1] == "/metrics"
    assert takes_key == ("401" in responses)
