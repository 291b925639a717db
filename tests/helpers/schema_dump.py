"""The service's schemas as pg_dump writes them."""

from __future__ import annotations

import re
import subprocess

from position_manager.stack import postgres
from position_manager.stack.context import Context
from tests.helpers.tree import ROOT

PATH = ROOT / "db" / "schema.sql"
# A random key against injection, versions, and blank lines that come of removing them.
VARYING = re.compile(r"^(?:\\(?:un)?restrict .*|-- Dumped (?:from|by) .*)\n", re.MULTILINE)


def dump(context: Context, dbname: str) -> str:
    """The schemas `pms` and `api` of a database, without data and partitions of single months."""
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    written = subprocess.run(
        [programs / "pg_dump", "--schema-only", "--schema=pms", "--schema=api",
         "--exclude-table=pms.*_[0-9][0-9][0-9][0-9]_[0-9][0-9]", context.dsn(dbname=dbname)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return re.sub(r"\n{3,}", "\n\n", VARYING.sub("", written)).strip() + "\n"
