"""One turn of a tree: its stack is measured from outside, each time from the same state.

This module uses none of the tree's modules. It depends only on the functions that apply messages,
the schema ``api``, the tables of entries, positions and the outbox, and HTTP.
"""

from __future__ import annotations

import http.client
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench import batches, history, ingest, rest
from bench.batches import MeasureError
from bench.messages import ASSETS, executions, tickers, totals
from bench.trees import Service

# Number of measured fills, by batch size.
BATCHES = {1: 400, 100: 8_000, 1000: 20_000}
TOTALS, PRICES = 6_000, 10_000
TOTALS_BATCH, PRICES_BATCH = 100, ASSETS
QUEUED, FIRST_QUEUED = 15_000, 1_000
HISTORY = 10_000
# Number of samples of each historical query.
QUESTIONS = {
    "late fill": 60,
    "position as of": 200,
    "position as known": 200,
    "explain, a page": 100,
}
REQUESTS = 200
PATHS = {
    "positions": "/api/v1/positions",
    "portfolio": "/api/v1/portfolio",
    "exposure": "/api/v1/portfolio/exposure",
}
QUEUE = "order-manager.order_executed"

TEMPLATE, CLONE = "pms_bench_template", "pms_bench"
PATIENCE = 60.0
PAUSE = 0.005
OTHERS = "SELECT pg_terminate_backend(a.pid, 5000) FROM pg_stat_activity a WHERE a.datname = %s"
# One batch in this many, the slowest, is left out: shared disks stall now and then.
OUTLIER_EVERY = 10
UNPUBLISHED = "SELECT EXISTS (SELECT FROM pms.outbox)"


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of a turn, generated once, so that every turn gets the same."""

    batches: dict[int, list[str]]
    totals: list[str]
    prices: list[str]
    queued: list[str]
    history: int

    @classmethod
    def of(cls, scale: float) -> Messages:
        warm_up = batches.WARM_UP_CALLS
        by_size, first = {}, 0
        for size, count in BATCHES.items():
            by_size[size] = executions(int(count * scale) + warm_up * size, first=first)
            first += len(by_size[size])
        return cls(
            batches=by_size,
            totals=totals(int(TOTALS * scale) + warm_up * TOTALS_BATCH),
            prices=tickers(int(PRICES * scale) + warm_up * PRICES_BATCH),
            queued=executions(int(QUEUED * scale) + FIRST_QUEUED),
            history=max(int(HISTORY * scale), history.SHORTEST),
        )


class Arm:
    """The service of one tree, in a database that is recreated for every turn."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def save_initial_state(self) -> None:
        """Make the deployed database the template; every turn starts from a copy of it."""
        database = self._service.database
        with psycopg.connect(self._service.dsn(database), autocommit=True) as connection:
            # A scheduled job during a turn would distort it.
            connection.execute("UPDATE cron.job SET active = FALSE")
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS FALSE", database)
        with self._maintenance() as connection:
            connection.execute(OTHERS, [database])
        self._run("ALTER DATABASE {} RENAME TO {}", database, TEMPLATE)

    def measure(self, messages: Messages) -> dict[str, tuple[str, float]]:
        """Measure all figures once; return the unit and value of each."""
        with self._fresh() as dbname:
            found = self._batches(dbname, messages)
        with self._fresh() as dbname:
            found |= self._past(dbname, messages.history)
        self._replace_database()
        found |= self._queue(messages.queued)
        return found | self._reads()

    def _batches(self, dbname: str, messages: Messages) -> dict[str, tuple[str, float]]:
        worker = self._service.dsn(dbname, "pms_worker")
        found = {}
        for size, texts in messages.batches.items():
            taken = batches.seconds(worker, "order_events", texts, size)
            found[f"executions, batches of {size}"] = ("fills/s", _rate(size, taken))
        taken = batches.seconds(worker, "order_events", messages.totals, TOTALS_BATCH)
        found[f"totals, batches of {TOTALS_BATCH}"] = ("fills/s", _rate(TOTALS_BATCH, taken))
        taken = batches.seconds(worker, "prices", messages.prices, PRICES_BATCH)
        found[f"prices, batches of {PRICES_BATCH}"] = ("prices/s", _rate(PRICES_BATCH, taken))
        return found

    def _past(self, dbname: str, entries: int) -> dict[str, tuple[str, float]]:
        history.fill(self._service.dsn(dbname, "pms_worker"), self._service.dsn(dbname), entries)
        found = {}
        for question, samples in QUESTIONS.items():
            role, ask = history.QUESTIONS[question]
            chance = random.Random(question)
            with psycopg.connect(self._service.dsn(dbname, role), autocommit=True) as connection:
                taken = [history.timed(ask, connection, entries, chance) for _ in range(samples)]
            found[question] = ("ms", statistics.median(taken))
        return found

    def _queue(self, texts: list[str]) -> dict[str, tuple[str, float]]:
        """The rate from a full queue to committed positions, after a warm-up of the worker."""
        first, measured = texts[:FIRST_QUEUED], texts[FIRST_QUEUED:]
        with self._connection() as connection:
            ingest.publish(self._service.broker, QUEUE, first)
            self._await_committed(connection, len(first))
            with connection.transaction():
                # The worker commits nothing until the queue is full.
                connection.execute("LOCK TABLE pms.entries, pms.positions")
                ingest.publish(self._service.broker, QUEUE, measured)
            began = time.perf_counter()
            self._await_committed(connection, len(texts))
            rate = len(measured) / (time.perf_counter() - began)
        return {"queue to committed positions": ("fills/s", rate)}

    def _reads(self) -> dict[str, tuple[str, float]]:
        """The latency of reads through the gateway, while the service is otherwise idle."""
        with psycopg.connect(
            self._service.dsn(self._service.database, "pms_worker"), autocommit=True
        ) as connection:
            batches.apply(connection, tickers(ASSETS), "prices")
        with self._connection() as connection:
            self._await(
                lambda: connection.execute(UNPUBLISHED).fetchone() == (False,),
                "the relay did not publish all events",
            )
        client = self._client()
        try:
            # PostgREST notices lost connections only with the first request.
            self._await(lambda: self._answers(client), "the gateway did not answer")
            found = {}
            for name, path in PATHS.items():
                taken = rest.milliseconds(client, path, self._service.key, REQUESTS)
                found[f"GET {name}"] = ("ms", statistics.median(taken))
            return found
        finally:
            client.close()

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

    @contextmanager
    def _fresh(self) -> Iterator[str]:
        """A copy of the template that no part of the stack uses; yields its name."""
        self._run("CREATE DATABASE {} TEMPLATE {}", CLONE, TEMPLATE)
        try:
            self._run("ALTER DATABASE {} ALLOW_CONNECTIONS TRUE", CLONE)
            self._run("CHECKPOINT")
            yield CLONE
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", CLONE)

    def _replace_database(self) -> None:
        """Replace the service's database by a copy of the template; its parts reconnect."""
        self._run("CREATE DATABASE {} TEMPLATE {}", CLONE, TEMPLATE)
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._service.database)
        self._run("ALTER DATABASE {} RENAME TO {}", CLONE, self._service.database)
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS TRUE", self._service.database)
        self._run("CHECKPOINT")

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        dsn = self._service.dsn(self._service.database)
        with psycopg.connect(dsn, autocommit=True) as connection:
            yield connection

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self._service.dsn("postgres"), autocommit=True) as connection:
            yield connection

    def _run(self, statement: str, *names: str) -> None:
        with self._maintenance() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _await_committed(self, connection: psycopg.Connection, fills: int) -> None:
        self._await(
            lambda: connection.execute(ingest.COMMITTED).fetchone() == (fills,),
            "not all fills were committed",
        )

    @staticmethod
    def _await(done: Callable[[], bool], otherwise: str) -> None:
        """Poll with short pauses, because a pause adds to the figure."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise MeasureError(otherwise)
            time.sleep(PAUSE)


def _rate(size: int, taken: list[float]) -> float:
    """Messages per second, without the slowest batches; `taken` are seconds per batch."""
    return size / statistics.mean(sorted(taken)[: len(taken) - len(taken) // OUTLIER_EVERY])
