"""The rate from a full queue to committed positions, through the real worker."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pika
import psycopg

from bench.batches import MeasureError
from position_manager.paths import ROOT
from position_manager.stack import rabbitmq, worker
from position_manager.stack.context import Context
from position_manager.stack.parts import CLEAN_ENV
from position_manager.stack.processes import wait
from position_manager.worker.publisher import Outgoing, Publisher

# Separate queues: the stack's own worker must not consume these messages.
QUEUES = {role: f"pms-bench.{role}" for role in ("order", "position", "price")}
PERSISTENT = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
CHUNK = 1000
PATIENCE = 120.0
# Every fill raises the version of its position by one, so the sum counts committed fills.
COMMITTED = "SELECT coalesce(sum(p.version), 0) FROM pms.positions p"


def fills_per_second(context: Context, dbname: str, texts: Sequence[str], log: Path) -> float:
    """Fill the queue and start the worker; the rate counts from its subscription."""
    with _queues(context) as channel:
        publish(rabbitmq.url(context), QUEUES["order"], texts)
        process = _start(context, dbname, log)
        try:
            return len(texts) / _drain(context, dbname, channel, len(texts), log)
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def _queues(context: Context) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
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


def _start(context: Context, dbname: str, log: Path) -> subprocess.Popen[bytes]:
    env = worker.environment(context) | {
        "POSTGRES_DB": dbname,
        "POSITION_MANAGER_ORDER_QUEUES": QUEUES["order"],
        "POSITION_MANAGER_POSITION_QUEUES": QUEUES["position"],
        "POSITION_MANAGER_PRICE_QUEUES": QUEUES["price"],
    }
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "position_manager.worker", "ingest"],
            cwd=ROOT,
            env=CLEAN_ENV | env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _drain(
    context: Context,
    dbname: str,
    channel: pika.adapters.blocking_connection.BlockingChannel,
    count: int,
    log: Path,
) -> float:
    def consumed() -> bool:
        declared = channel.queue_declare(QUEUES["order"], passive=True)
        return bool(declared.method.consumer_count > 0)

    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as connection:

        def committed() -> bool:
            return connection.execute(COMMITTED).fetchone() == (count,)

        if not wait(consumed, PATIENCE):
            raise MeasureError(f"the worker does not consume: {log.read_text()[-2000:]}")
        began = time.perf_counter()
        if not wait(committed, PATIENCE):
            raise MeasureError(f"not all fills were committed: {log.read_text()[-2000:]}")
        return time.perf_counter() - began
