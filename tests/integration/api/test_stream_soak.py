"""Many clients of the stream, 1,000 in the long form, and one that does not read."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from statistics import quantiles

import pytest

from position_manager.stack.stack import Stack
from tests.helpers.gateway import Gateway, gateway
from tests.helpers.service import Service
from tests.helpers.soak import sized
from tests.helpers.streams import PATH, StreamProcess, publish

# Not at once with the parts of test_stream.
pytestmark = pytest.mark.xdist_group("stream")

CLIENTS = sized(40, 1000)
SECONDS = sized(2, 60)
# Transactions a second, and events in each: as of 50 changes a second.
COMMITS, EVENTS = 10, 5
ALL = SECONDS * COMMITS * EVENTS
# What no buffer on the way holds.
LARGE, LARGE_BYTES = 400, 100_000
PATIENCE = 60.0
STAMP = re.compile(rb'"timestamp": "([^"]+)"')
# Whose events are timed: reading all of them would take the client longer than sending the part.
TIMED = 20


class Client(asyncio.Protocol):
    """A client that counts its events."""

    def __init__(self, request: bytes) -> None:
        self.got = 0
        self._request = request
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count the events in the lines that are complete."""
        lines, newline, rest = data.rpartition(b"\n")
        if newline:
            self.read(self._rest + lines)
            self._rest = rest
        else:
            self._rest += rest

    def read(self, lines: bytes) -> None:
        """Count the events in some lines."""
        self.got += lines.count(b"data: ")


class Timed(Client):
    """A client that notes how long each event took."""

    def __init__(self, request: bytes) -> None:
        super().__init__(request)
        self.seconds: list[float] = []

    def read(self, lines: bytes) -> None:
        """Count and time the events in some lines."""
        super().read(lines)
        now = time.time()
        for stamp in STAMP.findall(lines):
            self.seconds.append(now - datetime.fromisoformat(stamp.decode()).timestamp())


class Deaf(Client):
    """A client that never reads."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream, and read nothing."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()


@pytest.fixture(scope="module")
def part(stack: Stack) -> Iterator[StreamProcess]:
    """A stream on one core."""
    part = StreamProcess(stack, "soak", stream_clients_per_key=CLIENTS + 10)
    os.sched_setaffinity(part.process.pid, {min(os.sched_getaffinity(0))})
    yield part
    part.kill()


@pytest.fixture(scope="module")
def front(stack: Stack, part: StreamProcess) -> Iterator[Gateway]:
    """A gateway in front of it."""
    with gateway(stack, stream=part.socket) as front:
        yield front


def test_stream_soak(
    stack: Stack, service: Service, part: StreamProcess, front: Gateway, account: str
) -> None:
    key = service.new_key("reader", tier="operator")
    before = memory(part.process.pid)
    began, used = time.monotonic(), processor_seconds(part.process.pid)

    clients, during = asyncio.run(scene(stack, front, part, key, account))

    took, used = time.monotonic() - began, processor_seconds(part.process.pid) - used
    assert [one.got for one in clients] == [ALL] * CLIENTS
    timed = [second for one in clients if isinstance(one, Timed) for second in one.seconds]
    percent = quantiles(timed, n=100)
    print(
        f"\n{CLIENTS} clients, {COMMITS * EVENTS} events/s for {SECONDS} s, each to all of them:"
        f" from commit p50 {percent[49] * 1000:.0f} ms, p99 {percent[98] * 1000:.0f} ms,"
        f" worst {max(timed) * 1000:.0f} ms;"
        f" {(during - before) / CLIENTS / 1024:.0f} kB per client;"
        f" {used / took:.0%} of one core"
    )
    assert percent[49] < 1
    assert percent[98] < 5


async def scene(
    stack: Stack, front: Gateway, part: StreamProcess, key: str, account: str
) -> tuple[list[Client], int]:
    """Connect the clients and publish; return them, and the memory of the part meanwhile."""
    request = ask(key, account)
    kinds = [Client if number % TIMED else Timed for number in range(CLIENTS)]
    async with AsyncExitStack() as end:
        clients = [await end.enter_async_context(connected(front, kind(request))) for kind in kinds]
        await asyncio.sleep(sized(1, 5))
        publisher = threading.Thread(target=publish_steadily, args=(stack, account))
        publisher.start()
        deadline = time.monotonic() + SECONDS + PATIENCE
        while any(one.got < ALL for one in clients) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        publisher.join()
        return clients, memory(part.process.pid)


@asynccontextmanager
async def connected(front: Gateway, client: Client) -> AsyncIterator[Client]:
    """A client whose request is under way."""
    host, _, port = front.url.removeprefix("http://").partition(":")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(lambda: client, host, int(port))
    yield client
    transport.abort()


def ask(key: str, account: str) -> bytes:
    """A request for the events of an account."""
    line = f"GET {PATH}?account={account} HTTP/1.1"
    return f"{line}\r\nHost: x\r\nX-API-Key: {key}\r\n\r\n".encode()


def publish_steadily(stack: Stack, account: str) -> None:
    """A few transactions every second."""
    began = time.monotonic()
    for commit in range(SECONDS * COMMITS):
        publish(stack, account, first=commit * EVENTS + 1, last=(commit + 1) * EVENTS)
        time.sleep(max(0.0, began + (commit + 1) / COMMITS - time.monotonic()))


def memory(pid: int) -> int:
    """The bytes of memory that a process has."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def processor_seconds(pid: int) -> float:
    """The time that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_client_that_does_not_read_is_dropped_and_harms_nobody(
    stack: Stack, service: Service, part: StreamProcess, front: Gateway, account: str
) -> None:
    key = service.new_key("reader")
    before = memory(part.process.pid)

    got, is_dropped, most = asyncio.run(beside_a_deaf_client(stack, front, part, key, account))

    assert got == LARGE
    assert is_dropped
    print(f"\nbeside a client that does not read: {(most - before) / 1024**2:.0f} MB more at most")
    # What the hub keeps, and what is on its way to two clients.
    assert most - before < 120 * 1024**2


async def beside_a_deaf_client(
    stack: Stack, front: Gateway, part: StreamProcess, key: str, account: str
) -> tuple[int, bool, int]:
    """Publish large events; return how many a client got, whether the other was dropped, memory."""
    request = ask(key, account)
    async with connected(front, Deaf(request)), connected(front, Client(request)) as reader:
        await asyncio.sleep(1)
        publisher = threading.Thread(target=publish_large, args=(stack, account))
        publisher.start()
        most, deadline = 0, time.monotonic() + PATIENCE
        while (reader.got < LARGE or not part.dropped()) and time.monotonic() < deadline:
            most = max(most, memory(part.process.pid))
            await asyncio.sleep(0.1)
        publisher.join()
        return reader.got, part.dropped() == 1, most


def publish_large(stack: Stack, account: str) -> None:
    """More than all buffers between the part and a client can hold."""
    for first in range(1, LARGE, 10):
        publish(stack, account, first=first, last=first + 9, padding=LARGE_BYTES)
