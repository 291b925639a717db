"""A database of the last release, which the file RELEASE names, upgrades under load.

Collected where the repository has that commit: see conftest.py.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from position_manager.deploy import database as deployment
from position_manager.stack import deploy
from position_manager.stack.context import LOCALHOST
from position_manager.stack.stack import Stack
from tests.helpers import release
from tests.helpers.ledger_check import assert_verified
from tests.helpers.schema_dump import dump as schema
from tests.helpers.sessions import Load, apply, assert_exact, session
from tests.helpers.sqitch import deploy_at_once

if TYPE_CHECKING:
    from tests.conftest import Database

FILLS = 300
# What a caller has seen before the upgrade, by columns that existed then.
HISTORY = {
    "api.fills": "ORDER BY id",
    "api.snapshots": "ORDER BY id",
    "api.keys": "ORDER BY id",
}
# The columns that have another name since then.
RENAMED = {"api.fills": ("realized", "carried_realized")}


def environment(stack: Stack, name: str) -> dict[str, str]:
    """The settings of a deployment."""
    words = stack.context.secrets
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(stack.context.dir),
        "POSTGRES_HOST": LOCALHOST,
        "POSTGRES_PORT": str(stack.context.ports.postgres_port),
        "POSTGRES_DB": name,
        "POSTGRES_PASSWORD": words.pms_worker,
        "POSTGRES_SUPERUSER_PASSWORD": words.postgres,
        "PMS_OWNER_PASSWORD": words.pms_owner,
        "PMS_AUTHENTICATOR_PASSWORD": words.pms_authenticator,
        "PMS_OPERATOR_PASSWORD": words.pms_operator,
        "PMS_ANALYST_PASSWORD": words.pms_analyst,
        "POSITION_MANAGER_API_KEY": words.api_key,
        "POSITION_MANAGER_PRICE_STALENESS_THRESHOLD": "77",
    }


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as conn:
        return conn.execute(query.encode()).fetchall()


def columns(dsn: str, view: str) -> str:
    found = rows(
        dsn,
        "SELECT quote_ident(a.attname) FROM pg_attribute a"
        f" WHERE a.attrelid = '{view}'::regclass AND a.attnum > 0 ORDER BY a.attnum",
    )
    # The reasons for review and the break-even price are newer than the release.
    later = {"snapshot_data": "snapshot_data - '{review_reasons,break_even_price}'::text[]"}
    return ", ".join(later.get(name, name) for (name,) in found)


def test_the_last_release_upgrades_under_load(
    server: Stack, database: Database, empty: str, tmp_path: Path, seed: int
) -> None:
    context, dsn = server.context, server.context.dsn(dbname=empty)
    worker = context.dsn("pms_worker", empty)
    tree = release.extract(tmp_path)
    deploy_at_once(context, empty, tree=tree)
    release.run(tree, environment(server, empty), "deploy")
    # The roles, which are of the whole server, have the limits of this tree again.
    deploy.create_database(context, empty)
    played = session(seed, FILLS)
    half = len(played.messages) // 2
    apply(worker, played.messages[:half])
    rows(dsn, "SELECT pms.take_snapshots(NULL)")
    queries = {view: f"SELECT {columns(dsn, view)} FROM {view} {order}"
               for view, order in HISTORY.items()}  # fmt: skip
    before = {view: rows(dsn, query) for view, query in queries.items()}
    assert all(before.values())

    with Load(worker, played.messages[half:], batch=10).running() as load:
        load.wait_for(1)
        assert not load.is_finished(), "the upgrade is not under load"
        deployed = deployment.deploy_schema(deploy.database(context, empty))

    assert load.is_finished()
    assert deployed.migrations
    assert schema(context, empty) == schema(context, database.name)
    for view, query in queries.items():
        former, present = RENAMED.get(view, ("", ""))
        query = re.sub(rf"\b{former}\b", present, query) if former else query
        assert rows(dsn, query)[: len(before[view])] == before[view], view
    assert rows(dsn, "SELECT extract(EPOCH FROM s.price_staleness_threshold) FROM pms.settings s"
    ) == [(77,)]  # fmt: skip
    assert_exact(context.dsn("pms_operator", empty), played)
    assert_verified(dsn)
