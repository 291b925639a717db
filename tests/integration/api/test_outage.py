"""Responses while parts are down. These tests stop parts, so they have their own stack."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from position_manager.gateway.limits import QUERIES
from position_manager.stack.postgrest import POOLS
from position_manager.stack.processes import wait
from position_manager.stack.supervisor import Supervisor
from tests.helpers.consumers import OrderManager, TemporarilyUnavailable
from tests.helpers.ledger import Ledger, fill
from tests.helpers.ledger_check import assert_verified
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.service import Service, assert_refused, is_time

pytestmark = pytest.mark.xdist_group("outage")
PATIENCE = 60.0
QUERY = "/rest/conflicts?select=account"
WAITING = "SELECT count(*) FROM pg_stat_activity a WHERE a.wait_event_type = 'Lock'"
UNKNOWN = {
    "status": "unhealthy",
    "service": "position-manager",
    "database_connected": False,
    "queue_connected": False,
    "positions_count": None,
}


@pytest.fixture(scope="module")
def alone(run_folder: Path) -> Iterator[Service]:
    """The gateway, PostgREST and the database; no broker and no worker."""
    stack = prepared_stack(
        run_folder.with_name(f"{run_folder.name}-outage"), rate_limit_default=1_000_000
    )
    try:
        stack.up(["postgres", *POOLS, "nginx"])
        with psycopg.connect(stack.context.dsn("pms_worker")) as worker:
            Ledger(worker, worker).apply(fill("1", "Buy", "2", "100", "0.1"))
        yield Service(stack)
    finally:
        stack.down(delete=True)


@pytest.fixture(autouse=True)
def _sound(alone: Service) -> Iterator[None]:
    """The ledger adds up after every test."""
    yield
    assert assert_verified(alone.stack.context.dsn()) == 1


@contextmanager
def stopped(service: Service, part: str) -> Iterator[None]:
    """A part is down."""
    supervisor = Supervisor(service.stack.context)
    supervisor.stop_parts([part])
    try:
        yield
    finally:
        supervisor.start_part(part)


@contextmanager
def held(service: Service, part: str) -> Iterator[None]:
    """A part and all its processes are suspended."""
    pid = next(status.pid for status in service.stack.status() if status.part == part)
    assert pid is not None
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pids = [pid, *map(int, children)]
    for number in pids:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in reversed(pids):
            os.kill(number, signal.SIGCONT)


def assert_health_is_unknown(service: Service) -> None:
    """Health reports it within a second; a busy machine may delay some responses."""
    durations: list[float] = []
    while not durations or (min(durations) > 1.0 and len(durations) < 5):
        began = time.monotonic()
        answer = service.get("/health", key=None)
        durations.append(time.monotonic() - began)

        assert answer.status_code == 503
        body = answer.json()
        assert is_time(body.pop("timestamp"))
        assert body == UNKNOWN
    assert min(durations) < 1.0


def assert_unavailable(service: Service) -> None:
    for path in ("/api/v1/portfolio/exposure", "/api/v1/positions/BTCUSDT", "/metrics"):
        answer = service.get(path)
        assert_refused(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
    assert_refused(service.post("/api/v1/positions/BTCUSDT/snapshot"), 503)
    assert_refused(service.get("/api/v1/portfolio", key=None), 401)


def works(service: Service) -> bool:
    return service.get("/api/v1/portfolio").status_code == 200


def test_the_queue_is_disconnected_without_a_worker(alone: Service) -> None:
    answer = alone.get("/health", key=None)

    assert answer.status_code == 503
    body = answer.json()
    assert (body["status"], body["database_connected"], body["queue_connected"]) == (
        "unhealthy",
        True,
        False,
    )
    assert type(body["positions_count"]) is int
    assert works(alone)


def test_a_silent_part_of_the_worker_counts_as_disconnected(alone: Service) -> None:
    for part in ("ingest", "relay"):
        alone.query("SELECT pms.report_worker(%s, '{\"queue_connected\": true}')", part)
    assert alone.get("/health").status_code == 200

    alone.query(
        "UPDATE pms.worker_reports SET reported_at = now() - interval '11 s' WHERE part = 'relay'"
    )
    assert alone.get("/health").json()["queue_connected"] is False

    alone.query("SELECT pms.report_worker('relay', '{\"queue_connected\": false}')")
    assert alone.get("/health").json()["queue_connected"] is False


def test_requests_get_503_while_the_database_is_down(alone: Service) -> None:
    with stopped(alone, "postgres"):
        for _ in range(3):
            assert_health_is_unknown(alone)
            assert_unavailable(alone)
    assert wait(lambda: works(alone), PATIENCE)


def test_the_database_refuses_connections(alone: Service) -> None:
    """As during a deploy that changes tables."""
    database = alone.query("SELECT quote_ident(current_database())")[0][0]
    alone.query(f"REVOKE CONNECT ON DATABASE {database} FROM pms_authenticator")
    try:
        alone.query(
            "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a"
            " WHERE a.usename = 'pms_authenticator'"
        )
        for _ in range(3):
            assert_health_is_unknown(alone)
            assert_unavailable(alone)
            assert_refused(alone.get("/rest/positions?nothing=eq.1"), 503)
    finally:
        alone.query(f"GRANT CONNECT ON DATABASE {database} TO pms_authenticator")
    assert wait(lambda: works(alone), 30)


def test_postgrest_is_away(alone: Service) -> None:
    alone.stack.kill("postgrest")

    assert_health_is_unknown(alone)
    assert_refused(alone.get("/api/v1/portfolio"), 503)
    assert wait(lambda: works(alone), 30)


def test_health_covers_the_server_of_the_contract(alone: Service) -> None:
    with stopped(alone, "postgrest"):
        assert_health_is_unknown(alone)
        assert wait(lambda: alone.get("/metrics").status_code == 200, PATIENCE)
    assert wait(lambda: works(alone), PATIENCE)


@contextmanager
def querying(service: Service, address: str) -> Iterator[socket.socket]:
    """A query under way, from an address of its own."""
    url = httpx.URL(service.url)
    with socket.create_connection(
        (url.host, url.port or 80), timeout=30, source_address=(address, 0)
    ) as client:
        head = f"GET {QUERY} HTTP/1.1\r\nHost: x\r\nX-API-Key: {service.key}\r\n\r\n"
        client.sendall(head.encode())
        yield client


def test_queries_hold_up_neither_the_contract_nor_health(alone: Service) -> None:
    for part in ("ingest", "relay"):
        alone.query("SELECT pms.report_worker(%s, '{\"queue_connected\": true}')", part)
    with ExitStack() as stack:
        locked = stack.enter_context(psycopg.connect(alone.stack.context.dsn()))
        locked.execute("LOCK TABLE pms.conflicts IN ACCESS EXCLUSIVE MODE")
        pool = POOLS["postgrest-queries"].connections
        for number in range(pool + 2):
            stack.enter_context(querying(alone, f"127.0.0.{2 + number // QUERIES}"))
        assert wait(lambda: alone.query(WAITING) == [(pool,)], PATIENCE)

        # From one address no more than half of the pool is under way.
        with querying(alone, "127.0.0.2") as refused:
            assert refused.recv(100).startswith(b"HTTP/1.1 429 ")
        assert wait(lambda: alone.get("/health", key=None).status_code == 200, PATIENCE)
        for path in ("/metrics", "/api/v1/positions/BTCUSDT", "/api/v1/portfolio/exposure"):
            assert alone.get(path).status_code == 200
        assert alone.post("/rest/rpc/get_positions", json={}).status_code == 200
        locked.rollback()


def test_slow_metrics_do_not_hold_up_health(alone: Service) -> None:
    stop = threading.Event()

    def health() -> int:
        # There is no worker: it would be silent for too long.
        for part in ("ingest", "relay"):
            alone.query("SELECT pms.report_worker(%s, '{\"queue_connected\": true}')", part)
        return alone.get("/health", key=None).status_code

    def scrape() -> set[int]:
        found = set()
        while not stop.is_set():
            found.add(alone.get("/metrics", key=None).status_code)
        return found

    with psycopg.connect(alone.stack.context.dsn()) as locked, ThreadPoolExecutor(4) as pool:
        # Health does not read it.
        locked.execute("LOCK TABLE pms.backups IN ACCESS EXCLUSIVE MODE")
        scrapers = [pool.submit(scrape) for _ in range(4)]
        try:
            # One or two, and perhaps a job.
            assert wait(lambda: alone.query(WAITING) >= [(1,)], PATIENCE)
            answers = [health() for _ in range(20)]
        finally:
            stop.set()
        assert answers == [200] * 20
        assert set().union(*(each.result() for each in scrapers)) == {429, 503}


def test_order_manager_treats_an_outage_as_temporary(alone: Service) -> None:
    order_manager = OrderManager(alone.url, alone.key)
    before = order_manager.exposure()

    with stopped(alone, "postgrest"), pytest.raises(TemporarilyUnavailable) as unavailable:
        order_manager.exposure()

    assert int(str(unavailable.value)) > 0
    assert wait(lambda: works(alone), PATIENCE)
    assert order_manager.exposure() == before
    assert order_manager.position("NEVERHELD") is None


def test_requests_time_out_while_the_database_hangs(alone: Service) -> None:
    with held(alone, "postgres"):
        for _ in range(3):
            assert_health_is_unknown(alone)
    assert wait(lambda: works(alone), PATIENCE)


def test_requests_time_out_while_postgrest_hangs(alone: Service) -> None:
    with held(alone, "postgrest"):
        assert_health_is_unknown(alone)
    assert wait(lambda: works(alone), PATIENCE)


def test_a_dying_database_never_causes_a_client_error(alone: Service) -> None:
    """PostgREST answers 400 with no code at all on each connection that the server has dropped."""
    requests = (
        ("GET", "/rest/positions?limit=1"),
        ("POST", "/rest/rpc/get_positions"),
        ("GET", "/api/v1/positions"),
    )

    found: set[tuple[int, str]] = set()
    stop = threading.Event()

    def ask(number: int) -> None:
        method, path = requests[number % len(requests)]
        while not stop.is_set():
            answer = alone.request(method, path, json={} if method == "POST" else None)
            found.add((answer.status_code, answer.json()["error_code"] if answer.is_error else ""))
            if answer.is_error:
                assert answer.headers["retry-after"] == "1"
                time.sleep(0.02)

    backends = "SELECT a.pid FROM pg_stat_activity a WHERE a.usename = 'pms_authenticator'"
    with ThreadPoolExecutor(len(requests)) as pool:
        clients = [pool.submit(ask, number) for number in range(len(requests))]
        try:
            assert wait(lambda: bool(found), PATIENCE)
            # The server restarts when one of its backends is killed.
            os.kill(alone.query(backends)[0][0], signal.SIGKILL)
            assert wait(lambda: len(found) > 1, PATIENCE)
            assert wait(lambda: works(alone), PATIENCE)
        finally:
            stop.set()
        for each in clients:
            each.result()

    assert found == {(200, ""), (503, "UNAVAILABLE")}
