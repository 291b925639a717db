"""Deployments while messages arrive and clients read.

A load of changed code loses nothing: the worker and the gateway try again. A migration under code
pauses the service: messages wait, REST answers 503, then everything is applied.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pika
import psycopg
import pytest

from position_manager.deploy import database as deployment
from position_manager.paths import ROOT
from position_manager.stack import deploy, rabbitmq
from position_manager.stack.processes import wait
from tests.helpers.code_tree import CodeTree
from tests.helpers.deployment import add_migration, copy_tree
from tests.helpers.harness import DEAD_LETTERS
from tests.helpers.ledger_check import assert_verified
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.service import Service
from tests.helpers.soak import sized
from tests.helpers.traffic import Fills, LongRead, Reads, logged

pytestmark = pytest.mark.xdist_group("deploy-under-traffic")

LOADS = sized(8, 200)
# A load waits until a long read ends: it is long compared with a load, and does not follow at once.
LONG_READ_SECONDS, BREAK = 2.0, 8.0
HOT = "functions/ledger/lock_legs.sql"
READ = "views/positions/priced_legs.sql"
# Another signature and return type; a column more or less. Each is dropped and created.
HOT_EDIT = (
    "latest timestamptz DEFAULT NULL\n)\nRETURNS timestamptz",
    "latest timestamptz DEFAULT NULL, more integer DEFAULT 0\n)\nRETURNS text",
)
READ_EDIT = ("SELECT\n    p.account,", "SELECT\n    1 AS extra,\n    p.account,")
DRAINED = 60.0
RETRIED = "code was replaced, will try again"


@pytest.fixture(scope="module")
def service(run_folder: Path) -> Iterator[Service]:
    """Every part of the service."""
    stack = prepared_stack(
        run_folder.with_name(f"{run_folder.name}-deploys"), rate_limit_default=1_000_000
    )
    with stack:
        with psycopg.connect(stack.context.dsn("pms_owner")) as owner:
            owner.execute("SELECT cron.unschedule(j.jobid) FROM cron.job j")
        yield Service(stack)


def assert_all_applied(service: Service, fills: Fills) -> None:
    """Each fill that the broker took is in the ledger, none among the dead letters."""
    counted = "SELECT count(*) FROM pms.ledger_entries e WHERE e.asset = '" + fills.asset + "'"
    assert wait(lambda: service.query(counted) == [(fills.sent,)], DRAINED)
    assert service.query("SELECT count(*) FROM pms.rejected_messages") == [(0,)]
    with pika.BlockingConnection(
        pika.URLParameters(rabbitmq.url(service.stack.context))
    ) as connection:
        declared = connection.channel().queue_declare(DEAD_LETTERS, passive=True)
        assert declared.method.message_count == 0
    assert_verified(service.stack.context.dsn())


def test_loads_under_traffic_fail_nothing(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("functions", "views"):
        shutil.copytree(ROOT / "db" / folder, tmp_path / folder)
    longest, waited = 0.0, 0.0
    with (
        psycopg.connect(service.stack.context.dsn(), autocommit=True) as conn,
        Fills(service, "LOADUSDT") as fills,
        Reads(service, "LOADUSDT") as reads,
        LongRead(service, LONG_READ_SECONDS, BREAK) as long_read,
    ):
        tree = CodeTree(tmp_path, conn)
        began = time.monotonic()
        for number in range(LOADS):
            for name, edit in ((HOT, HOT_EDIT), (READ, READ_EDIT)):
                tree.edit(name, *(edit if number % 2 == 0 else reversed(edit)))
            before = time.monotonic()
            loaded = tree.load()
            assert {"pms.lock_legs", "api.positions"} <= set(loaded.created)
            longest = max(longest, time.monotonic() - before)
            waited = max(waited, loaded.waited)
        took = time.monotonic() - began

    longest_batch = max(line["ms"] for line in logged(service, "ingest", "batch")) / 1000
    with capsys.disabled():
        print(
            f"\n{LOADS} loads in {took:.1f} s under {fills.sent} messages and"
            f" {reads.statuses.total()} reads {dict(reads.statuses)}; longest load"
            f" {longest:.2f} s, of that {waited:.2f} s for locks; longest read"
            f" {reads.longest:.2f} s; longest batch {longest_batch:.2f} s;"
            f" {len(logged(service, 'ingest', RETRIED))} retries of the worker"
        )
    assert fills.sent > 10
    assert reads.statuses[200] > 10
    assert long_read.rows > 0
    # PostgREST fails a request that meets an object just dropped; the gateway repeats it.
    assert set(reads.statuses) == {200}
    assert_all_applied(service, fills)


def test_a_migration_under_code_loses_nothing(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_tree(tmp_path)
    view = tmp_path / "db" / "views" / "extras.sql"
    view.write_text("CREATE OR REPLACE VIEW api.extras AS SELECT p.extra FROM pms.positions p;")
    add = "-- Only adds.\nALTER TABLE pms.positions ADD COLUMN extra text;"
    add_migration(tmp_path, "base/add_extra", add, "SELECT 1;")
    database = deploy.database(service.stack.context)
    with Fills(service, "PAUSEUSDT") as fills, Reads(service, "PAUSEUSDT") as reads:
        added = deployment.deploy_schema(database, tree=tmp_path)
        time.sleep(1)
        assert fills.sent > 0
        assert set(reads.statuses) <= {200}

        view.write_text("CREATE OR REPLACE VIEW api.extras AS SELECT p.asset FROM pms.positions p;")
        drop = "-- With time for requests.\nSELECT pg_sleep(1);\n"
        drop += "ALTER TABLE pms.positions DROP COLUMN extra;"
        add_migration(tmp_path, "base/drop_extra", drop, "SELECT 1;")
        dropped = deployment.deploy_schema(database, tree=tmp_path)
        assert wait(lambda: service.get("/api/v1/portfolio").status_code == 200, 30)

    with capsys.disabled():
        print(f"\n{dropped}; {fills.sent} messages, reads {dict(reads.statuses)}")
    assert added.paused_seconds is None
    assert dropped.paused_seconds is not None
    assert reads.statuses[503] > 0
    assert set(reads.statuses) == {200, 503}
    assert [answer.headers.get("retry-after") for answer in reads.failures
            if answer.status_code == 503].count(None) == 0  # fmt: skip
    assert_all_applied(service, fills)
