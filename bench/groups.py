"""The groups of figures, each of which can be measured alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import (
    archive,
    batches,
    clients,
    freshness,
    history,
    holders,
    idle,
    imports,
    ingest,
    ledger,
    months,
    positions,
    requests,
    rest,
    snapshots,
    spread,
)
from bench.bounds import QUEUED
from bench.databases import Databases
from bench.messages import booked, executions, totals
from bench.results import Results
from position_manager.stack.context import Context

# Number of measured fills, by batch size.
BATCHES = {1: 400, 100: 5_000, 1000: 50_000}
# The messages and the sizes of their batches.
SHAPES: dict[str, tuple[Callable[[int], list[str]], tuple[int, ...]]] = {
    "executions": (executions, tuple(BATCHES)),
    "executions of strategies": (booked, (100,)),
    "totals": (totals, tuple(BATCHES)),
}
FILLS = 20_000
REQUESTS = 200
CLIENTS = 8


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the benchmark: the stack, the sizes, and the results so far."""

    context: Context
    databases: Databases
    measured: Results
    scale: float
    seconds: int
    entries: int
    log: Callable[[str], None]

    def add_all(self, unit: str, values: dict[str, float]) -> None:
        """Add values of one unit."""
        for name, value in values.items():
            self.measured.add(name, unit, value)


def measure_batches(run: Run) -> None:
    """Batches of fills, and COPY of their rows."""
    for shape, (texts, sizes) in SHAPES.items():
        for size in sizes:
            count = BATCHES[size]
            run.log(f"  {shape}, batches of {size}")
            fills = texts(int(count * run.scale) + batches.WARM_UP_CALLS * size)
            with run.databases.fresh() as dbname:
                dsn = run.context.dsn("pms_worker", dbname)
                taken = sum(batches.seconds(dsn, "order_events", fills, size))
                run.measured.add(
                    f"{shape}, batches of {size}", "fills/s", int(count * run.scale) / taken
                )
                if (shape, size) == ("executions", max(BATCHES)):
                    rate = batches.copied_per_second(run.context, dbname)
                    run.measured.add("COPY of the same rows", "rows/s", rate)


def measure_spread(run: Run) -> None:
    """Batches by the number of legs that they touch."""
    run.log("  batches by legs")
    rates = spread.fills_per_second(run.context, run.databases, run.scale)
    run.add_all("fills/s", {f"batches of 1000, {name}": rate for name, rate in rates.items()})


def measure_positions(run: Run) -> None:
    """One message and one query by the number of open positions of the account."""
    run.log("  one fill, price and query by positions")
    with run.databases.fresh() as dbname:
        run.add_all("ms", positions.milliseconds(run.context, dbname, run.scale))


def measure_holders(run: Run) -> None:
    """One price by the number of accounts that hold the asset."""
    with run.databases.fresh() as dbname:
        run.add_all("ms", holders.milliseconds(run.context, dbname, run.scale, run.log))


def measure_single(run: Run) -> None:
    """Single commits, of one client and of eight."""
    run.log("  single transactions")
    with run.databases.fresh() as dbname:
        for name, rate in (
            ("single apply", clients.single_applies_per_second),
            ("one-row durable update", clients.updates_per_second),
        ):
            for count, suffix in ((1, ""), (CLIENTS, f", {CLIENTS} clients")):
                value = rate(run.context, dbname, run.seconds, count)
                run.measured.add(f"{name}{suffix}", "tps", value)


def measure_queue(run: Run) -> None:
    """A full queue, until all its fills are committed."""
    run.log(f"  {QUEUED}")
    with run.databases.fresh() as dbname, tempfile.TemporaryDirectory() as folder:
        fills = executions(int(FILLS * run.scale))
        log_file = Path(folder) / "ingest.log"
        consumed = ingest.consume(run.context, dbname, fills, log_file)
        run.measured.add(QUEUED, "fills/s", consumed.fills_per_second)
        for part, each in consumed.microseconds_a_fill.items():
            run.measured.add(f"{QUEUED}, CPU of {part}", "us a fill", each)
        run.measured.add(f"{QUEUED}, busy", "cores", consumed.cores_busy)


def measure_readers(run: Run) -> None:
    """Reads without the gateway."""
    run.log("  readers")
    with run.databases.fresh() as dbname:
        found = rest.p95_milliseconds(run.context, dbname, REQUESTS)
        run.add_all("ms", {f"GET {name}, p95": value for name, value in found.items()})


def measure_freshness(run: Run) -> None:
    """One message at a time, until the gateway shows it."""
    run.log("  messages until they are visible")
    with run.databases.fresh() as dbname:
        run.add_all("ms", freshness.milliseconds(run.context, dbname, run.scale))


def measure_requests(run: Run) -> None:
    """Requests per second through the gateway."""
    run.log("  requests through the gateway")
    with run.databases.fresh() as dbname:
        for name, (unit, value) in requests.measure(
            run.context, dbname, run.seconds, run.scale
        ).items():
            run.measured.add(name, unit, value)


def measure_history(run: Run) -> None:
    """Fills, queries and verification on a short and a long history."""
    run.log("histories")
    found = history.milliseconds(run.context, run.databases, run.scale, run.entries, run.log)
    run.add_all("ms", found)


def measure_months(run: Run) -> None:
    """Fills and queries on a new ledger and on one of two years in six partitions."""
    run.log("months")
    found = months.milliseconds(run.context, run.databases, run.scale, run.entries, run.log)
    run.add_all("ms", found)


def measure_snapshots(run: Run) -> None:
    """A year of snapshots."""
    run.log("snapshots")
    run.add_all("ms", snapshots.milliseconds(run.context, run.databases, run.scale, run.log))


def measure_idle(run: Run) -> None:
    """CPU time without messages."""
    with run.databases.fresh() as dbname:
        shares = idle.percent_of_a_core(run.context, dbname, run.scale, run.log)
        run.add_all("% of a core", shares)


def measure_import(run: Run) -> None:
    """A file of fills."""
    with run.databases.fresh() as dbname:
        found = imports.figures(run.context, dbname, run.scale, run.log)
    for name, (unit, value) in found.items():
        run.measured.add(name, unit, value)


def measure_archive(run: Run) -> None:
    """A month of the ledger, archived and restored."""
    with run.databases.fresh() as dbname:
        found = archive.figures(run.context, dbname, run.scale, run.log)
    for name, (unit, value) in found.items():
        run.measured.add(name, unit, value)


def measure_ledger(run: Run) -> None:
    """The size of a fill."""
    run.log("  bytes of a fill")
    with run.databases.fresh() as dbname:
        size = ledger.bytes_of_a_fill(run.context, dbname, run.scale)
        run.measured.add("ledger bytes of a fill", "bytes", size)


Group = Callable[[Run], None]
IN_EACH_ROUND: dict[str, Group] = {
    "batches": measure_batches,
    "spread": measure_spread,
    "positions": measure_positions,
    "single": measure_single,
    "queue": measure_queue,
    "readers": measure_readers,
    "freshness": measure_freshness,
    "requests": measure_requests,
}
# Much is filled for these, and each takes many samples.
ONCE: dict[str, Group] = {
    "holders": measure_holders,
    "history": measure_history,
    "months": measure_months,
    "snapshots": measure_snapshots,
    "idle": measure_idle,
    "import": measure_import,
    "archive": measure_archive,
    "ledger": measure_ledger,
}
NAMES = (*IN_EACH_ROUND, *ONCE)


def chosen(only: str | None) -> frozenset[str]:
    """The groups that a list with commas names; all without one. Raises ValueError."""
    if only is None:
        return frozenset(NAMES)
    names = frozenset(name.strip() for name in only.split(","))
    if unknown := sorted(names - set(NAMES)):
        raise ValueError(f"{', '.join(map(repr, unknown))}: must be of {', '.join(NAMES)}")
    return names


def measure(run: Run, names: frozenset[str], rounds: int) -> None:
    """Measure the groups, those of each round first."""
    of_rounds = [group for name, group in IN_EACH_ROUND.items() if name in names]
    for number in range(1, rounds + 1 if of_rounds else 1):
        run.log(f"round {number} of {rounds}")
        for group in of_rounds:
            group(run)
    for name, group in ONCE.items():
        if name in names:
            group(run)
