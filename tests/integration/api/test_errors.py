"""Every refusal has the contract's envelope and reveals nothing internal."""

from __future__ import annotations

import re
import socket
from typing import Any

import httpx
import pytest

from tests.helpers.service import CODES, Service, assert_refused

# Words of the database and the machine that must not appear.
INNER = re.compile(
    r"\bpms[._]|\bapi\.|\bselect\b|postgres|127\.0\.0\.1|pg_|role\b|\.sql|line \d+ at",
    re.IGNORECASE,
)


def assert_error(answer: httpx.Response, status: int, message: str) -> dict[str, Any]:
    body = assert_refused(answer, status)
    assert body["message"] == message
    assert not INNER.search(answer.text)
    return body


@pytest.mark.parametrize(
    ("status", "path", "message"),
    [
        (400, "positions?nothing=eq.1", "column positions.nothing does not exist"),
        (400, "positions?select=nothing", "column positions.nothing does not exist"),
        (400, "fills?id=eq.x", 'invalid input syntax for type bigint: "x"'),
        (400, "positions?or=(a", '"failed to parse logic tree ((a)" (line 1, column 5)'),
        (404, "nothing", 'relation "nothing" does not exist'),
        (
            404,
            "rpc/get_position?nothing=1",
            "Could not find the function get_position(nothing) in the schema cache",
        ),
        (
            400,
            "positions?select=*,drawdown(*)",
            "Could not find a relationship between 'positions' and 'drawdown' in the schema cache",
        ),
        (404, "rpc/get_position?asset=NEVERHELD", "no one-way position in NEVERHELD"),
        (
            400,
            "rpc/get_positions?page_limit=0",
            "limit: must be a whole number from 1 to 1000",
        ),
    ],
)
def test_native_errors_use_the_envelope(
    service: Service, status: int, path: str, message: str
) -> None:
    assert_error(service.get(f"/rest/{path}"), status, message)


def test_fields_of_postgrest_stay_where_its_clients_read_them(service: Service) -> None:
    body = assert_refused(service.get("/rest/positions?select=*,price(*)"), 400)

    assert body["code"] == "PGRST200"
    assert body["details"] == (
        "Searched for a foreign key relationship between 'positions' and 'price', "
        "but no matches were found."
    )
    assert body["hint"] == "Perhaps you meant 'prices' instead of 'price'."


def test_an_invalid_body_gets_a_specific_error(service: Service) -> None:
    path = "/rest/rpc/get_positions"
    as_json = {"Content-Type": "application/json"}

    refused = service.post(path, content=b'{"mode":', headers=as_json)
    assert_error(refused, 400, "Empty or invalid json")
    refused = service.post(path, json={"page_limit": "0"})
    assert_error(refused, 400, "limit: must be a whole number from 1 to 1000")
    refused = service.post(path, content=b"x", headers={"Content-Type": "text/strange"})
    assert_error(refused, 400, "Content-Type not acceptable: text/strange")


def test_a_command_is_executed_once_after_a_refusal(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset)
    asked = {"asset": asset, "account": account}

    assert service.post("/rest/rpc/create_snapshot", json=asked | {"mode": "?"}).status_code == 400
    assert service.post("/rest/rpc/create_snapshot", json=asked).status_code == 201

    counted = "SELECT count(*) FROM pms.snapshots s WHERE s.account = %s"
    assert service.query(counted, account) == [(1,)]


@pytest.mark.parametrize(
    ("status", "headers"),
    [(415, {"Accept": "text/html"}), (416, {"Range": "5-2"})],
)
def test_other_postgrest_errors_use_the_envelope(
    service: Service, status: int, headers: dict[str, str]
) -> None:
    answer = service.get("/rest/positions", headers=headers)

    assert answer.status_code == status
    assert set(answer.json()) == {"error_code", "message", "trace_id", "code", "details", "hint"}
    assert answer.json()["trace_id"] == answer.headers["x-trace-id"]


@pytest.mark.parametrize(
    "path", ["nothing", "rpc/nothing", "positions?nothing=1", "positions?or=(a", "rpc/get_position"]
)
def test_objects_are_hidden_without_a_valid_key(service: Service, path: str) -> None:
    for key in ("a-wrong-key", service.key + "x"):
        assert_refused(service.get(f"/rest/{path}", key=key), 401)
    assert_refused(
        service.post(f"/rest/{path}", key="wrong", content=b"{"), 401 if "rpc" in path else 405
    )


def test_an_answer_that_looks_like_a_refusal_is_left_alone(
    service: Service, account: str, asset: str
) -> None:
    trace = '{"code":"x","message":1, api. in the schema \'api\''
    service.fill(account, asset, trace_id=trace)

    query = {"account": f"eq.{account}", "select": "trace_id"}
    assert service.get("/rest/fills", params=query).json() == [{"trace_id": trace}]


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: a b\r\n", 400),
        (b"GET /health HTTP/9.9\r\nHost: a\r\n", 400),
        (b"POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: strange\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 5000 + b"\r\n", 400),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: a\r\n", 414),
        (b"TRACE /health HTTP/1.1\r\nHost: a\r\n", 405),
    ],
)
def test_malformed_http_is_refused_in_the_envelope(
    service: Service, request_line: bytes, status: int
) -> None:
    address = httpx.URL(service.url)
    with socket.create_connection((address.host, address.port or 80), timeout=30) as client:
        client.sendall(request_line + b"\r\n")
        answer = client.recv(8192)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    assert f'"error_code":"{CODES[status]}"'.encode() in answer
