"""The events as a stream, through the gateway."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time

import httpx
import pytest

from position_manager.stack.stack import Stack
from tests.helpers.gateway import gateway
from tests.helpers.harness import eventually
from tests.helpers.service import Service, assert_refused
from tests.helpers.streams import PATH, StreamProcess, events, numbers, publish, stream, took

# Parts of two processes at once would need more connections than pms_stream may have.
pytestmark = pytest.mark.xdist_group("stream")

MANY = 10_000


@pytest.fixture
def other() -> str:
    """An account that a bound key may not see."""
    return "other-of-the-stream"


def test_an_event_arrives_with_its_cursor_and_type(
    stack: Stack, service: Service, account: str, reader_key: str
) -> None:
    with stream(service.url, reader_key, account=account) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        publish(stack, account, 1)
        (sent,) = took(response, 1)

    assert sent.event == sent.data["event_type"] == "position_updated"
    assert sent.id == sent.data["cursor"]
    assert sent.data["account"] == account


def test_a_client_that_reconnects_reads_on_from_its_last_event(
    stack: Stack, service: Service, account: str, reader_key: str
) -> None:
    with stream(service.url, reader_key, account=account) as response:
        publish(stack, account, 5)
        first = took(response, 2)
    publish(stack, account, first=6, last=9)
    # Of both, the header counts: the address is that of the first request.
    with stream(
        service.url, reader_key, seen=first[-1].id, after=first[0].id or "", account=account
    ) as response:
        second = took(response, 9)
    with stream(service.url, reader_key, after=first[0].id or "", account=account) as response:
        again = took(response, 9)

    assert numbers(first + second) == list(range(1, 10))
    assert numbers(again) == list(range(2, 10))


def test_a_key_of_an_account_never_receives_an_event_of_another(
    stack: Stack, service: Service, account: str, other: str
) -> None:
    key = service.new_key("reader", accounts=[account])
    with stream(service.url, key) as response:
        publish(stack, other, 3)
        # One of no account as well.
        service.query("SELECT pms.publish_portfolio()")
        publish(stack, account, 7)
        wire = b""
        for text in response.iter_raw():
            wire += text
            if b'"number": 7' in wire:
                break

    assert wire.count(b'"number"') == wire.count(account.encode()) == wire.count(b"id: ") == 7
    assert other.encode() not in wire
    assert b"portfolio_updated" not in wire


def test_filters_choose_events_by_account_and_type(
    stack: Stack, service: Service, account: str, other: str, reader_key: str
) -> None:
    with stream(
        service.url, reader_key, account=account, types="position_closed,limit_breached"
    ) as response:
        publish(stack, other, 1, kind="position_closed")
        publish(stack, account, 2)
        publish(stack, account, 3, first=3, kind="position_closed")
        got = took(response, 3)

    assert [(sent.event, sent.data["account"]) for sent in got] == [("position_closed", account)]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"after": "x" * 32}, ["after"]),
        ({"after": "?"}, ["after"]),
        ({"types": "a,,b", "account": "a|b"}, ["types", "account"]),
        ({"asset": "BTCUSDT"}, ["asset"]),
    ],
)
def test_parameters_out_of_their_range_are_refused_by_name(
    service: Service, reader_key: str, parameters: dict[str, str], names: list[str]
) -> None:
    answer = service.get(PATH, key=reader_key, params=parameters)

    assert_refused(answer, 400, *names)


def test_a_key_is_needed_and_must_see_the_account(
    service: Service, account: str, other: str
) -> None:
    bound = service.new_key("reader", accounts=[account])
    revoked = service.new_key("reader", revoked=True)

    assert_refused(service.get(PATH, key=None), 401)
    assert_refused(service.get(PATH, key=revoked), 401)
    assert_refused(service.get(PATH, key=bound, params={"account": other}), 403)
    assert_refused(service.get(f"{PATH}?api_key={bound}", key=None), 401)
    assert_refused(service.post(PATH, key=bound), 405)
    assert service.request("HEAD", PATH, key=bound).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pms.api_keys SET revoked_at = now() WHERE id = %s",
        "UPDATE pms.api_keys SET account_scope = '{another}' WHERE id = %s",
        "UPDATE pms.api_keys SET expires_at = now() WHERE id = %s",
    ],
)
def test_the_streams_of_a_key_end_with_it(
    stack: Stack, service: Service, account: str, reader_key: str, change: str
) -> None:
    key = service.new_key("reader", accounts=[account])
    with (
        stream(service.url, key) as ending,
        stream(service.url, reader_key, account=account) as staying,
    ):
        service.query(change, key.split("_")[1])
        began = time.monotonic()
        assert list(events(ending)) == []
        assert time.monotonic() - began < 5
        publish(stack, account, 1)
        assert numbers(took(staying, 1)) == [1]


def test_streams_of_a_key_are_limited_and_no_requests_under_way(
    stack: Stack, service: Service, account: str
) -> None:
    key = service.new_key("reader", tier="operator")
    part = StreamProcess(stack, account, stream_clients_per_key=8)
    try:
        with gateway(stack, stream=part.socket) as front:
            # More than a key may have requests under way.
            opened = [stream(front.url, key) for _ in range(8)]
            responses = [one.__enter__() for one in opened]
            assert {response.status_code for response in responses} == {200}
            refused = assert_refused(front.get(PATH, key), 429)
            assert refused["message"] == "too many streams with this key"
            assert front.get("/api/v1/positions?limit=1", key).status_code == 200
            opened[0].__exit__(None, None, None)
            with contextlib.ExitStack() as tries:
                response = _accepted(tries, front.url, key, account)
                publish(stack, account, 1)
                assert numbers(took(response, 1)) == [1]
            for one in opened[1:]:
                one.__exit__(None, None, None)
    finally:
        part.kill()


def _accepted(tries: contextlib.ExitStack, url: str, key: str, account: str) -> httpx.Response:
    """A stream once there is a place: that of one that has gone is free when the part notices."""
    responses: list[httpx.Response] = []

    def is_accepted() -> bool:
        responses.append(tries.enter_context(stream(url, key, account=account)))
        return responses[-1].status_code == 200

    eventually(is_accepted)
    return responses[-1]


def test_nothing_is_missed_or_doubled_when_the_part_is_killed(
    stack: Stack, service: Service, account: str, reader_key: str
) -> None:
    part = StreamProcess(stack, account)
    got: list[int] = []
    seen: str | None = None
    kills = 0
    publisher = threading.Thread(target=_publish_many, args=(stack, account))
    try:
        with gateway(stack, stream=part.socket) as front:
            with stream(front.url, reader_key, account=account) as response:
                publisher.start()
                first = next(events(response))
            got, seen = [first.data["number"]], first.id
            while got[-1] != MANY:
                if kills < 3 and len(got) >= (kills + 1) * MANY // 5:
                    part.kill()
                    kills += 1
                    assert_refused(front.get(PATH, reader_key), 503)
                    part = StreamProcess(stack, account)
                # A stream that is too far behind ends early; its client goes on from its cursor.
                with (
                    contextlib.suppress(httpx.RemoteProtocolError),
                    stream(front.url, reader_key, seen=seen, account=account) as response,
                ):
                    for sent in itertools.islice(events(response), MANY // 5):
                        got.append(sent.data["number"])
                        seen = sent.id
                        if got[-1] == MANY:
                            break
    finally:
        publisher.join()
        part.kill()

    assert kills == 3
    assert got == list(range(1, MANY + 1))


def _publish_many(stack: Stack, account: str) -> None:
    for first in range(1, MANY, 250):
        publish(stack, account, first=first, last=first + 249)
