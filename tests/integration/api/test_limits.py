"""Rate limits, as measured by a client with keys and addresses of its own."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from position_manager.gateway.limits import Limit, before_any_key
from position_manager.stack.context import LOCALHOST
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers.gateway import Gateway, gateway, limit
from tests.helpers.service import Service, assert_refused

PATH = "/api/v1/portfolio/exposure"
# So low that no quota is refilled during a test.
PATIENCE = 30.0
FEW = Limit("address", 1, 4, 16)


@pytest.fixture(scope="module")
def proxy(stack: Stack) -> Iterator[Gateway]:
    """A gateway whose limits each test sets."""
    with gateway(stack) as proxy:
        yield proxy


@pytest.fixture
def key(service: Service) -> str:
    return service.new_key("reader")


def accepted_count(proxy: Gateway, key: str | None, tries: int, address: str = LOCALHOST) -> int:
    """Send this number of requests at once; return the number that was not refused."""
    headers = {} if key is None else {"X-API-Key": key}
    with proxy.client(address, headers=headers) as client:
        return sum(client.get(PATH).status_code != 429 for _ in range(tries))


@pytest.mark.parametrize(("per_minute", "burst"), [(100, 20), (200, 40)])
def test_a_burst_passes_then_requests_are_spaced_evenly(
    proxy: Gateway, key: str, per_minute: int, burst: int
) -> None:
    proxy.allow(limit(key, per_minute, burst))
    share = 60 / per_minute

    began = time.monotonic()
    passed = accepted_count(proxy, key, burst + 10)
    took = time.monotonic() - began

    assert burst + 1 <= passed <= burst + 1 + took / share + 1
    time.sleep(share * 1.1)
    later = accepted_count(proxy, key, 3)
    waited = time.monotonic() - began - took
    assert 1 <= later <= waited / share + 1


def test_sustained_requests_pass_at_the_limit(proxy: Gateway, key: str) -> None:
    per_minute, burst, seconds = 300, 10, 4.0
    proxy.allow(limit(key, per_minute, burst))

    began, passed, asked = time.monotonic(), 0, 0
    with proxy.client(headers={"X-API-Key": key}) as client:
        while (took := time.monotonic() - began) < seconds:
            passed += client.get(PATH).status_code == 200
            asked += 1
            time.sleep(0.004)

    expected = 1 + burst + took * per_minute / 60
    assert asked > 1.5 * expected
    # The client may be late.
    assert 0.9 * expected <= passed <= expected + 2


def test_a_refusal_has_a_retry_after(proxy: Gateway, key: str) -> None:
    proxy.allow(limit(key, 20, 1))
    answers = (proxy.get(PATH, key) for _ in range(100))

    refused = next(answer for answer in answers if answer.status_code == 429)

    body = assert_refused(refused, 429)
    assert body["message"] == "rate limit exceeded: 20 requests per minute"
    assert refused.headers["retry-after"] == "3"


def test_each_key_has_its_own_limit_across_addresses(
    proxy: Gateway, service: Service, key: str
) -> None:
    other = service.new_key("reader")
    proxy.allow(limit(key, 1, 4), limit(other, 1, 4))

    assert accepted_count(proxy, key, 4, "127.0.0.2") == 4
    assert accepted_count(proxy, key, 4, "127.0.0.3") == 1
    assert accepted_count(proxy, other, 6, "127.0.0.2") == 5


def test_keyless_requests_are_limited_by_address(proxy: Gateway) -> None:
    proxy.allow(FEW)

    assert accepted_count(proxy, None, 6, "127.0.0.2") == 5
    assert accepted_count(proxy, "a-wrong-key", 2, "127.0.0.2") == 0
    assert accepted_count(proxy, "a-wrong-key", 6, "127.0.0.3") == 5
    assert_refused(proxy.get(PATH, None, "127.0.0.4"), 401)


def test_a_key_id_without_its_secret_uses_no_quota_of_the_key(proxy: Gateway, key: str) -> None:
    proxy.allow(FEW, limit(key, 2, 4))
    forged = [f"{key}{end}" for end in "abcdefgh"] + [f"{key[:-1]}{end}" for end in "xyz"]

    answers = [proxy.get(PATH, each).status_code for each in forged]

    assert answers == [401] * 5 + [429] * 6
    assert accepted_count(proxy, key, 6) == 5


def test_a_revoked_key_is_limited_by_address(proxy: Gateway, key: str) -> None:
    proxy.allow(FEW, limit(key, 1, 1))
    assert accepted_count(proxy, key, 3) == 2

    proxy.allow(FEW)

    assert accepted_count(proxy, key, 6) == 5


def test_health_and_metrics_have_their_own_quota(proxy: Gateway) -> None:
    proxy.allow(FEW, Limit("open", 600, 120, 16))
    assert accepted_count(proxy, None, 6) == 5

    assert [proxy.get("/health", None).status_code for _ in range(10)] == [200] * 10
    assert proxy.get("/metrics", "a-wrong-key").status_code == 200
    proxy.allow(Limit("open", 1, 1, 16))
    assert [proxy.get("/health", None).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("rate", [(6000, 1200), (None, None)], ids=["limited", "not limited"])
def test_concurrent_requests_are_capped(
    proxy: Gateway, service: Service, key: str, rate: tuple[int | None, int | None]
) -> None:
    proxy.allow(limit(key, *rate, concurrent=3))
    address = httpx.URL(proxy.url)
    half = (
        f"POST /rest/rpc/get_positions HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    ).encode()
    waiting = [
        socket.create_connection((address.host, address.port or 80), timeout=30) for _ in range(3)
    ]
    try:
        for each in waiting:
            each.sendall(half)
            # It is counted: the gateway asks for the rest.
            assert each.recv(4096).startswith(b"HTTP/1.1 100 ")
        body = assert_refused(proxy.get(PATH, key), 429)
        assert body["message"] == "too many concurrent requests"
        # The key is limited, not the address.
        assert proxy.get(PATH, service.new_key("reader")).status_code == 200
        waiting[0].sendall(b"{}")
        assert waiting[0].recv(4096).startswith(b"HTTP/1.1 200 ")
    finally:
        for each in waiting:
            each.close()
    assert wait(lambda: proxy.get(PATH, key).status_code == 200, PATIENCE)


def test_disabled_limits_count_nothing_but_keys_still_work(proxy: Gateway, key: str) -> None:
    proxy.allow(limit(key, None, None))

    assert accepted_count(proxy, None, 40) == accepted_count(proxy, key, 40) == 40


def test_requests_are_limited_by_address_until_keys_are_known(proxy: Gateway, key: str) -> None:
    proxy.allow(*before_any_key(True, 10))

    assert accepted_count(proxy, key, 6) == 3
    assert before_any_key(False, 10) == []


def test_new_limits_are_loaded_without_an_outage(proxy: Gateway, key: str) -> None:
    proxy.allow(limit(key, 60_000, 12_000))

    answers = []
    for number in range(3):
        proxy.reload()
        answers += [proxy.get(PATH, key).status_code for _ in range(5 + number)]

    assert set(answers) == {200}


def test_a_new_key_gets_its_tier_soon_and_loses_it_when_revoked(
    service: Service,
) -> None:
    key = service.new_key("reader", tier="ui")
    key_id = key.split("_")[1]
    in_force = "SELECT r.in_force FROM api.rate_limits r WHERE r.id = %s"
    assert wait(lambda: service.query(in_force, key_id) == [(1000,)], PATIENCE)

    # The gateway may not have loaded the limits yet.
    def counted() -> bool:
        service.get(PATH, key=key)
        log = (service.stack.context.logs / "nginx.log").read_text()
        return f'"key":"{key_id}"' in log

    assert wait(counted, PATIENCE)
    service.query("UPDATE pms.api_keys SET revoked_at = now() WHERE id = %s", key_id)
    limits = service.stack.context.data / "nginx" / "limits.conf"
    assert wait(lambda: key_id not in limits.read_text(), PATIENCE)
    assert_refused(service.get(PATH, key=key), 401)
