"""The service's schemas as pg_dump writes them."""

from __future__ import annotations

import re
import subprocess

import psycopg

from position_manager.stack import postgres
from position_manager.stack.context import Context
from tests.helpers.client_programs import without_password
from tests.helpers.tree import ROOT

PATH = ROOT / "db" / "schema.sql"
# A random key against injection, versions and a setting of newer ones, and blank lines that come of
# removing them.
VARYING = re.compile(
    r"^(?:\\(?:un)?restrict .*|-- Dumped (?:from|by) .*|SET transaction_timeout .*)\n", re.MULTILINE
)
VIEW = re.compile(r"^CREATE VIEW (\S+)( WITH \(.*\))? AS\n(?:.+\n)+", re.MULTILINE)
OWNER = re.compile(r"^ALTER (?:VIEW|SEQUENCE) (\S+ OWNER TO )", re.MULTILINE)
COLUMNS = """
    SELECT c.oid::regclass::text, string_agg(
        format(E'    %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), E',\\n'
        ORDER BY a.attnum
    )
    FROM pg_class c
    INNER JOIN pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0
    WHERE c.relkind = 'v' AND c.relnamespace = ANY ('{pms,api,compat}'::regnamespace[])
    GROUP BY c.oid
"""


def dump(context: Context, dbname: str) -> str:
    """The schemas of a database, without data and partitions of single months."""
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    address, env = without_password(context.dsn(dbname=dbname))
    written = subprocess.run(
        [programs / "pg_dump", "--schema-only", "--schema=pms", "--schema=api", "--schema=compat",
         "--exclude-table=pms.*_[0-9][0-9][0-9][0-9]_[0-9][0-9]", address],
        check=True, capture_output=True, text=True, env=env,
    ).stdout  # fmt: skip
    return re.sub(r"\n{3,}", "\n\n", VARYING.sub("", written)).strip() + "\n"


def portable_dump(context: Context, dbname: str) -> str:
    """The same from every version of PostgreSQL, which write the query of a view differently.

    A view is listed with its columns instead; its query is that of db/views. Before PostgreSQL 16
    the owner of a view or sequence is that of a table.
    """
    with psycopg.connect(context.dsn(dbname=dbname)) as connection:
        connection.execute("SET search_path = ''")
        columns: dict[str, str] = dict(connection.execute(COLUMNS).fetchall())

    def listed(view: re.Match[str]) -> str:
        return f"CREATE VIEW {view[1]} (\n{columns.pop(view[1])}\n){view[2] or ''};\n"

    text = OWNER.sub(r"ALTER TABLE \1", VIEW.sub(listed, dump(context, dbname)))
    assert columns == {}, f"not found in the dump: {columns}"
    return text
