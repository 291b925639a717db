"""What the tables of a database contain, to compare a restored one with the one backed up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from position_manager.backup.archive import Content

# The text of a row must not depend on the session. No name is ambiguous, and none is a temporary
# table's.
SETTINGS = """
    SET LOCAL search_path = '';
    SET LOCAL timezone = 'UTC';
    SET LOCAL datestyle = 'ISO, YMD';
    SET LOCAL intervalstyle = 'postgres';
    SET LOCAL extra_float_digits = 1;
    SET LOCAL bytea_output = 'hex';
"""
# All but those of PostgreSQL and of extensions, which are not in the archive.
TABLES = """
    SELECT c.oid::regclass::text
    FROM pg_catalog.pg_class c
    WHERE c.relkind = 'r'
        AND c.relpersistence <> 't'
        AND c.oid >= 16384
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                AND d.deptype = 'e'
        )
    ORDER BY 1
"""
# The order of rows does not count, and equal rows do not cancel out.
DIGEST = (
    "SELECT count(*), coalesce(sum(hashtextextended((r.*)::text, 0)::numeric), 0)::text"
    " FROM ONLY {} r"
)
COMPARE = """
DO $compare$
DECLARE
    v_wanted CONSTANT jsonb := %(wanted)s;
    v_found text[] := ARRAY(%(tables)s);
    v_table text;
    v_rows bigint;
    v_digest text;
BEGIN
    IF v_found <> ARRAY(SELECT t.name FROM jsonb_object_keys(v_wanted) t (name) ORDER BY 1) THEN
        RAISE 'the restored tables are not those of the backup: %%', v_found;
    END IF;
    FOREACH v_table IN ARRAY v_found
    LOOP
        EXECUTE format(%(digest)s, v_table) INTO v_rows, v_digest;
        IF (v_rows, v_digest) <> (
            (v_wanted -> v_table ->> 'rows')::bigint, v_wanted -> v_table ->> 'digest'
        ) THEN
            RAISE 'the rows of %% are not those of the backup: %% instead of %%',
                v_table, v_rows, v_wanted -> v_table ->> 'rows';
        END IF;
    END LOOP;
END
$compare$;
"""


def of(conn: psycopg.Connection[Any]) -> dict[str, Content]:
    """The content of each table, by name, as the transaction sees it."""
    conn.execute(SETTINGS.encode())
    found = {}
    for (name,) in conn.execute(TABLES.encode()).fetchall():
        row = conn.execute(DIGEST.format(name).encode()).fetchone()
        assert row is not None
        found[name] = Content(*row)
    return found


def comparison(conn: psycopg.Connection[Any], tables: Mapping[str, Content]) -> str:
    """A script that raises an exception unless the database has exactly this content."""
    wanted = {name: {"rows": table.rows, "digest": table.digest} for name, table in tables.items()}
    values = {
        "wanted": sql.Literal(json.dumps(wanted)).as_string(conn) + "::jsonb",
        "tables": TABLES,
        "digest": sql.Literal(DIGEST.replace("{}", "%s")).as_string(conn),
    }
    return SETTINGS + COMPARE % values
