"""The harness of a worker test: a database, the broker's queues, processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pika
import psycopg
from pika.adapters.blocking_connection import BlockingChannel

from position_manager.stack import rabbitmq, worker
from position_manager.stack.stack import Stack
from position_manager.worker.broker import depths
from position_manager.worker.shard_queues import FEEDS, queue_name

ORDER_EVENTS = "order-manager.order_events"
ORDER_EXECUTED = "order-manager.order_executed"
VENUE_POSITIONS = "ws-gateway.position"
PRICES = "ws-gateway.ticker"
POSITION_UPDATED = "position-manager.position_updated"
PORTFOLIO_UPDATED = "position-manager.portfolio_updated"
DEAD_LETTERS = "position-manager.dead_letters"
QUEUES = (
    ORDER_EVENTS,
    ORDER_EXECUTED,
    VENUE_POSITIONS,
    PRICES,
    DEAD_LETTERS,
    POSITION_UPDATED,
    PORTFOLIO_UPDATED,
    "position-manager.position_snapshot_created",
    "position-manager.position_closed",
)
EXCHANGES = ("position-manager.events", "position-manager.dead-letters")
# They keep their bindings, of which there are thousands.
SHARD_QUEUES = [queue_name(shard, feed) for shard in range(4) for feed in FEEDS]


class Message(NamedTuple):
    """A message as a subscriber gets it."""

    routing_key: str
    properties: Any
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Process:
    """A running part of the worker and its log."""

    def __init__(self, module: str, part: str, env: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", module, part],
                env=env,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def terminate(self, patience: float = 30.0) -> int:
        """Ask it to stop and return its exit code."""
        self._popen.send_signal(signal.SIGTERM)
        return self._popen.wait(patience)

    def wait(self, patience: float = 30.0) -> int:
        """Wait until the process ends and return its exit code."""
        return self._popen.wait(patience)

    def pause(self, seconds: float) -> None:
        """Stop the process, as a debugger does, and continue it."""
        self._popen.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process."""
        self._popen.kill()
        self._popen.wait()

    def peak_memory(self) -> int:
        """The most memory that it has used, in bytes."""
        status = Path(f"/proc/{self._popen.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    @property
    def text(self) -> str:
        """Everything it has logged."""
        return self._log.read_text()

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log entries of this event; every line must be JSON."""
        return [line for line in map(json.loads, self.text.splitlines()) if line["event"] == event]


class World:
    """A database of its own on the tests' server, and the tests' broker, emptied."""

    def __init__(self, stack: Stack, dbname: str, folder: Path) -> None:
        self.stack = stack
        self.dsn = stack.context.dsn(dbname=dbname)
        self._dbname = dbname
        self.folder = folder
        self._processes: list[Process] = []

    def start(self, part: str, **settings: object) -> Process:
        """Start a part; settings are those of POSITION_MANAGER_, in lower case."""
        return self.run("position_manager.worker", part, settings)

    def run(self, module: str, part: str, settings: Mapping[str, object]) -> Process:
        """Start a part by another module than its own."""
        env = os.environ | worker.environment(self.stack.context)
        env |= {f"POSITION_MANAGER_{name.upper()}": str(value) for name, value in settings.items()}
        log = self.folder / f"{part}-{len(self._processes)}.log"
        process = Process(module, part, env | {"POSTGRES_DB": self._dbname}, log)
        self._processes.append(process)
        return process

    def end(self) -> None:
        """End what still runs."""
        for process in self._processes:
            process.kill()

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database, as its superuser."""
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            cursor = conn.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *parameters: object) -> Any:
        """The single value of a query."""
        ((answer,),) = self.query(statement, *parameters)
        return answer

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel to the broker, with confirms."""
        url = rabbitmq.url(self.stack.context)
        with pika.BlockingConnection(pika.URLParameters(url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel

    def empty_broker(self) -> None:
        """Delete every queue and exchange a worker knows."""
        with self.channel() as channel:
            for queue in QUEUES:
                channel.queue_delete(queue)
            for exchange in EXCHANGES:
                channel.exchange_delete(exchange)
            for queue in depths(channel.connection, SHARD_QUEUES):
                channel.queue_purge(queue)

    def declare(self, queue: str, arguments: dict[str, Any] | None = None) -> None:
        """Declare a durable queue; it must have these arguments when it exists."""
        with self.channel() as channel:
            channel.queue_declare(queue, durable=True, arguments=arguments)

    def publish(
        self, queue: str, bodies: Iterable[bytes | dict[str, Any]], **properties: Any
    ) -> None:
        """Publish like the upstream services, on the default exchange, but persistently."""
        chosen = pika.BasicProperties(**{"delivery_mode": 2} | properties)
        # One transaction confirms them together: much quicker than one by one.
        with self.channel() as channel, channel.connection.channel() as sender:
            sender.tx_select()
            for body in bodies:
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                sender.basic_publish("", queue, raw, chosen)
            sender.tx_commit()

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue that must exist."""
        with self.channel() as channel:
            count: int = channel.queue_declare(queue, passive=True).method.message_count
        return count

    def letters(self) -> int:
        """How many dead letters wait; none before their queue is declared."""
        with self.channel() as channel:
            return depths(channel.connection, [DEAD_LETTERS]).get(DEAD_LETTERS, 0)

    def drain(self, queue: str) -> list[Message]:
        """Take everything out of a queue."""
        found: list[Message] = []
        with self.channel() as channel:
            while True:
                method, properties, body = channel.basic_get(queue, auto_ack=True)
                if method is None:
                    return found
                found.append(Message(method.routing_key, properties, body))

    def consuming(self, *processes: Process) -> bool:
        """Whether every feed of each process consumes its queues."""
        return all(len(process.lines("consuming")) >= 3 for process in processes)


@contextmanager
def memory_alarm(stack: Stack) -> Iterator[None]:
    """Let the broker take no messages."""
    _set_memory_limit(stack, "0.0001")
    try:
        yield
    finally:
        # The default.
        _set_memory_limit(stack, "0.4")


def _set_memory_limit(stack: Stack, share: str) -> None:
    subprocess.run(
        [
            rabbitmq.SERVER.with_name("rabbitmqctl"),
            *("--node", rabbitmq.NODE, "set_vm_memory_high_watermark", share),
        ],
        env=os.environ
        | {
            "HOME": str(stack.context.dir / "data" / "rabbitmq"),
            "ERL_EPMD_PORT": str(stack.context.ports.epmd_port),
        },
        check=True,
        capture_output=True,
    )


# The age of the newest report, in seconds.
AGE = "SELECT extract(epoch FROM clock_timestamp() - max(reported_at)) FROM pms.worker_reports"


def eventually(condition: Callable[[], object], patience: float = 60.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def execution(number: int = 0, asset: str = "BTCUSDT", side: str = "BUY") -> dict[str, Any]:
    """A fill of one unit in the second upstream format."""
    run = uuid.uuid4().hex
    return {
        "event_type": "order_executed",
        "order_id": f"order-{run}-{number}",
        "execution_id": f"execution-{run}-{number}",
        "asset": asset,
        "side": side,
        "execution_price": "100.5",
        "execution_quantity": "1",
        "execution_fees": "0.1",
        "executed_at": "2025-12-01T19:45:01.002113Z",
        "trace_id": f"trace-{number}",
    }


def session(count: int, assets: Sequence[str] = ("BTCUSDT", "ETHUSDT", "SOLUSDT")) -> list[Any]:
    """Fills over some assets: two are bought for one that is sold."""
    sides = ("BUY", "BUY", "SELL", "BUY")
    return [
        execution(number, assets[number % len(assets)], sides[number % len(sides)])
        for number in range(count)
    ]


def sizes(fills: Iterable[dict[str, Any]]) -> dict[str, int]:
    """The positions after these fills, counted independently."""
    held: dict[str, int] = {}
    for fill in fills:
        change = 1 if fill["side"] == "BUY" else -1
        held[fill["asset"]] = held.get(fill["asset"], 0) + change
    return held
