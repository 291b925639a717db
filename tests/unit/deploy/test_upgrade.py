"""An upgrade of the former plan, in which functions and views were changes, too.

Collected where the repository has its history: see conftest.py.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from position_manager.paths import ROOT
from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.helpers.schema_dump import dump as schema
from tests.helpers.sqitch import deploy_at_once
from tests.unit.deploy.conftest import FORMER

if TYPE_CHECKING:
    from tests.conftest import Database


def test_an_upgrade_ends_like_a_fresh_deploy(
    server: Stack, database: Database, empty: str, tmp_path: Path
) -> None:
    archive = tmp_path / "former.tar"
    subprocess.run(["git", "archive", "-o", archive, FORMER], cwd=ROOT, check=True)
    subprocess.run(["tar", "-xf", archive, "-C", tmp_path], check=True)
    deploy_at_once(server.context, empty, tree=tmp_path)

    deploy.deploy_schema(server.context, empty)

    with psycopg.connect(server.context.dsn(dbname=empty)) as conn:
        assert conn.execute("SELECT 1 FROM pms.settings").fetchall() == [(1,)]
    # Not the template itself: each new clone of it ends all connections to it.
    assert schema(server.context, empty) == schema(database.context, database.name)
