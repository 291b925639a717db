"""Webhooks: where they may connect to, how they are signed, what counts as taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from position_manager.config.environment import load
from position_manager.config.settings import ConfigError
from position_manager.worker.event_log import EventLog
from position_manager.worker.report import Counters
from position_manager.worker.webhooks import part as webhook_part
from position_manager.worker.webhooks.addresses import Forbidden, is_public, public_address
from position_manager.worker.webhooks.delivery import (
    Message,
    NotDelivered,
    deliver,
    key_of,
    signature,
)
from tests.conftest import Database

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
MESSAGE = Message("00000000-0000-0000-0000-000000000001", '{"event_type": "limit_breached"}')


class Endpoint(ThreadingHTTPServer):
    """Records what it is sent, and answers with one status after another, then with 204."""

    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.pause = 0.0
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?token=hidden"

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.seen]


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        time.sleep(self.server.pause)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers, body))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        self.send_response(status)
        self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(url: str, *, allows_private: bool = True) -> None:
    deliver(url, key_of(SECRET), MESSAGE, 1_700_000_000, allows_private=allows_private)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_an_address_inside_the_network_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "[::1]"])
def test_no_spelling_of_loopback_is_let_through(host: str) -> None:
    # Some of these are no host at all to the resolver, which is as good.
    with pytest.raises((Forbidden, socket.gaierror)):
        public_address(host.strip("[]"), allows_private=False, timeout=5)


def test_the_connection_goes_to_the_address_that_was_checked(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def checked(host: str, *, allows_private: bool, timeout: float) -> str:
        asked.append(host)
        return "127.0.0.1"

    monkeypatch.setattr("position_manager.worker.webhooks.delivery.public_address", checked)
    # The name resolves to nothing; only the checked address is used, and the host is named.
    send(f"http://hooks.invalid:{endpoint.server_port}/hook")

    assert asked == ["hooks.invalid"]
    (_, headers, _) = endpoint.seen[0]
    assert headers["host"] == f"hooks.invalid:{endpoint.server_port}"


def test_a_message_is_signed_as_standard_webhooks_describes(endpoint: Endpoint) -> None:
    send(endpoint.url)

    ((path, headers, body),) = endpoint.seen
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"k" * 32, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert (path, body.decode()) == ("/hook?token=hidden", MESSAGE.body)
    assert headers["webhook-id"] == MESSAGE.id


def test_the_signature_is_that_of_the_specification() -> None:
    # Its example.
    message = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}')
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    assert signature(key, message, 1_614_265_330) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_only_2xx_counts_as_taken_and_a_redirect_is_not_followed(
    endpoint: Endpoint, status: int
) -> None:
    endpoint.statuses = [status]

    with pytest.raises(NotDelivered, match=f"status {status}"):
        send(endpoint.url)
    assert len(endpoint.seen) == 1


def test_what_is_logged_of_a_failure_has_no_secret(endpoint: Endpoint) -> None:
    with pytest.raises(NotDelivered) as refused:
        send(endpoint.url, allows_private=False)
    assert str(refused.value) == "Forbidden"
    assert endpoint.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "https://[::1/", "https://hooks.example:99999/", "https://hooks.example:http/",
        "https://a..b/", f"https://{'a' * 64}.example/", "https:///hook",
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_refused_and_delivers_nothing(url: str) -> None:
    variables = {"POSITION_MANAGER_WEBHOOK_URLS": url, "POSITION_MANAGER_WEBHOOK_SECRET": SECRET}
    # The address is not repeated: it may hold a secret.
    with pytest.raises(ConfigError, match=r"WEBHOOK_URLS is invalid"):
        load(variables)
    with pytest.raises(NotDelivered):
        send(url)


@pytest.mark.parametrize(
    "url", ["https://[2606:4700::1111]:8443/", "https://user:secret@hooks.example:1/a?b=c:d"]
)
def test_an_address_may_have_a_port_and_credentials(url: str) -> None:
    variables = {"POSITION_MANAGER_WEBHOOK_URLS": url, "POSITION_MANAGER_WEBHOOK_SECRET": SECRET}
    assert load(variables).service.webhook_urls == (url,)


def test_a_slow_endpoint_ends_in_time(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("position_manager.worker.webhooks.delivery.TIMEOUT", 0.2)
    endpoint.pause = 0.6

    began = time.monotonic()
    with pytest.raises(NotDelivered):
        send(endpoint.url)
    assert time.monotonic() - began < 0.6


def test_a_slow_resolver_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("position_manager.worker.webhooks.delivery.TIMEOUT", 0.2)
    asked: list[object] = []
    answered = threading.Event()

    def resolve(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        answered.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    began = time.monotonic()
    for host in ("slow.example", "slow.example", "other.example"):
        with pytest.raises(NotDelivered, match="no answer in time"):
            send(f"http://{host}/hook")
    assert time.monotonic() - began < 5
    # A look-up that hangs is not repeated; one that has ended is.
    assert asked == ["slow.example", "other.example"]
    answered.set()
    until(lambda: not any(each.name == "resolve slow.example" for each in threading.enumerate()))
    with pytest.raises(NotDelivered, match="Forbidden"):
        send("http://slow.example/hook")
    assert asked[2:] == ["slow.example"]


@pytest.mark.parametrize(
    ("variables", "objection"),
    [
        ({"URLS": "https://hooks.example/a"}, "WEBHOOK_SECRET is required"),
        ({"URLS": "http://hooks.example/a", "SECRET": SECRET}, "needs .*ALLOW_HTTP=true"),
        ({"SECRET": "too-short"}, "WEBHOOK_SECRET is invalid"),
    ],
)
def test_settings_that_would_send_unsigned_or_in_the_clear_are_refused(
    variables: dict[str, str], objection: str
) -> None:
    with pytest.raises(ConfigError, match=objection):
        load({f"POSITION_MANAGER_WEBHOOK_{name}": value for name, value in variables.items()})


# Events of the log.

Log = Callable[..., str]


@pytest.fixture
def log(database: Database) -> Log:
    """Log one event; return its id."""

    def append(event_type: str, **fields: object) -> str:
        with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as owner:
            owner.execute(
                "INSERT INTO pms.outbox (aggregatetype, aggregateid, type, payload)"
                " VALUES ('limit', 'x', %s, %s)",
                [event_type, Jsonb({"event_type": event_type, **fields})],
            )
            owner.execute("SELECT pms.log_events(0, 1000)")
            row = owner.execute(
                "SELECT l.id::text FROM pms.event_log l ORDER BY l.number DESC LIMIT 1"
            ).fetchone()
        assert row is not None
        return str(row[0])

    return append


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def start(
    database: Database, endpoint: Endpoint, counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], webhook_part.Webhook]]:
    """Start a webhook to the endpoint; the last one is stopped."""
    monkeypatch.setattr(webhook_part, "LOOK_INTERVAL", 0.02)
    monkeypatch.setattr(webhook_part, "SHORTEST", 0.02)
    ports = database.context.ports
    config = load(
        {
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(ports.postgres_port),
            "POSTGRES_DB": database.name,
            "POSTGRES_USER": "pms_worker",
            "POSTGRES_PASSWORD": database.context.secrets.pms_worker,
            "POSITION_MANAGER_WEBHOOK_URLS": endpoint.url,
            "POSITION_MANAGER_WEBHOOK_SECRET": SECRET,
            "POSITION_MANAGER_WEBHOOK_ALLOW_HTTP": "true",
            "POSITION_MANAGER_WEBHOOK_ALLOW_PRIVATE": "true",
        }
    )
    running: list[webhook_part.Webhook] = []

    def again() -> webhook_part.Webhook:
        stop(running)
        event_log = EventLog(config, threading.Event())
        event_log.leads = True
        (webhook,) = webhook_part.webhooks(config, event_log, counters)
        assert isinstance(webhook, webhook_part.Webhook)
        webhook.start()
        running.append(webhook)
        return webhook

    yield again
    stop(running)


def stop(running: list[webhook_part.Webhook]) -> None:
    while running:
        webhook = running.pop()
        webhook.stop.set()
        webhook.join(10)
        assert not webhook.is_alive()
        assert not webhook.failed


def pointer(database: Database) -> list[int]:
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM pms.webhooks").fetchall()]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_breaches_discrepancies_and_failures_are_sent_in_order_and_nothing_else(
    database: Database, endpoint: Endpoint, log: Log, start: Callable[[], object]
) -> None:
    log("limit_breached", limit_id="before the webhook")
    start()
    until(lambda: pointer(database) == [1])
    log("position_updated")
    sent = [
        log("limit_breached"), log("discrepancy_opened"), log("limit_cleared"),
        log("service_failed"), log("service_recovered"),
    ]  # fmt: skip

    until(lambda: len(endpoint.seen) == 5 and pointer(database) == [7])
    assert endpoint.ids() == sent
    body = json.loads(endpoint.seen[0][2])
    assert body["event_type"] == "limit_breached"
    # As everywhere else: where the event is in the log.
    assert body["cursor"]


def test_a_message_is_sent_again_under_its_id_until_it_is_taken(
    database: Database, endpoint: Endpoint, log: Log, start: Callable[[], object],
    counters: Counters,
) -> None:  # fmt: skip
    start()
    until(lambda: pointer(database) == [0])
    endpoint.statuses = [500, 302, 429]
    first, second = log("limit_breached"), log("limit_cleared")

    until(lambda: pointer(database) == [2])
    assert endpoint.ids() == [first] * 4 + [second]
    assert counters.snapshot()["webhook_failures"] == 3
    assert counters.snapshot()["webhooks_sent"] == 2


def test_a_restart_misses_nothing(
    database: Database, endpoint: Endpoint, log: Log, start: Callable[[], webhook_part.Webhook]
) -> None:
    start().stop.set()
    until(lambda: pointer(database) == [0])
    sent = [log("limit_breached"), log("limit_cleared")]

    start()
    until(lambda: pointer(database) == [2])
    assert endpoint.ids() == sent


def test_a_message_that_nobody_takes_for_a_day_is_dropped(
    database: Database, endpoint: Endpoint, log: Log, start: Callable[[], object],
    counters: Counters,
) -> None:  # fmt: skip
    start()
    until(lambda: pointer(database) == [0])
    endpoint.statuses = [500] * 1000
    log("limit_breached")
    until(lambda: len(endpoint.seen) > 1)
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as owner:
        owner.execute("UPDATE pms.event_log SET logged_at = logged_at - interval '2 days'")

    start()
    until(lambda: pointer(database) == [1])
    assert counters.snapshot()["webhooks_dropped"] == 1
