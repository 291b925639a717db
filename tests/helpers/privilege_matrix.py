"""The privileges on every object of a database, to compare with a checked-in table.

With PRIVILEGES=write the tests rewrite the tables instead of comparing them.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

Rows = list[tuple[str, ...]]

WRITE_VARIABLE = "PRIVILEGES"
# In the order of their privileges.
ROLES = (
    "public",
    "pms_authenticator",
    "pms_anon",
    "pms_reader",
    "pms_trader",
    "pms_http_operator",
    "pms_operator",
    "pms_analyst",
    "pms_worker",
    "pms_stream",
    "pms_compat",
)
COLUMNS = ("kind", "object", "owner", *ROLES)

# Everything that is not PostgreSQL's own. A month of a table is its parent, as long as it may be
# used like it: a right of its own makes another row. A type that comes with a table is left out.
# MAINTAIN is new in PostgreSQL 17; only the owner has it, so the table is the same before.
OBJECTS = """
WITH schemas AS (
    SELECT n.oid, n.nspname, n.nspowner
    FROM pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
),

relations AS (
    SELECT
        c.oid,
        CASE c.relkind
            WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view'
            WHEN 'f' THEN 'foreign table' ELSE 'table'
        END AS kind,
        coalesce(
            (SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition),
            c.oid
        ) AS called,
        c.relowner,
        c.relkind
    FROM pg_class c
    INNER JOIN schemas s ON c.relnamespace = s.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
)

SELECT 'schema' AS kind, s.nspname::text AS object, s.nspowner::regrole::text AS owner,
    'schema' AS class, s.oid, NULL::smallint AS number, '{USAGE,CREATE}'::text[] AS privileges
FROM schemas s
UNION ALL
SELECT r.kind, r.called::regclass::text, r.relowner::regrole::text,
    CASE r.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, r.oid, NULL,
    CASE r.relkind
        WHEN 'S' THEN '{USAGE,SELECT,UPDATE}'
        ELSE '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER'
            || CASE WHEN current_setting('server_version_num')::int >= 170000 THEN ',MAINTAIN}'
                ELSE '}' END
    END::text[]
FROM relations r
UNION ALL
SELECT 'column', r.called::regclass::text || '.' || quote_ident(a.attname),
    r.relowner::regrole::text, 'column', r.oid, a.attnum,
    '{SELECT,INSERT,UPDATE,REFERENCES}'
FROM relations r
INNER JOIN pg_attribute a ON r.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE r.relkind <> 'S'
UNION ALL
SELECT
    CASE WHEN p.prosecdef THEN 'definer ' ELSE '' END
    || CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
    p.oid::regprocedure::text, p.proowner::regrole::text, 'function', p.oid, NULL, '{EXECUTE}'
FROM pg_proc p
INNER JOIN schemas s ON p.pronamespace = s.oid
UNION ALL
SELECT 'type', t.oid::regtype::text, t.typowner::regrole::text, 'type', t.oid, NULL, '{USAGE}'
FROM pg_type t
INNER JOIN schemas s ON t.typnamespace = s.oid
LEFT JOIN pg_class c ON t.typrelid = c.oid
WHERE t.typtype <> 'b' AND t.typtype <> 'm' AND coalesce(c.relkind, 'c') = 'c'
"""

# The objects of an extension depend on its version. Those that no role may use are one row a kind.
MATRIX = f"""
WITH objects AS ({OBJECTS})

SELECT DISTINCT
    CASE WHEN e.is_closed THEN 'extension ' ELSE '' END || o.kind,
    CASE WHEN e.is_closed THEN e.extname ELSE o.object END,
    o.owner,
    a.allowed
FROM objects o
CROSS JOIN LATERAL (
    SELECT array_agg(coalesce(v.words, '') ORDER BY r.place) AS allowed
    FROM unnest(%(roles)s::text[]) WITH ORDINALITY r (name, place)
    CROSS JOIN LATERAL (
        SELECT string_agg(p.name, ' ' ORDER BY p.place) AS words
        FROM unnest(o.privileges) WITH ORDINALITY p (name, place)
        WHERE CASE o.class
            WHEN 'schema' THEN has_schema_privilege(r.name, o.oid, p.name)
            WHEN 'sequence' THEN has_sequence_privilege(r.name, o.oid, p.name)
            WHEN 'table' THEN has_table_privilege(r.name, o.oid, p.name)
            WHEN 'column' THEN has_column_privilege(r.name, o.oid, o.number, p.name)
            WHEN 'function' THEN has_function_privilege(r.name, o.oid, p.name)
            WHEN 'type' THEN has_type_privilege(r.name, o.oid, p.name)
        END
    ) v
) a
LEFT JOIN LATERAL (
    SELECT x.extname::text, array_to_string(a.allowed, '') = '' AS is_closed
    FROM pg_depend d
    INNER JOIN pg_extension x ON d.refobjid = x.oid
    WHERE d.deptype = 'e'
        AND d.refclassid = 'pg_extension'::regclass
        AND d.objid = o.oid
        AND d.classid = CASE o.class
            WHEN 'schema' THEN 'pg_namespace'::regclass
            WHEN 'function' THEN 'pg_proc'::regclass
            WHEN 'type' THEN 'pg_type'::regclass
            ELSE 'pg_class'::regclass
        END
) e ON TRUE
"""

# Objects of PostgreSQL with other privileges than after initdb.
OPENED = """
WITH system AS (
    SELECT
        'pg_class'::regclass::oid AS class, c.oid, c.oid::regclass::text AS name, c.relacl AS acl,
        c.relowner AS owner
    FROM pg_class c
    WHERE c.relnamespace = 'pg_catalog'::regnamespace
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, p.oid::regprocedure::text, p.proacl, p.proowner
    FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
)

SELECT s.name, a.grantee::regrole::text, a.privilege_type
FROM system s
CROSS JOIN LATERAL aclexplode(s.acl) a
WHERE a.grantee <> s.owner
EXCEPT
SELECT s.name, a.grantee::regrole::text, a.privilege_type
FROM system s
INNER JOIN pg_init_privs i ON s.class = i.classoid AND s.oid = i.objoid AND i.objsubid = 0
CROSS JOIN LATERAL aclexplode(i.initprivs) a
"""


def by_sql(connection: psycopg.Connection[Any]) -> Rows:
    """Every object of the database with the privileges of each role."""
    connection.execute("SET search_path = ''")
    found = connection.execute(MATRIX.encode(), {"roles": list(ROLES)}).fetchall()
    return sorted((kind, name, owner, *allowed) for kind, name, owner, allowed in found)


def read(path: Path) -> Rows:
    """A checked-in table, without its head."""
    with path.open(newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def compare(path: Path, head: Sequence[str], found: Rows) -> None:
    """Fail with the differences from the checked-in table, or rewrite it on request."""
    if os.environ.get(WRITE_VARIABLE) == "write":
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *sorted(found)])
    expected = read(path)
    changed = [f"+ {','.join(row)}" for row in sorted(set(found) - set(expected))]
    changed += [f"- {','.join(row)}" for row in sorted(set(expected) - set(found))]
    assert not changed, "\n".join(
        [f"{path.name} ({','.join(head)}) says otherwise; see CONTRIBUTING.md", *changed]
    )
