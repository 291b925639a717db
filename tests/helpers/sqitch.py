"""sqitch, as a developer runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from position_manager.paths import ROOT
from position_manager.stack import postgres
from position_manager.stack.context import LOCALHOST, Context


def sqitch(context: Context, database: str, *command: str, tree: Path = ROOT) -> str:
    """Run sqitch as the owner, in `tree`; return its output."""
    target = f"db:pg://pms_owner@{LOCALHOST}:{context.ports.postgres_port}/{database}"
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    done = subprocess.run(
        ["sqitch", *command, target],
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
