"""sqitch, as a developer runs it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from position_manager.paths import ROOT
from position_manager.stack import postgres
from position_manager.stack.context import LOCALHOST, Context

DEPLOY_DIR = re.compile(r"^ *deploy_dir = (.+)$", re.MULTILINE)


def sqitch(context: Context, database: str, *command: str, tree: Path = ROOT) -> str:
    """Run sqitch as the owner, in `tree`; return its output."""
    target = f"db:pg://pms_owner@{LOCALHOST}:{context.ports.postgres_port}/{database}"
    return _run(context, tree, "sqitch", *command, target)


def planned(tree: Path = ROOT) -> list[str]:
    """The names of the changes of a plan."""
    lines = (tree / "sqitch.plan").read_text().splitlines()
    return [line.split()[0] for line in lines if line and line[0] not in "%@"]


def deploy_at_once(
    context: Context, database: str, *, to: str | None = None, tree: Path = ROOT
) -> None:
    """Deploy the changes of a plan to an empty database in one session of psql, and record them.

    The result is that of ``sqitch deploy``, which starts psql twice for each change.
    """
    changes = planned(tree)
    if to is not None:
        changes = changes[: changes.index(to) + 1]
    found = DEPLOY_DIR.search((tree / "sqitch.conf").read_text())
    assert found is not None
    files = (f"--file={found[1]}/{change}.sql" for change in changes)
    target = f"postgresql://pms_owner@{LOCALHOST}:{context.ports.postgres_port}/{database}"
    _run(context, tree, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *files, target)
    sqitch(context, database, "deploy", "--log-only", "--no-verify", "--to", changes[-1], tree=tree)


def _run(context: Context, tree: Path, *command: str) -> str:
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    done = subprocess.run(
        command,
        cwd=tree,
        env={
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(context.dir),
            "PGPASSWORD": context.secrets.pms_owner,
            "SQITCH_FULLNAME": "Test",
            "SQITCH_EMAIL": "test@localhost",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
