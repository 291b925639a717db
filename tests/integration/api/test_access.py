"""Keys, roles, methods, sizes and traces at the gateway."""

from __future__ import annotations

import socket

import httpx
import pytest

from tests.helpers.service import UUID, Service, assert_refused

READS = [
    "/api/v1/positions",
    "/api/v1/positions/BTCUSDT",
    "/api/v1/positions/BTCUSDT/snapshots",
    "/api/v1/portfolio",
    "/api/v1/portfolio/exposure",
    "/api/v1/portfolio/pnl",
]
WRITES = [
    "/api/v1/positions/BTCUSDT/validate",
    "/api/v1/positions/BTCUSDT/snapshot",
    "/api/v1/snapshots",
]
NATIVE = ["/rest/", "/rest/positions", "/rest/rpc/get_positions"]


@pytest.mark.parametrize("path", [*READS, *NATIVE])
@pytest.mark.parametrize("key", [None, "wrong", "pms_first_wrong", "with space", "x" * 300])
def test_a_missing_or_wrong_key_is_refused(service: Service, path: str, key: str | None) -> None:
    assert_refused(service.get(path, key=key), 401)


def test_paths_are_hidden_without_a_key(service: Service) -> None:
    for path in ("/api/v1/nothing", "/rest/rpc/nothing", "/rest/api_keys"):
        assert_refused(service.get(path, key=None), 401)


@pytest.mark.parametrize("path", WRITES)
def test_a_request_without_a_key_writes_nothing(service: Service, path: str) -> None:
    assert_refused(service.post(path, key=None), 401)


def test_a_key_works_until_it_is_revoked_or_expires(service: Service) -> None:
    living = service.new_key("reader")
    assert service.get("/api/v1/positions", key=living).status_code == 200

    service.query(
        "UPDATE pms.api_keys SET revoked_at = now() WHERE name = 'test'"
        " AND digest = sha256(%s::bytea)",
        living.encode(),
    )

    assert_refused(service.get("/api/v1/positions", key=living), 401)
    assert_refused(service.get("/api/v1/positions", key=service.new_key("trader", "0 s")), 401)
    revoked = service.new_key("operator", revoked=True)
    assert_refused(service.get("/api/v1/positions", key=revoked), 401)


def test_a_reader_reads_but_does_not_write(service: Service, reader_key: str) -> None:
    for path in (path for path in READS if "BTCUSDT" not in path):
        assert service.get(path, key=reader_key).status_code == 200
    for path in WRITES:
        assert_refused(service.post(path, key=reader_key), 403)
    native = service.post("/rest/rpc/create_snapshot", key=reader_key, json={"asset": "A"})
    assert_refused(native, 403)


@pytest.mark.parametrize("role", ["trader", "operator"])
def test_traders_and_operators_write(service: Service, account: str, asset: str, role: str) -> None:
    service.fill(account, asset)
    key = service.new_key(role)

    path = f"/api/v1/positions/{asset}/snapshot"
    assert service.post(path, params={"account": account}, key=key).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v1/positions", "GET, HEAD"),
        ("DELETE", "/api/v1/positions/BTCUSDT", "GET, HEAD"),
        ("GET", "/api/v1/positions/BTCUSDT/validate", "POST"),
        ("GET", "/api/v1/positions/BTCUSDT/snapshot", "POST"),
        ("PUT", "/api/v1/positions/BTCUSDT/snapshots", "GET, HEAD"),
        ("GET", "/api/v1/snapshots", "POST"),
        ("PATCH", "/api/v1/portfolio", "GET, HEAD"),
        ("OPTIONS", "/api/v1/portfolio/pnl", "GET, HEAD"),
        ("POST", "/health", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
        ("POST", "/rest/positions", "GET, HEAD"),
        ("DELETE", "/rest/rpc/get_positions", "GET, HEAD, POST"),
        ("GET", "/rest/rpc/create_snapshot?asset=NEVERHELD", "POST"),
    ],
)
def test_a_wrong_method_gets_the_allowed_ones(
    service: Service, method: str, path: str, allowed: str
) -> None:
    answer = service.request(method, path)

    assert_refused(answer, 405)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api/v1",
        "/api/v1/positions/",
        "/api/v1/positions/A/b",
        "/API/v1/portfolio",
        "/rpc/get_positions",
        "/_envelope",
        "/_health",
        "/api/v2/positions",
        "/health/",
        "/positions",
    ],
)
def test_an_unknown_path_is_not_found(service: Service, path: str) -> None:
    assert_refused(service.get(path), 404)


@pytest.mark.parametrize(
    "query",
    [
        "mode=",
        "mode",
        "account=main&mode=&asset=A",
        "mode=hedge&mode=hedge",
        "mode=hedge&asset=A&mode",
    ],
)
def test_a_repeated_or_empty_parameter_is_refused(service: Service, query: str) -> None:
    body = assert_refused(service.get(f"/api/v1/positions?{query}"), 400, "mode")

    assert body["details"]["mode"] == "give it once, with a value"
    assert service.get("/rest/positions?version=gt.1&version=lt.1").status_code == 200


def test_the_trace_id_of_the_request_is_returned(service: Service) -> None:
    traced = {"X-Trace-Id": "order-manager:7.f_1-A"}

    for path in ("/api/v1/portfolio", "/api/v1/positions/NEVERHELD", "/nothing", "/health"):
        answer = service.get(path, headers=traced)
        assert answer.headers["x-trace-id"] == traced["X-Trace-Id"]
    refused = service.get("/api/v1/positions", headers=traced, params={"limit": "0"})
    assert refused.json()["trace_id"] == traced["X-Trace-Id"]
    assert (
        service.get("/api/v1/portfolio", headers=traced, key=None).json()["trace_id"]
        == (traced["X-Trace-Id"])
    )


@pytest.mark.parametrize("trace", [None, "", "x" * 129, 'a"b', "a b", "{}"])
def test_a_missing_or_invalid_trace_id_is_replaced_by_a_uuid(
    service: Service, trace: str | None
) -> None:
    headers = {} if trace is None else {"X-Trace-Id": trace}

    found = [service.get("/health", headers=headers).headers["x-trace-id"] for _ in range(2)]

    assert all(UUID.fullmatch(trace_id) for trace_id in found)
    assert found[0] != found[1]


def test_a_large_body_is_refused(service: Service) -> None:
    small, large = b"x" * 256 * 1024, b"x" * (256 * 1024 + 1)
    path = "/api/v1/positions/NEVERHELD/validate"

    assert_refused(service.post(path, content=small), 404)
    assert_refused(service.post(path, content=large), 413)
    assert_refused(service.post("/rest/rpc/get_positions", content=large), 413)


def test_a_long_url_is_refused(service: Service) -> None:
    assert_refused(service.get("/api/v1/positions?asset=" + "A" * 4096), 414)
    assert_refused(service.get("/api/v1/positions?asset=" + "A" * 3900), 400, "asset")


def test_a_malformed_http_request_is_refused(service: Service) -> None:
    address = httpx.URL(service.url)
    with socket.create_connection((address.host, address.port or 80), timeout=30) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: a b\r\n\r\n")
        answer = client.recv(4096)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"error_code":"VALIDATION_ERROR"' in answer


def test_unsupported_client_headers_are_ignored(service: Service, account: str) -> None:
    extras = {
        "Authorization": "Bearer e30.e30.e30",
        "Accept": "text/html",
        "Accept-Profile": "pms",
        "Content-Profile": "pms",
        "Prefer": "tx=rollback",
        "Range": "5-6",
        "Cookie": "a=b",
    }

    answer = service.get("/api/v1/positions", params={"account": account}, headers=extras)

    assert (answer.status_code, answer.json()) == (200, {"positions": [], "count": 0})
    assert answer.headers["content-type"].startswith("application/json")


def test_responses_hide_internal_headers(service: Service) -> None:
    for path in ("/api/v1/portfolio", "/api/v1/positions/NEVERHELD", "/nothing", "/health"):
        answer = service.get(path)
        assert answer.headers["server"] == "nginx"
        assert not {"content-location", "content-range", "x-health"} & set(answer.headers)


def test_the_access_log_has_trace_ids_but_no_keys(service: Service) -> None:
    secret = service.new_key("reader")
    trace = "trace-of-the-log-test"

    service.get("/api/v1/portfolio", key=secret, headers={"X-Trace-Id": trace})
    service.get("/api/v1/positions?api_key=" + secret, key=secret)
    service.get("/api/v1/portfolio", key=secret + "x")

    logs = service.stack.context.logs
    gateway = (logs / "nginx.log").read_text()
    assert trace in gateway
    assert f'"key_id":"{secret.rpartition("_")[0]}"' in gateway
    for log in logs.glob("*.log"):
        assert secret.rpartition("_")[2] not in log.read_text(errors="replace"), log
