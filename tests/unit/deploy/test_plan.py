"""The plan is complete and reversible."""

from __future__ import annotations

import psycopg
import pytest

from position_manager.paths import ROOT
from position_manager.stack.stack import Stack
from tests.helpers.schema_dump import dump as schema
from tests.helpers.sqitch import planned, sqitch


@pytest.mark.parametrize("folder", ["migrations", "sqitch/revert", "sqitch/verify"])
def test_every_script_belongs_to_the_plan(folder: str) -> None:
    root = ROOT / "db" / folder
    scripts = {str(path.relative_to(root).with_suffix("")) for path in root.rglob("*.sql")}

    assert scripts == set(planned())


def test_the_plan_goes_up_down_and_up_again(server: Stack, empty: str) -> None:
    context = server.context
    sqitch(context, empty, "deploy", "--verify")
    first = schema(context, empty)
    sqitch(context, empty, "revert", "-y")
    with psycopg.connect(context.dsn(dbname=empty)) as conn:
        left = conn.execute("SELECT 1 FROM pg_namespace WHERE nspname IN ('pms', 'api')")
        assert left.fetchall() == []
    # The schema is compared as a whole.
    sqitch(context, empty, "deploy", "--no-verify")

    assert schema(context, empty) == first
