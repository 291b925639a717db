"""Slices of one tree: short measurements of its stack from outside, each with the same messages.

This module uses none of the tree's modules. It depends only on the functions that apply messages,
the schema ``api``, the tables of entries, positions and the outbox, and HTTP.
"""

from __future__ import annotations

import http.client
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench import history, ingest, rest
from bench.batches import WARM_UP_CALLS, apply
from bench.comparison import Cost
from bench.cpu import seconds_of_cpu
from bench.errors import MeasureError
from bench.messages import ASSETS, executions, tickers, totals
from bench.trees import Service

PATHS = {
    "GET positions": "/api/v1/positions",
    "GET portfolio": "/api/v1/portfolio",
    "GET exposure": "/api/v1/portfolio/exposure",
}
QUEUED = "queue to committed positions"
QUEUE = "order-manager.order_executed"
HISTORY = 10_000

BATCHES_DATABASE, HISTORY_DATABASE = "pms_bench_batches", "pms_bench_history"
PATIENCE = 60.0
PAUSE = 0.002
OTHERS = "SELECT pg_terminate_backend(a.pid, 5000) FROM pg_stat_activity a WHERE a.datname = %s"
# One operation in this many, the slowest, is left out: shared disks stall now and then.
OUTLIER_EVERY = 10
UNPUBLISHED = "SELECT pms.outbox_depth() > 0"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and its slices: the number of operations, and of messages in each."""

    unit: str
    operations: int
    size: int = 1
    feed: str = "order_events"
    messages: Callable[..., list[str]] | None = None


# Each slice takes less than a tenth of a second on an idle machine of 2026.
FIGURES = {
    "executions, batches of 1": Figure("fills/s", 20, messages=executions),
    "executions, batches of 100": Figure("fills/s", 5, 100, messages=executions),
    "executions, batches of 1000": Figure("fills/s", 1, 1000, messages=executions),
    "totals, batches of 100": Figure("fills/s", 4, 100, messages=totals),
    f"prices, batches of {ASSETS}": Figure("prices/s", 10, ASSETS, "prices", tickers),
    "late fill": Figure("ms", 10),
    "position as of": Figure("ms", 20),
    "position as known": Figure("ms", 20),
    "explain, a page": Figure("ms", 10),
    QUEUED: Figure("fills/s", 1_000, messages=executions),
    "GET positions": Figure("ms", 15),
    "GET portfolio": Figure("ms", 15),
    "GET exposure": Figure("ms", 15),
}


@dataclass(frozen=True, slots=True)
class Slice:
    """The operations of a slice; both trees run the same."""

    figure: str
    operations: int
    size: int
    texts: list[str]
    seed: int


class Slices:
    """Makes the slices of both trees; each continues where the former one of any figure ended."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._count = 0
        self._messages = 0

    def next(self, name: str, least: int = 1) -> Slice:
        """The next slice of a figure, of at least `least` operations."""
        figure = FIGURES[name]
        operations = max(int(figure.operations * self._scale), least)
        texts = []
        if figure.messages is not None:
            count = operations * figure.size
            # Times and numbers go on, so no fill of a batch is a late one.
            texts = figure.messages(count, first=self._messages)
            self._messages += count
        self._count += 1
        return Slice(name, operations, figure.size, texts, seed=self._count)

    def warm_up(self, name: str) -> Slice:
        """A slice before the measured ones, after which PostgreSQL keeps its plans."""
        return self.next(name, least=WARM_UP_CALLS)


class Arm:
    """The service of one tree, and two copies of its database that no part of the stack uses."""

    def __init__(self, service: Service, scale: float) -> None:
        self._service = service
        self._entries = max(int(HISTORY * scale), history.SHORTEST)
        self._connections: dict[str, psycopg.Connection] = {}

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Fill the databases; keep a connection for each figure while slices are measured."""
        self._copy_database()
        worker, superuser = (
            self._service.dsn(HISTORY_DATABASE, role) for role in ("pms_worker", "postgres")
        )
        history.fill(worker, superuser, self._entries)
        with ExitStack() as stack:
            for name in FIGURES:
                dbname, role = self._place(name)
                connection = stack.enter_context(self._connection(dbname, role))
                if role == "pms_worker":
                    # As the worker does.
                    connection.prepare_threshold = None
                    connection.execute("SET jit = off")
                self._connections[name] = connection
            self._await_service()
            yield

    def clean(self) -> None:
        """Do in all databases what PostgreSQL would otherwise do during some slice."""
        for dbname in (BATCHES_DATABASE, HISTORY_DATABASE, self._service.database):
            with self._connection(dbname) as connection:
                connection.execute("VACUUM (ANALYZE)")
        self._run("CHECKPOINT")

    def measure(self, slice_: Slice) -> Cost:
        """Run a slice; return its cost by message or request."""
        name, connection = slice_.figure, self._connections[slice_.figure]
        if name == QUEUED:
            return self._drain(connection, slice_.texts)
        if name in PATHS:
            with closing(self._client()) as client:
                return self._cost(slice_, lambda _: self._request(client, PATHS[name]))
        if name in history.QUESTIONS:
            ask, chance = history.QUESTIONS[name][1], random.Random(slice_.seed)
            return self._cost(slice_, lambda _: ask(connection, self._entries, chance))
        feed, size, texts = FIGURES[name].feed, slice_.size, slice_.texts
        return self._cost(
            slice_, lambda place: apply(connection, texts[place * size :][:size], feed)
        )

    def _cost(self, slice_: Slice, operation: Callable[[int], object]) -> Cost:
        taken = []
        cpu = self._cpu()
        for place in range(slice_.operations):
            began = time.perf_counter()
            operation(place)
            taken.append(time.perf_counter() - began)
        cpu = self._cpu() - cpu
        usual = sorted(taken)[: len(taken) - len(taken) // OUTLIER_EVERY]
        return Cost(
            elapsed=statistics.mean(usual) / slice_.size,
            cpu=cpu / slice_.operations / slice_.size,
        )

    def _drain(self, connection: psycopg.Connection, texts: list[str]) -> Cost:
        """The cost from a full queue to committed positions; of the CPU, to published events.

        The worker publishes events while it commits, more or less of them in time.
        """
        before = self._committed(connection)
        with connection.transaction():
            # The worker commits nothing until the queue is full.
            connection.execute("LOCK TABLE pms.entries, pms.positions")
            ingest.publish(self._service.broker, QUEUE, texts)
            cpu = self._cpu()
        began = time.perf_counter()
        self._await(
            lambda: self._committed(connection) == before + len(texts),
            "not all fills were committed",
        )
        elapsed = time.perf_counter() - began
        self._await(
            lambda: connection.execute(UNPUBLISHED).fetchone() == (False,),
            "the relay did not publish all events",
        )
        return Cost(elapsed / len(texts), (self._cpu() - cpu) / len(texts))

    @staticmethod
    def _committed(connection: psycopg.Connection) -> int:
        row = connection.execute(ingest.COMMITTED).fetchone()
        assert row is not None
        return int(row[0])

    def _cpu(self) -> float:
        return seconds_of_cpu(self._service.supervisor)

    def _request(self, client: http.client.HTTPConnection, path: str) -> None:
        rest.milliseconds(client, path, self._service.key, 1)

    def _await_service(self) -> None:
        """Give the service prices; wait until the gateway answers.

        PostgREST notices the connections that it has lost only with the next request.
        """
        with self._connection(self._service.database, "pms_worker") as connection:
            apply(connection, tickers(ASSETS), "prices")
        with closing(self._client()) as client:
            self._await(lambda: self._answers(client), "the gateway did not answer")

    def _answers(self, client: http.client.HTTPConnection) -> bool:
        for path in PATHS.values():
            client.request("GET", path, headers={"X-API-Key": self._service.key})
            answer = client.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                return False
        return True

    def _client(self) -> http.client.HTTPConnection:
        address = urlsplit(self._service.url)
        assert address.hostname is not None
        return http.client.HTTPConnection(address.hostname, address.port, timeout=10)

    def _copy_database(self) -> None:
        """Copy the deployed database, to which the stack's parts reconnect; disable schedules."""
        database = self._service.database
        with self._connection(database) as connection:
            # A scheduled job during a slice would distort it.
            connection.execute("UPDATE cron.job SET active = FALSE")
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS FALSE", database)
        with self._connection("postgres") as connection:
            connection.execute(OTHERS, [database])
        for copy in (BATCHES_DATABASE, HISTORY_DATABASE):
            self._run("CREATE DATABASE {} TEMPLATE {}", copy, database)
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS TRUE", database)
        # It would give the trees different statistics, so different plans: see clean().
        self._run("ALTER SYSTEM SET autovacuum = off")
        self._run("SELECT pg_reload_conf()")

    def _place(self, figure: str) -> tuple[str, str]:
        """The database of a figure, and the role that connects to it."""
        if figure == QUEUED or figure in PATHS:
            return self._service.database, "postgres"
        if figure in history.QUESTIONS:
            return HISTORY_DATABASE, history.QUESTIONS[figure][0]
        return BATCHES_DATABASE, "pms_worker"

    def _connection(self, dbname: str, role: str = "postgres") -> psycopg.Connection:
        # As for all roles of the service: to compile a query would cost more than to run it.
        return psycopg.connect(
            self._service.dsn(dbname, role), autocommit=True, options="-c jit=off"
        )

    def _run(self, statement: str, *names: str) -> None:
        with self._connection("postgres") as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @staticmethod
    def _await(done: Callable[[], bool], otherwise: str) -> None:
        """Poll with short pauses, because a pause adds to the figure."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise MeasureError(otherwise)
            time.sleep(PAUSE)
