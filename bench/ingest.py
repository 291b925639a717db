"""The rate from a full queue to committed positions, through the real worker."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pika
import psycopg
from pika.adapters.blocking_connection import BlockingChannel

from bench.cpu import seconds_of_cpu
from bench.errors import MeasureError
from position_manager.paths import ROOT
from position_manager.stack import rabbitmq, worker
from position_manager.stack.context import Context
from position_manager.stack.parts import CLEAN_ENV, record_of
from position_manager.stack.processes import wait
from position_manager.worker.publisher import Outgoing, Publisher

# Separate queues: the stack's own worker must not consume these messages.
QUEUES = {role: f"pms-bench.{role}" for role in ("order", "position", "price")}
EXCHANGE = "pms-bench.events"
PERSISTENT = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
CHUNK = 1000
PATIENCE = 120.0
# Every fill raises the version of its position by one, so the sum counts committed fills.
COMMITTED = "SELECT coalesce(sum(p.version), 0) FROM pms.positions p"


@dataclass(frozen=True, slots=True)
class Consumption:
    """How fast fills went from a queue to committed positions, and the CPU time each part took."""

    fills_per_second: float
    microseconds_a_fill: dict[str, float]
    cores_busy: float


def consume(context: Context, dbname: str, texts: Sequence[str], log: Path) -> Consumption:
    """Fill the queue and start the worker; time counts from its subscription."""
    with queues(context) as channel:
        publish(rabbitmq.url(context), QUEUES["order"], texts)
        with (
            process(context, dbname, "ingest", log) as ingest,
            psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection,
        ):
            roots = {
                "ingest": ingest.pid,
                "RabbitMQ": pid_of(context, "rabbitmq"),
                "PostgreSQL": pid_of(context, "postgres"),
            }
            # Not for the others: the fills are being consumed by then.
            _await_consumers(channel, log, QUEUES["order"])
            began, before = time.perf_counter(), used_by(roots)
            if not wait(
                lambda: connection.execute(COMMITTED).fetchone() == (len(texts),), PATIENCE
            ):
                raise MeasureError(f"not all fills were committed: {log.read_text()[-2000:]}")
            elapsed, after = time.perf_counter() - began, used_by(roots)
            used = {part: after[part] - before[part] for part in roots}
            return Consumption(
                fills_per_second=len(texts) / elapsed,
                microseconds_a_fill={
                    part: 1e6 * seconds / len(texts) for part, seconds in used.items()
                },
                cores_busy=sum(used.values()) / elapsed,
            )


def used_by(roots: dict[str, int]) -> dict[str, float]:
    """The CPU seconds of processes with their descendants, by name."""
    return {part: seconds_of_cpu(pid) for part, pid in roots.items()}


def pid_of(context: Context, part: str) -> int:
    """The process of a part of the stack."""
    record = record_of(context, part)
    if record is None:
        raise MeasureError(f"the stack has no record of its {part}")
    return record.pid


@contextmanager
def running(context: Context, dbname: str, log: Path) -> Iterator[BlockingChannel]:
    """Run ingest on the database `dbname`; yields a channel to publish to its queues."""
    with queues(context) as channel, process(context, dbname, "ingest", log):
        _await_consumers(channel, log, *QUEUES.values())
        yield channel


@contextmanager
def queues(context: Context) -> Iterator[BlockingChannel]:
    """Declare empty queues for the part's messages, deleted afterwards."""
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url(context))) as connection:
        channel = connection.channel()
        for name in QUEUES.values():
            channel.queue_delete(name)
            channel.queue_declare(name, durable=True)
        try:
            yield channel
        finally:
            for name in QUEUES.values():
                channel.queue_delete(name)
            channel.exchange_delete(EXCHANGE)


def publish(url: str, queue: str, texts: Sequence[str]) -> None:
    """Publish messages to a queue; returns once the broker has confirmed all of them."""
    publisher = Publisher(pika.URLParameters(url))
    try:
        for start in range(0, len(texts), CHUNK):
            messages = [
                Outgoing("", queue, text.encode(), PERSISTENT, True)
                for text in texts[start : start + CHUNK]
            ]
            if not all(publisher.publish(messages)):
                raise MeasureError("the broker did not confirm all messages")
    finally:
        publisher.close()


@contextmanager
def process(
    context: Context, dbname: str, part: str, log: Path, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of the worker on the database `dbname`, with queues of its own."""
    env = worker.environment(context) | {
        "POSTGRES_DB": dbname,
        "POSITION_MANAGER_ORDER_QUEUES": QUEUES["order"],
        "POSITION_MANAGER_POSITION_QUEUES": QUEUES["position"],
        "POSITION_MANAGER_PRICE_QUEUES": QUEUES["price"],
        "POSITION_MANAGER_EVENTS_EXCHANGE": EXCHANGE,
        # The worker's own user has rights on the stack's queues only.
        "RABBITMQ_USER": rabbitmq.USER,
        "RABBITMQ_PASSWORD": context.secrets.rabbitmq,
    }
    if part == "stream":
        env |= worker.stream_variables(context)
    with log.open("wb") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", "position_manager.worker", part, *arguments],
            cwd=ROOT,
            env=CLEAN_ENV | env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield started
        finally:
            started.terminate()
            started.wait(PATIENCE)


def _await_consumers(channel: BlockingChannel, log: Path, *names: str) -> None:
    def consumed(queue: str) -> bool:
        return bool(channel.queue_declare(queue, passive=True).method.consumer_count > 0)

    if not wait(lambda: all(map(consumed, names)), PATIENCE):
        raise MeasureError(f"the worker does not consume: {log.read_text()[-2000:]}")
