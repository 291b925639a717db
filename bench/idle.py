"""The CPU time that the service takes with many open legs while no message arrives."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from bench import ingest, positions, serving
from bench.cpu import seconds_of_cpu
from bench.history import Connection
from bench.spread import ACCOUNTS
from bench.timing import scaled
from position_manager.stack.context import Context
from position_manager.stack.parts import WORKERS

LEGS, SECONDS, SHORTEST = 100_000, 60, 1
# Until all processes have started, connected and planned.
SETTLE = 10.0
PAUSE = 0.5
# Those that share a folder with nginx.
BESIDE_THE_GATEWAY = ("rate-limit-sync", "stream")
BACKENDS = "SELECT a.pid FROM pg_stat_activity a WHERE a.datname = %s"
# Rarer ones take too little of a minute to run them here.
JOBS = """
    SELECT j.job, extract(epoch FROM j.every)::float8
    FROM pms.jobs j WHERE j.every <= INTERVAL '5 minutes' ORDER BY j.every, j.job
"""
# The first run of a job may change what another one reads.
CATCH_UP_RUNS = 2
RUN_JOB = "CALL pms.run_job(%s)"
OWN_BACKEND = "SELECT pg_backend_pid()"


def percent_of_a_core(
    context: Context, dbname: str, scale: float, log: Callable[[str], None]
) -> dict[str, float]:
    """The share of a core of each process of the service, of all backends, and of RabbitMQ.

    pg_cron runs the jobs of the stack's own database only. Here each is run until it has caught up
    with the legs just opened, then once more; the CPU time of that run counts by its interval.
    """
    legs, seconds = scaled(LEGS, scale, 100), max(SECONDS * min(scale, 1), SHORTEST)
    log(f"  {legs:,} open legs")
    with psycopg.connect(context.dsn("pms_worker", dbname), autocommit=True) as worker:
        held = [(f"account-{n % ACCOUNTS}", f"IDLE{n // ACCOUNTS}") for n in range(legs)]
        positions.open_legs(worker, held)
    with psycopg.connect(context.dsn("pms_owner", dbname), autocommit=True) as owner:
        # Sent, as far as the relay knows; the stack's own consumers must not get it.
        owner.execute("SELECT pms.publish_portfolio()")
        owner.execute("TRUNCATE pms.outbox")
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as superuser:
        superuser.execute("VACUUM (ANALYZE)")
    log(f"  idle for {seconds:.0f} s")
    with (
        _service(context, dbname) as processes,
        psycopg.connect(context.dsn(dbname="postgres"), autocommit=True) as observer,
    ):
        time.sleep(min(SETTLE, seconds))
        shares = _shares(observer, dbname, processes, seconds)
    log("  jobs")
    with psycopg.connect(context.dsn("pms_owner", dbname), autocommit=True) as owner:
        shares["backends"] += _jobs_share(owner)
    return {f"idle, {name}": 100 * share for name, share in shares.items()}


@contextmanager
def _service(context: Context, dbname: str) -> Iterator[dict[str, int]]:
    """Run all parts on the database; yields their pids, and that of the broker, by name."""
    serving.register_key(context, dbname)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port, postgrest = stack.enter_context(serving.serve(context, dbname))
        _, nginx = stack.enter_context(serving.front(context, port))
        stack.enter_context(ingest.queues(context))
        pids = {"nginx": nginx.pid, "PostgREST": postgrest.pid}
        gateway = str(context.folder(serving.FOLDER, "web", mode=0o755))
        for part in WORKERS:
            log = folder / f"{part}.log"
            own = ("--folder", gateway) if part in BESIDE_THE_GATEWAY else ()
            process = stack.enter_context(ingest.process(context, dbname, part, log, *own))
            pids[part] = process.pid
        yield pids | {"RabbitMQ": ingest.pid_of(context, "rabbitmq")}


def _shares(
    observer: Connection, dbname: str, pids: dict[str, int], seconds: float
) -> dict[str, float]:
    """Cores that each process used, and all backends of the database together."""
    backends = BackendClock(lambda: _backends(observer, dbname))
    before = {name: seconds_of_cpu(pid) for name, pid in pids.items()}
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        time.sleep(PAUSE)
        backends.read()
    used = {name: seconds_of_cpu(pid) - before[name] for name, pid in pids.items()}
    used["backends"] = backends.used()
    elapsed = time.perf_counter() - began
    return {name: each / elapsed for name, each in used.items()}


def _backends(observer: Connection, dbname: str) -> dict[int, float]:
    found = observer.execute(BACKENDS, [dbname]).fetchall()
    return {pid: seconds_of_cpu(pid) for (pid,) in found}


class BackendClock:
    """Adds up the CPU time of backends, each as of the last reading that saw it."""

    def __init__(self, read: Callable[[], dict[int, float]]) -> None:
        self._read = read
        self._first = read()
        self._last = dict(self._first)

    def read(self) -> None:
        """Read the time of all backends that run now."""
        self._last |= self._read()

    def used(self) -> float:
        """Seconds since the first reading; all of the time of backends that started later."""
        self.read()
        return sum(last - self._first.get(pid, 0.0) for pid, last in self._last.items())


def _jobs_share(owner: Connection) -> float:
    """Cores that the frequent jobs take, each by its interval."""
    row = owner.execute(OWN_BACKEND).fetchone()
    assert row is not None
    jobs, share = owner.execute(JOBS).fetchall(), 0.0
    for job, _ in jobs * CATCH_UP_RUNS:
        owner.execute(RUN_JOB, [job])
    for job, every in jobs:
        before = seconds_of_cpu(row[0])
        owner.execute(RUN_JOB, [job])
        share += (seconds_of_cpu(row[0]) - before) / every
    return share
