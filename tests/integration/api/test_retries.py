"""Errors of PostgREST that another attempt may avoid: code that a deploy has just replaced."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from position_manager.stack.context import LOCALHOST
from position_manager.stack.postgrest import FOLDER
from position_manager.stack.stack import Stack
from tests.helpers.gateway import Gateway, gateway
from tests.helpers.service import NO_AUTHORITIES, Service, assert_refused

Answer = tuple[int, dict[str, Any]]
DONE: Answer = (200, {})
# Of a server that has closed the connection.
LOST: Answer = (400, {"code": "", "details": None, "hint": None, "message": ""})
# The connection is closed without an answer.
CLOSED: Answer = (0, {})
ROUTES = [("GET", "/api/v1/positions"), ("POST", "/api/v1/positions/BTCUSDT/snapshot")]
NATIVE = [("GET", "/rest/positions?limit=1"), ("POST", "/rest/rpc/get_positions")]
OF_THE_GATEWAY = ("/rpc/get_metrics", "/instruments?select=asset&limit=1")


def error(status: int, code: str, message: str = "") -> Answer:
    """An error of the database, in PostgREST's words."""
    return status, {"code": code, "details": None, "hint": None, "message": message}


def written(status: int, body: dict[str, Any]) -> bytes:
    """As PostgREST 12.0.2 writes an answer: at once, with these headers and no others."""
    text = json.dumps(body, separators=(",", ":")).encode()
    return (
        b"HTTP/1.1 %d Bad Request\r\nTransfer-Encoding: chunked\r\n"
        b"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: postgrest/12.0.2\r\n"
        b"Content-Type: application/json; charset=utf-8\r\n\r\n%04X\r\n%s\r\n0\r\n\r\n"
    ) % (status, len(text), text)


class Scripted(ThreadingHTTPServer):
    """A PostgREST that gives these answers, one a request."""

    def __init__(self) -> None:
        super().__init__((LOCALHOST, 0), Handler)
        self.answers: list[Answer] = []
        self.delay = 0.0
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    """Records a request and answers it."""

    server: Scripted
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path in OF_THE_GATEWAY or self.command == "OPTIONS":
            self.wfile.write(written(*DONE))
            return
        self.server.requests.append((self.command, self.path, dict(self.headers.items()), body))
        time.sleep(self.server.delay)
        scripted = self.server.answers.pop(0)
        if scripted == CLOSED:
            self.close_connection = True
            return
        answer = written(*scripted)
        if self.command == "HEAD":
            answer = answer[: answer.index(b"\r\n\r\n") + 4]
        self.wfile.write(answer)

    do_HEAD = do_POST = do_OPTIONS = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def _postgrest() -> Iterator[Scripted]:
    with Scripted() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def postgrest(_postgrest: Scripted) -> Scripted:
    _postgrest.answers, _postgrest.requests, _postgrest.delay = [], [], 0.0
    return _postgrest


@pytest.fixture(scope="module")
def door(stack: Stack, _postgrest: Scripted) -> Iterator[Gateway]:
    with gateway(stack, before=f"{LOCALHOST}:{_postgrest.server_port}") as found:
        yield found


def ask(door: Gateway, method: str, path: str) -> httpx.Response:
    headers = {"X-API-Key": "a-key", "X-Trace-Id": "t", "Accept": "application/json"}
    content = b'{"mode":"hedge"}' if method == "POST" else None
    return httpx.request(
        method,
        door.url + path,
        headers=headers,
        content=content,
        timeout=20,
        verify=NO_AUTHORITIES,
    )


@pytest.mark.parametrize(("method", "path"), ROUTES + NATIVE)
@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "XX000"), (400, "0A000"), (400, "42704"), (404, "42883"), (404, "42P01")],
)
def test_an_error_of_the_database_is_tried_again(
    door: Gateway, postgrest: Scripted, method: str, path: str, status: int, code: str
) -> None:
    postgrest.answers = [error(status, code), DONE]
    answer = ask(door, method, path)

    assert (answer.status_code, answer.json()) == DONE
    first, second = postgrest.requests
    assert first[:2] == second[:2]
    assert first[3] == second[3]
    # nginx announces an empty body of a GET when it sets one.
    for headers in (first[2], second[2]):
        headers.pop("Content-Length", None)
    assert first[2] == second[2]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("status", [400, 404, 409, 500])
def test_a_route_is_tried_twice_at_most(
    door: Gateway, postgrest: Scripted, method: str, path: str, status: int
) -> None:
    postgrest.answers = [error(status, "XX000")] * 2
    answer = ask(door, method, path)

    assert_refused(answer, 503)
    assert answer.headers["retry-after"] == "1"
    assert len(postgrest.requests) == 2


@pytest.mark.parametrize(("method", "path"), NATIVE)
def test_the_native_interface_passes_the_second_error_on(
    door: Gateway, postgrest: Scripted, method: str, path: str
) -> None:
    postgrest.answers = [error(400, "22P02", "no such number")] * 2
    assert assert_refused(ask(door, method, path), 400)["message"] == "no such number"

    postgrest.answers = [error(500, "XX000", "cache lookup failed")] * 2
    assert_refused(ask(door, method, path), 503)
    assert len(postgrest.requests) == 4


@pytest.mark.parametrize(("method", "path"), ROUTES + NATIVE)
def test_a_400_without_a_code_is_an_outage(
    door: Gateway, postgrest: Scripted, method: str, path: str
) -> None:
    """The database has died, perhaps after it committed: nothing is sent twice."""
    postgrest.answers = [LOST]
    answer = ask(door, method, path)

    assert_refused(answer, 503)
    assert answer.headers["retry-after"] == "1"
    assert len(postgrest.requests) == 1


@pytest.mark.parametrize("broken", [LOST, error(404, "42883"), error(500, "XX000")])
def test_health_is_unhealthy_whatever_postgrest_answers(
    door: Gateway, postgrest: Scripted, broken: Answer
) -> None:
    postgrest.answers = [broken]

    answer = httpx.get(f"{door.url}/health")

    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")


def test_a_head_request_is_tried_again(door: Gateway, postgrest: Scripted) -> None:
    """Without a body a missing code is invisible; nothing is written either."""
    postgrest.answers = [error(400, "42703"), error(400, "42703")]

    assert ask(door, "HEAD", "/rest/positions?nothing=eq.1").status_code == 400
    assert len(postgrest.requests) == 2


@pytest.mark.parametrize("path", ["/api/v1/positions", "/rest/positions?limit=1"])
def test_a_read_survives_a_connection_that_postgrest_has_closed(
    door: Gateway, postgrest: Scripted, path: str
) -> None:
    postgrest.answers = [DONE, CLOSED, DONE]
    # One connection is served by one process of nginx, which keeps one to PostgREST.
    with door.client(headers={"X-API-Key": "a-key"}) as client:
        assert [client.get(path).status_code for _ in range(2)] == [200, 200]

    assert len(postgrest.requests) == 3


def test_a_timeout_is_not_tried_again(door: Gateway, postgrest: Scripted) -> None:
    postgrest.delay = 5.1
    postgrest.answers = [error(500, "57014")]

    assert_refused(ask(door, *ROUTES[1]), 503)
    assert len(postgrest.requests) == 1


def test_the_shortest_400_with_a_code_is_longer_than_one_without(service: Service) -> None:
    """PostgREST's own headers are as long as those that envelope.conf counts with."""
    path = service.stack.context.data / FOLDER / "postgrest.sock"
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
        answer = client.get(
            "http://localhost/positions?nothing=eq.1", headers={"X-API-Key": service.key}
        )
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    overhead = len("HTTP/1.1 400 Bad Request\r\n") + headers + len("\r\n0033\r\n\r\n0\r\n\r\n")

    assert answer.status_code == 400
    assert overhead + len(json.dumps(LOST[1], separators=(",", ":"))) == 230
    assert overhead + len(json.dumps(error(400, "42703")[1], separators=(",", ":"))) == 235
