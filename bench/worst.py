"""One reader's key at its worst, beside another client: ``make worst``.

On a stack of its own, requests of another key are timed while one key of the lowest limit sends the
most expensive queries that it can, from sixteen connections, and while thousands of connections
send half a request. Quiet and attacked moments alternate, so that other work on the machine meets
both. It fails when the 95th percentile of the others doubles, when ``/health`` is ever not 200, or
when PostgreSQL, PostgREST and nginx together take more memory than ``MEGABYTES``.
"""

from __future__ import annotations

import resource
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

import httpx
import psycopg

from bench.batches import apply
from bench.errors import MeasureError
from bench.messages import asset, executions, tickers
from bench.timing import percentile
from position_manager.config.service import ServiceSettings
from position_manager.config.stack import StackSettings
from position_manager.gateway.limits import fingerprint
from position_manager.stack.context import LOCALHOST, PORT_FIELDS, StackConfig
from position_manager.stack.parts import NAMES, record_of
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack

FILLS, BATCH, POSITIONS = 26_000, 1000, 40
ROUNDS, SECONDS, PAUSE = 4, 3.0, 0.01
THREADS, HALF_SENT = 16, 9_000
RATIO, MEGABYTES = 2.0, 1_000
# Addresses of the attackers, apart from that of the others.
ATTACKER, SLOW = "127.0.0.66", "127.0.0.67"
INSERT_KEY = """
    INSERT INTO pms.api_keys (id, digest, handle, fingerprint, tier, role, name)
    VALUES (%s, %s, %s, %s, %s, 'reader', 'worst')
"""
REFERRING = r"identity=match.(...%2B)(.*)(.*)\1(.*)\1(.*)\1"
QUERIES = {
    "regular expressions that refer back": [f"/rest/fills?select=id&{REFERRING}"],
    "150 patterns": [f"/rest/fills?select=id&or=({','.join(['identity.ilike.*a*b*'] * 150)})"],
    "expensive expressions": [
        "/rest/fills?select=id&identity=match.(a|b|c|d)*(e|f)*(a|b|c|d)*(e|f)*(a|b|c)*x",
        "/rest/fills?select=id&or=(identity.imatch.(%255B0-9%255D*.*){9}x,identity.like.*1*2*3*4*x)",
    ],
    "aggregates by name": [
        "/rest/fills?select=" + ",".join(f"a{number}:json_agg" for number in range(10)),
        "/rest/fills?select=to_jsonb,count,jsonb_agg,row_to_json",
    ],
    "whole pages": [
        "/rest/fills?order=price.desc,quantity,identity.desc&limit=10000",
        "/rest/rpc/position_entries?asset=BENCH000USDT",
        "/rest/portfolio_history?order=equity&limit=10000",
    ],
}
HALF = "half-sent requests"


class Sampler(threading.Thread):
    """Polls health and memory until it is stopped."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(name="sampler", daemon=True)
        self._stack = stack
        self.done = threading.Event()
        self.health: Counter[int] = Counter()
        self.peak: dict[str, float] = {}

    def run(self) -> None:
        with httpx.Client(base_url=self._stack.env()["POSITION_MANAGER_URL"], timeout=10) as client:
            while not self.done.wait(0.2):
                self.health[_status(client, "/health")] += 1
                self._measure()

    def _measure(self) -> None:
        parts = {"postgres", "nginx"} | {name for name in NAMES if name.startswith("postgrest")}
        taken: dict[str, float] = {}
        for name in parts:
            if (record := record_of(self._stack.context, name)) is not None:
                kind = "PostgREST" if name.startswith("postgrest") else name
                taken[kind] = taken.get(kind, 0) + sum(map(_megabytes, _tree(record.pid)))
        for kind, size in (taken | {"together": sum(taken.values())}).items():
            self.peak[kind] = max(self.peak.get(kind, 0), size)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):  # It has ended.
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _tree(int(child))


def _megabytes(pid: int) -> float:
    """The memory of a process, with its part of what it shares."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _status(client: httpx.Client, path: str) -> int:
    """The status of an answer; 0 without one."""
    try:
        return client.get(path).status_code
    except httpx.HTTPError:
        return 0


@contextmanager
def attack(url: str, key: str, paths: list[str], answers: Counter[int]) -> Iterator[None]:
    """Sixteen clients send these queries again and again."""
    stop = threading.Event()

    def ask(number: int) -> None:
        transport = httpx.HTTPTransport(local_address=ATTACKER)
        headers = {"X-API-Key": key}
        with httpx.Client(base_url=url, transport=transport, headers=headers, timeout=30) as client:
            while not stop.is_set():
                status = _status(client, paths[number % len(paths)])
                answers[status] += 1
                if status in (0, 400, 429):
                    stop.wait(0.1)

    with _running([partial(ask, number) for number in range(THREADS)], stop):
        yield


@contextmanager
def half_sent(url: str, answers: Counter[int]) -> Iterator[None]:
    """As many connections as an address has, each with half of a request."""
    stop = threading.Event()
    address = httpx.URL(url)
    target = (address.host, address.port or 80)

    def open_all() -> None:
        opened: list[socket.socket] = []
        try:
            while not stop.is_set():
                with suppress(OSError):
                    client = socket.create_connection(target, 5, source_address=(SLOW, 0))
                    opened.append(client)
                    client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: ")
                    answers[len(opened)] = 0
                if len(opened) >= HALF_SENT:
                    for old in opened[: HALF_SENT // 3]:
                        old.close()
                    del opened[: HALF_SENT // 3]
        finally:
            for client in opened:
                client.close()

    with _running([open_all], stop):
        yield


@contextmanager
def _running(jobs: list[Callable[[], None]], stop: threading.Event) -> Iterator[None]:
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def milliseconds(client: httpx.Client, statuses: Counter[int]) -> list[float]:
    """The durations of another client's requests."""
    taken = []
    end = time.monotonic() + SECONDS
    while (began := time.monotonic()) < end:
        statuses[_status(client, f"/api/v1/positions/{asset(0)}")] += 1
        taken.append((time.monotonic() - began) * 1000)
        time.sleep(PAUSE)
    return taken


def new_key(stack: Stack, name: str, tier: str) -> str:
    """A reader's key that the gateway knows."""
    key = f"pms_{name}_{secrets.token_hex(20)}"
    row = [name, sha256(key.encode()).digest(), name, fingerprint(key), tier]
    with psycopg.connect(stack.context.dsn()) as connection:
        connection.execute(INSERT_KEY, row)
    limits = stack.context.data / "nginx" / "limits.conf"
    if not wait(lambda: f'"{name}"' in limits.read_text(), 30):
        raise MeasureError(f"the gateway does not know the key {name}")
    return key


def trade(stack: Stack) -> None:
    """As many fills as the demo's."""
    with psycopg.connect(stack.context.dsn("pms_worker"), autocommit=True) as connection:
        for first in range(0, FILLS, BATCH):
            apply(connection, executions(BATCH, POSITIONS, first))
        apply(connection, tickers(POSITIONS, POSITIONS), "prices")
    with psycopg.connect(stack.context.dsn(), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def measure(stack: Stack) -> bool:
    """Print each attack beside its quiet moments; whether all bounds hold."""
    url = stack.env()["POSITION_MANAGER_URL"]
    attacker, other = new_key(stack, "attacker", "default"), new_key(stack, "other", "operator")
    sampler = Sampler(stack)
    sampler.start()
    holds = True
    print(f"\n{'attack':36} {'quiet p95':>10} {'attacked':>10} {'ratio':>6}  answers")
    with httpx.Client(base_url=url, headers={"X-API-Key": other}, timeout=30) as client:
        for name in (*QUERIES, HALF):
            quiet: list[float] = []
            attacked: list[float] = []
            served: Counter[int] = Counter()
            answers: Counter[int] = Counter()
            for _ in range(ROUNDS):
                quiet += milliseconds(client, served)
                with (
                    half_sent(url, answers)
                    if name == HALF
                    else attack(url, attacker, QUERIES[name], answers)
                ):
                    time.sleep(0.5)
                    attacked += milliseconds(client, served)
            before, during = percentile(quiet, 95), percentile(attacked, 95)
            shown = f"{max(answers)} connections" if name == HALF else dict(answers)
            print(f"{name:36} {before:7.1f} ms {during:7.1f} ms {during / before:6.2f}  {shown}")
            if set(served) != {200}:
                print(f"    others got {dict(served)}")
            holds &= during <= RATIO * before and set(served) == {200}
    sampler.done.set()
    sampler.join()
    peaks = ", ".join(f"{kind} {size:.0f} MB" for kind, size in sorted(sampler.peak.items()))
    print(f"peak memory: {peaks}; bound {MEGABYTES} MB\n/health: {dict(sampler.health)}")
    return holds and set(sampler.health) == {200} and sampler.peak["together"] <= MEGABYTES


def main() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    port, *others = free_ports(1 + len(PORT_FIELDS))
    with tempfile.TemporaryDirectory(prefix="worst-") as folder:
        config = StackConfig(
            Path(folder) / "stack",
            ServiceSettings(port=port),
            StackSettings.model_validate(dict(zip(PORT_FIELDS, others, strict=True))),
        )
        with Stack(config, print) as stack:
            print(f"{stack.env()['POSITION_MANAGER_URL']} on {LOCALHOST}, {FILLS} fills")
            trade(stack)
            return 0 if measure(stack) else 1


if __name__ == "__main__":
    sys.exit(main())
