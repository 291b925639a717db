"""Metrics from the gateway's log."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from position_manager.gateway.render import SOCKET
from position_manager.worker.histogram import Histogram
from position_manager.worker.rate_limit_sync.gateway_log import LogReader
from position_manager.worker.rate_limit_sync.requests import PATHS, Request, RequestCounters
from tests.helpers.harness import eventually
from tests.helpers.openapi import document

LINE = {
    "time": "2026-11-23T09:00:00+00:00",
    "trace_id": "t",
    "key_id": "pms_abc",
    "key": "abc",
    "address": "127.0.0.1",
    "method": "GET",
    "path": "/api/v1/positions/BTCUSDT",
    "status": "200",
    "bytes": "2",
    "seconds": "0.004",
    "upstream_status": "200",
    "upstream_seconds": "0.003",
}


def counted(*lines: dict[str, str]) -> RequestCounters:
    counters = RequestCounters()
    for line in lines:
        counters.count(Request.of_log(LINE | line))
    return counters


def test_every_contract_path_is_counted_under_its_template() -> None:
    # Assets of a page are counted together.
    described = {path for path in document()["paths"] if not path.startswith("/api/v1/docs/")}

    assert set(PATHS) == described
    for path in PATHS:
        named = re.sub(r"\{\w+\}", "7", path)
        assert Request.of_log(LINE | {"path": named}).route == path


@pytest.mark.parametrize(
    ("path", "status", "route"),
    [
        ("/rest/positions", "200", "/rest/positions"),
        ("/rest/rpc/record_fill", "200", "/rest/rpc/record_fill"),
        ("/rest/anything", "404", "/rest/*"),
        ("/rest/", "200", "/rest/*"),
        ("/wp-admin", "404", "other"),
        ("/api/v1/positions/a/b", "404", "other"),
        ('/"quoted"', "404", "other"),
    ],
)
def test_an_unknown_path_creates_no_label(path: str, status: str, route: str) -> None:
    assert Request.of_log(LINE | {"path": path, "status": status}).route == route


def test_requests_are_counted_by_path_method_and_status() -> None:
    counters = counted({}, {}, {"status": "404"}, {"method": "BREW"})

    found = counters.snapshot()
    assert found["requests"] == {
        "/api/v1/positions/{asset}": {"GET": {"200": 2, "404": 1}, "other": {"200": 1}}
    }
    assert found["seconds"]["/api/v1/positions/{asset}"]["count"] == 4
    assert found["seconds"]["/api/v1/positions/{asset}"]["sum"] == pytest.approx(0.016)


def test_limits_are_counted_by_key_and_by_address() -> None:
    counters = counted({"status": "429"}, {"status": "429", "key": ""}, {"status": "200"})

    assert counters.snapshot()["limited"] == {"key abc": 1, "address": 1}


def test_a_refused_key_is_counted_but_not_marked_as_used() -> None:
    counters = counted({"status": "401", "key": ""}, {"status": "401", "key": "", "key_id": ""})

    assert counters.snapshot()["refused_keys"] == 1
    assert counters.take_uses() == {}


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ({}, True),
        ({"status": "403", "upstream_status": "403"}, True),
        ({"status": "429", "upstream_status": ""}, True),
        # Known to the database only.
        ({"key": ""}, True),
        ({"key": "", "status": "403", "upstream_status": "403"}, True),
        # Sent twice.
        ({"key": "", "upstream_status": "500 : 200"}, True),
        ({"key": "", "status": "503", "upstream_status": "400 : 500"}, False),
        # A client that knows only the id gets this far.
        ({"key": "", "status": "405", "upstream_status": ""}, False),
        ({"key": "", "status": "400", "upstream_status": "400"}, False),
        ({"key": "", "status": "503", "upstream_status": "503"}, False),
        ({"status": "401", "upstream_status": "401"}, False),
        # These paths need no key.
        ({"path": "/health"}, False),
    ],
)
def test_an_accepted_key_is_marked_as_used(line: dict[str, str], used: bool) -> None:
    assert set(counted(line).take_uses()) == ({"abc"} if used else set())


def test_key_uses_are_reported_once_and_again_after_a_failure() -> None:
    counters = counted({"address": "10.0.0.1"}, {"address": "10.0.0.2"})

    uses = counters.take_uses()
    assert (uses["abc"].requests, uses["abc"].address) == (2, "10.0.0.2")
    assert counters.take_uses() == {}

    counters.count(Request.of_log(LINE | {"address": "10.0.0.3"}))
    counters.give_back(uses)
    uses = counters.take_uses()
    assert (uses["abc"].requests, uses["abc"].address) == (3, "10.0.0.3")


def test_a_histogram_is_cumulative() -> None:
    histogram = Histogram((1, 5))
    for value in (0.5, 1, 2, 5, 9):
        histogram.add(value)

    assert histogram.snapshot() == {
        "buckets": {"1": 2, "5": 4, "+Inf": 5},
        "sum": 17.5,
        "count": 5,
    }


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[tuple[Path, RequestCounters]]:
    """A running reader, in a folder with a longer path than a socket may have."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    stop, counters = threading.Event(), RequestCounters()
    reader = LogReader(folder, stop, counters)
    reader.start()
    eventually((folder / SOCKET).exists)
    yield folder, counters
    stop.set()
    reader.join(5)
    assert not reader.failed


def test_the_log_is_parsed_in_the_nginx_format(
    reading: tuple[Path, RequestCounters], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, counters = reading
    monkeypatch.chdir(folder)

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(SOCKET)
        for text in ("nonsense", '{"key_id":7}', "{", json.dumps(LINE | {"status": "x"})):
            sender.send(f"<190>Nov 23 09:00:00 nginx: {text}".encode())
        sender.send(b"<190>Nov 23 09:00:00 nginx: " + json.dumps(LINE).encode())
        sender.send(b"\xff{")

    eventually(lambda: counters.snapshot()["requests"])
    assert counters.snapshot()["requests"] == {"/api/v1/positions/{asset}": {"GET": {"200": 1}}}
    # Only nginx may write there.
    assert (folder / SOCKET).stat().st_mode & 0o777 == 0o600
