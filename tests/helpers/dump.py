"""The schema of a database as text, to compare two of them."""

from __future__ import annotations

import re
import subprocess

from position_manager.stack import postgres
from position_manager.stack.context import Context


def schema(context: Context, database: str) -> str:
    """The dump of the service's own schemas."""
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    dump = subprocess.run(
        [programs / "pg_dump", "--schema-only", "--schema=pms", "--schema=api",
         context.dsn(dbname=database)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    # Newer dumps carry a random key against injection.
    return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)
