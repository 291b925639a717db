"""Promote a standby under load: ``python -m tests.drills.failover``.

Three PostgreSQL run under Patroni with the configuration of ``ops/standby``; worker and PostgREST
find the primary by the list of hosts. Under load, the primary is killed and returns; then its
successor is frozen for longer than its lease, and wakes up. Every fill that was acknowledged has to
be in the ledger of all hosts. Needs the Debian packages patroni and etcd-server. Prints counts;
exits with 1 when they differ.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import psycopg

from position_manager.stack.context import DATABASE
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.drills import service as product
from tests.drills.cluster import Cluster, Processes
from tests.drills.common import own_stack, report
from tests.drills.streams import Queued, Reading, Requested, Stubborn
from tests.helpers.ledger_check import assert_verified
from tests.helpers.service import Service

# Seconds of load before a fault, and after it has ended.
BEFORE, AFTER = 5.0, 10.0
DRAINED = 120.0
FILLS = "SELECT order_id FROM api.fills WHERE order_id IS NOT NULL"
DIGEST = "SELECT count(*), sum(hashtextextended(e::text, 0)::numeric) FROM pms.entries e"


@dataclass(frozen=True)
class Load:
    """The clients of one phase."""

    queued: Queued
    requested: Requested
    reading: Reading

    def acknowledged(self) -> set[str]:
        """The fills that were taken: by the broker for the worker, or by an answer of REST."""
        return {*self.queued.sent, *self.requested.acknowledged}


@contextmanager
def load(stack: Stack, phase: str) -> Iterator[Load]:
    """Clients that publish, record and read."""
    service = Service(stack)
    asset = f"{phase.upper()}USDT"
    loaded = Load(Queued(service, asset), Requested(service, asset), Reading(service, asset))
    with loaded.queued, loaded.requested, loaded.reading:
        time.sleep(BEFORE)
        yield loaded
        time.sleep(AFTER)


def fills(cluster: Cluster, wanted: set[str], asset: str) -> list[str]:
    """The fills of an asset on the primary, once all that are wanted have arrived or time is up."""
    query = f"{FILLS} AND asset = '{asset}'"
    found: list[str] = []

    def arrived() -> bool:
        found[:] = [name for (name,) in cluster.rows(cluster.primary(), query, DATABASE)]
        return wanted <= set(found)

    wait(arrived, DRAINED)
    return found


def same_on_all_hosts(cluster: Cluster) -> bool:
    """Whether all hosts have the same ledger, once the standbys have replayed the WAL so far."""
    primary = cluster.primary()
    ((lsn,),) = cluster.rows(primary, "SELECT pg_current_wal_flush_lsn()::text")
    for node in cluster.nodes:
        if node is not primary:
            cluster.until(partial(cluster.replayed, node, lsn), DRAINED)
    return len({tuple(cluster.rows(node, DIGEST, DATABASE)[0]) for node in cluster.nodes}) == 1


def check(
    cluster: Cluster, phase: str, loaded: Load, others: set[str], promotion: float
) -> tuple[dict[str, object], bool]:
    """What a phase has shown, and whether nothing is missing or doubled."""
    acknowledged = loaded.acknowledged() | others
    found = fills(cluster, acknowledged, f"{phase.upper()}USDT")
    missing, doubled = acknowledged - set(found), len(found) - len(set(found))
    timelines, is_same = cluster.timelines(), same_on_all_hosts(cluster)
    read_back = loaded.requested.read_back
    facts = {
        "published to the queue": len(loaded.queued.sent),
        "recorded over REST": len(loaded.requested.acknowledged),
        "acknowledged, in all": len(acknowledged),
        f"of these in the new primary, {cluster.primary().name}": len(acknowledged & set(found)),
        "missing, doubled": f"{len(missing)}, {doubled}",
        "not acknowledged, but recorded": len(set(found) - acknowledged),
        "seconds to the promotion": f"{promotion:.1f}",
        "seconds without a write over REST": f"{loaded.requested.gaps.longest:.1f}",
        "answers to writes": dict(loaded.requested.statuses),
        "seconds without a read over REST": f"{loaded.reading.gaps.longest:.1f}",
        "answers to reads": dict(loaded.reading.statuses),
        "own writes read back at once": dict(read_back),
        "timelines of the hosts": timelines,
        "equal ledgers on all hosts": is_same,
    }
    ok = (
        not missing
        and not doubled
        and is_same
        and len(set(timelines)) == 1
        # A read may be refused while the primary hangs, but not be answered without the write.
        and {"found"} <= set(read_back) <= {"found", "503"}
    )
    return facts, ok


def kill_the_primary(stack: Stack, cluster: Cluster) -> bool:
    old = cluster.primary()
    with load(stack, "killed") as loaded:
        began = time.monotonic()
        cluster.kill(old)
        cluster.await_promotion(old)
        promotion = time.monotonic() - began
        time.sleep(AFTER)
        cluster.start_node(old)
        cluster.await_standbys()
    facts, ok = check(cluster, "killed", loaded, set(), promotion)
    return report(f"the primary, {old.name}, was killed; then it returned", facts, ok) == 0


def freeze_the_primary(stack: Stack, cluster: Cluster) -> bool:
    old = cluster.primary()
    dsn = stack.context.dsn("pms_worker")
    direct = psycopg.conninfo.make_conninfo(dsn, port=old.port)
    stubborn = Stubborn(Service(stack), "FROZENUSDT", direct)
    with load(stack, "frozen") as loaded, stubborn:
        time.sleep(BEFORE)
        with cluster.frozen(old):
            before = len(stubborn.acknowledged)
            began = time.monotonic()
            cluster.await_promotion(old)
            promotion = time.monotonic() - began
            time.sleep(AFTER)
        cluster.await_standbys()
    late = len(stubborn.acknowledged) - before
    facts, ok = check(cluster, "frozen", loaded, {*stubborn.acknowledged}, promotion)
    facts["writes to it alone: before, after"] = f"{before}, {late}"
    facts["its refusals"] = dict(stubborn.refused.most_common(4))
    title = f"the primary, {old.name}, was frozen for longer than its lease; then it woke up"
    return report(title, facts, ok and before > 0) == 0


def main() -> int:
    with ExitStack() as end:
        stack, _ = end.enter_context(own_stack(rate_limit_enabled=False, standby_reads=True))
        stack.up(["epmd", "rabbitmq"])
        processes = Processes(stack.context)
        end.callback(processes.end)
        cluster = Cluster(stack.context, processes)
        end.callback(cluster.end)
        cluster.start()
        print(f"three hosts, the primary is {cluster.primary().name}: {cluster.standbys()}")
        print(product.deploy(stack, cluster), flush=True)
        product.serve(stack, cluster, processes)
        unknown = cluster.unknown_metrics()
        print(f"metrics of the alerts that Patroni does not have: {sorted(unknown) or 'none'}")
        ok = kill_the_primary(stack, cluster) and not unknown
        ok = freeze_the_primary(stack, cluster) and ok
        print(f"entries verified, no discrepancy: {assert_verified(cluster.dsn())}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
