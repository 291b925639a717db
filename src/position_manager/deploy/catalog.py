"""The service's code in PostgreSQL's catalog: objects, dependencies and privileges.

Our objects are those recorded in ``pms.loaded_code``. Other roles may have objects and privileges
beside them, even in our schemas: see :mod:`position_manager.deploy.others`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from position_manager.deploy.source import SCHEMAS, Kind

Key = tuple[Kind, str]

OWNER = "pms_owner"
BACKUP = "pms_backup"
SERVED = (
    "pms_authenticator",
    "pms_operator",
    "pms_worker",
    "pms_stream",
    "pms_analyst",
    "pms_compat",
)
"""The login roles of the service: neither its owner nor that of backups."""
LOGINS = (OWNER, *SERVED, BACKUP)
# The roles of db/bootstrap.sql: the tree says what they may do with the code.
ROLES = (
    *LOGINS,
    "pms_anon",
    "pms_session",
    "pms_reader",
    "pms_trader",
    "pms_http_operator",
    "pms_bound",
    "pms_reader_bound",
    "pms_trader_bound",
    "pms_http_operator_bound",
)

_SCHEMAS = ", ".join(f"'{name}'" for name in SCHEMAS)

# What a load could have created, by its address. Types of tables and views are not among them.
_CANDIDATES = f"""
    SELECT 'routine' AS kind, 'pg_proc'::regclass::oid AS classid, p.oid AS objid,
        concat_ws('.', quote_ident(n.nspname), quote_ident(p.proname)) AS name
    FROM pg_proc p
    INNER JOIN pg_namespace n ON p.pronamespace = n.oid
    WHERE n.nspname IN ({_SCHEMAS}) AND p.proowner = 'pms_owner'::regrole
    UNION ALL
    SELECT 'view', 'pg_class'::regclass, c.oid,
        concat_ws('.', quote_ident(n.nspname), quote_ident(c.relname))
    FROM pg_class c
    INNER JOIN pg_namespace n ON c.relnamespace = n.oid
    WHERE n.nspname IN ({_SCHEMAS}) AND c.relowner = 'pms_owner'::regrole AND c.relkind = 'v'
    UNION ALL
    SELECT 'type', 'pg_type'::regclass, t.oid,
        concat_ws('.', quote_ident(n.nspname), quote_ident(t.typname))
    FROM pg_type t
    INNER JOIN pg_namespace n ON t.typnamespace = n.oid
    LEFT JOIN pg_class c ON t.typrelid = c.oid
    WHERE n.nspname IN ({_SCHEMAS}) AND t.typowner = 'pms_owner'::regrole
        AND (t.typtype = 'd' OR c.relkind = 'c')
"""

EXISTING = f"""
    SELECT c.kind, c.name, c.classid, c.objid
    FROM ({_CANDIDATES}) c
    INNER JOIN pms.loaded_code l ON c.kind = l.kind AND c.name = l.name
"""

_WANTED = "unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)"

# Everything that would go with the wanted objects, and they themselves. A view depends on others by
# its rule, a row type goes with its relation. A composite type would only lose a column.
GOING = f"""
    WITH RECURSIVE existing AS MATERIALIZED ({EXISTING}),
    going (classid, objid, depth) AS (
        SELECT e.classid, e.objid, 0
        FROM existing e
        INNER JOIN {_WANTED} ON e.kind = w.kind AND e.name = w.name
        UNION
        SELECT n.classid, n.objid, g.depth + 1
        FROM going g
        INNER JOIN pg_depend d ON g.classid = d.refclassid AND g.objid = d.refobjid
        LEFT JOIN pg_rewrite r
            ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND r.rulename = '_RETURN'
        LEFT JOIN pg_class c
            ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'c'
        CROSS JOIN LATERAL (
            SELECT
                CASE
                    WHEN r.oid IS NOT NULL THEN 'pg_class'::regclass
                    WHEN c.oid IS NOT NULL THEN 'pg_type'::regclass
                    ELSE d.classid
                END AS classid,
                coalesce(r.ev_class, c.reltype, d.objid) AS objid
        ) n
        WHERE d.deptype IN ('n', 'a', 'i')
            AND (n.classid, n.objid) <> (g.classid, g.objid)
            -- Views can be replaced so that they depend on each other.
            AND g.depth < 100
    )
"""

# Rights on any object, one row each.
PRIVILEGES = """
    SELECT l.classid, l.objid, l.kind, l.attname, x.privilege_type, x.grantee, x.is_grantable,
        CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS role
    FROM (
        SELECT 'pg_proc'::regclass::oid AS classid, p.oid AS objid, 'ROUTINE' AS kind,
            NULL::name AS attname, p.proacl AS acl
        FROM pg_proc p
        UNION ALL
        SELECT 'pg_class'::regclass, c.oid, 'TABLE', NULL, c.relacl FROM pg_class c
        UNION ALL
        SELECT 'pg_class'::regclass, a.attrelid, 'TABLE', a.attname, a.attacl FROM pg_attribute a
        UNION ALL
        SELECT 'pg_namespace'::regclass, n.oid, 'SCHEMA', NULL, n.nspacl FROM pg_namespace n
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid, 'TYPE', NULL, t.typacl FROM pg_type t
    ) l
    CROSS JOIN LATERAL aclexplode(l.acl) x
"""

# A composite type has its comments on its columns, but not its own, as a relation.
_ANNOTATED = f"""
    SELECT e.classid, e.objid
    FROM ({EXISTING}) e
    INNER JOIN {_WANTED} ON e.kind = w.kind AND e.name = w.name
    UNION ALL
    SELECT n.classid, n.objid
    FROM {_WANTED}
    CROSS JOIN LATERAL (
        SELECT 'pg_class'::regclass::oid AS classid, to_regclass(w.name)::oid AS objid
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid
        FROM pg_type t
        WHERE t.oid = to_regtype(w.name)
        UNION ALL
        SELECT 'pg_namespace'::regclass, s.oid
        FROM pg_namespace s
        WHERE s.nspname = w.name
    ) n
    WHERE w.kind = 'notes' AND n.objid IS NOT NULL
"""

_CLEARED = f"""
    WITH target AS ({_ANNOTATED}),
    comment AS (
        SELECT format(
            'COMMENT ON %%s %%s IS NULL',
            CASE
                WHEN d.objsubid > 0 THEN 'COLUMN'
                ELSE upper(replace(i.type, 'composite ', ''))
            END,
            i.identity
        ) AS statement
        FROM target t
        INNER JOIN pg_description d ON t.classid = d.classoid AND t.objid = d.objoid
        CROSS JOIN LATERAL pg_identify_object(t.classid, t.objid, d.objsubid) i
    ),
    privilege AS (
        SELECT DISTINCT format('REVOKE ALL ON %%s %%s FROM %%s', p.kind, i.identity, p.role)
        FROM target t
        INNER JOIN ({PRIVILEGES}) p ON t.classid = p.classid AND t.objid = p.objid
        CROSS JOIN LATERAL pg_identify_object(t.classid, t.objid, 0) i
        WHERE p.grantee <> 'pms_owner'::regrole AND p.role = ANY (%(roles)s)
    )
    SELECT * FROM comment
    UNION ALL
    SELECT * FROM privilege
"""

# By the kind of each; the types that functions name as arguments go last.
_DROPS = f"""
    SELECT format('DROP %%s IF EXISTS %%s CASCADE', o.what, string_agg(o.called, ', '))
    FROM (
        SELECT
            CASE
                WHEN e.kind = 'routine' THEN 'ROUTINE'
                WHEN e.kind = 'view' THEN 'VIEW'
                WHEN t.typtype = 'd' THEN 'DOMAIN'
                ELSE 'TYPE'
            END AS what,
            CASE e.kind WHEN 'routine' THEN e.objid::regprocedure::text ELSE e.name END AS called
        FROM ({EXISTING}) e
        INNER JOIN {_WANTED} ON e.kind = w.kind AND e.name = w.name
        LEFT JOIN pg_type t ON e.kind = 'type' AND e.objid = t.oid
    ) o
    GROUP BY o.what
    ORDER BY array_position(ARRAY['ROUTINE', 'VIEW', 'TYPE', 'DOMAIN'], o.what)
"""


def become_owner(conn: psycopg.Connection[Any]) -> None:
    """Create everything as the owner of the schema, also where a superuser is connected."""
    conn.execute(f"SET LOCAL ROLE {OWNER}")


@contextmanager
def as_caller(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Act as the connected role: objects of others may need a superuser."""
    # RESET would outlast the transaction.
    conn.execute("SET LOCAL ROLE none")
    yield
    become_owner(conn)


def recorded(conn: psycopg.Connection[Any]) -> dict[Key, str]:
    """The digest of each loaded object; an empty one where the object is missing."""
    rows = conn.execute(
        f"""
        SELECT l.kind, l.name, CASE WHEN l.kind = 'notes' OR e.name IS NOT NULL THEN l.digest END
        FROM pms.loaded_code l
        LEFT JOIN ({EXISTING}) e ON l.kind = e.kind AND l.name = e.name
        """
    ).fetchall()
    return {(kind, name): digest or "" for kind, name, digest in rows}


def record(conn: psycopg.Connection[Any], digests: Iterable[tuple[Kind, str, str]]) -> None:
    """Record the digests of loaded objects, which makes the objects ours."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO pms.loaded_code (kind, name, digest) VALUES (%s, %s, %s)"
            " ON CONFLICT ON CONSTRAINT loaded_code_pkey DO UPDATE SET digest = excluded.digest",
            list(digests),
        )


def forget(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> None:
    """Delete the records of objects."""
    conn.execute(
        f"DELETE FROM pms.loaded_code l USING {_WANTED} WHERE l.kind = w.kind AND l.name = w.name",
        arrays(keys),
    )


def distrust(conn: psycopg.Connection[Any]) -> None:
    """Empty the digests, so that the next load replaces everything but the types."""
    conn.execute("UPDATE pms.loaded_code SET digest = '' WHERE kind <> 'type'")


def adopt(conn: psycopg.Connection[Any]) -> None:
    """Record as code everything that could be, except types of columns of tables."""
    conn.execute(
        f"""
        INSERT INTO pms.loaded_code (kind, name, digest)
        SELECT DISTINCT c.kind, c.name, ''
        FROM ({_CANDIDATES}) c
        LEFT JOIN pg_type t ON c.kind = 'type' AND c.objid = t.oid
        WHERE NOT EXISTS (
            SELECT
            FROM pg_attribute a
            INNER JOIN pg_class r ON a.attrelid = r.oid
            WHERE a.atttypid IN (t.oid, t.typarray) AND r.relkind IN ('r', 'p')
        )
        """
    )


def is_deployed(conn: psycopg.Connection[Any]) -> bool:
    """Whether the database has the table of loaded code."""
    row = conn.execute("SELECT to_regclass('pms.loaded_code') IS NOT NULL").fetchone()
    return row == (True,)


def existing(conn: psycopg.Connection[Any]) -> set[Key]:
    """The code in the database."""
    rows = conn.execute(f"SELECT e.kind, e.name FROM ({EXISTING}) e").fetchall()
    return {(kind, name) for kind, name in rows}


def with_dependents(conn: psycopg.Connection[Any], wanted: Iterable[Key]) -> set[Key]:
    """`wanted`, as far as it exists, and the code that depends on it."""
    rows = conn.execute(
        GOING
        + """
        SELECT e.kind, e.name
        FROM existing e
        INNER JOIN going g ON e.classid = g.classid AND e.objid = g.objid
        """,
        arrays(wanted),
    ).fetchall()
    return {(kind, name) for kind, name in rows}


def lock_views(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> None:
    """Keep readers out of the views among `keys`: first out of those that read others.

    A query locks a view before the views that this one reads. In the same order, no query can hold
    a view that is still to be locked while it waits for one that is.
    """
    rows = conn.execute(
        GOING
        + """
        SELECT format('ALTER VIEW %%s OWNER TO pms_owner', e.name)
        FROM existing e
        INNER JOIN going g ON e.classid = g.classid AND e.objid = g.objid
        INNER JOIN unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
            ON e.kind = w.kind AND e.name = w.name
        WHERE e.kind = 'view'
        GROUP BY e.name
        ORDER BY max(g.depth) DESC, e.name
        """,
        arrays(keys),
    ).fetchall()
    # LOCK would lock the tables below, too. This changes nothing, and takes the lock.
    for (statement,) in rows:
        conn.execute(statement.encode())


def drop(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> None:
    """Drop objects, and what depends on them."""
    for (statement,) in conn.execute(_DROPS, arrays(keys)).fetchall():
        conn.execute(statement.encode())


def overloaded(conn: psycopg.Connection[Any]) -> set[Key]:
    """Functions that share their name with another one."""
    rows = conn.execute(
        f"SELECT e.kind, e.name FROM ({EXISTING}) e GROUP BY e.kind, e.name HAVING count(*) > 1"
    ).fetchall()
    return {(kind, name) for kind, name in rows}


def clear_notes(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> None:
    """Remove comments and the service roles' privileges, so that the notes can be applied again."""
    rows = conn.execute(_CLEARED, arrays(keys) | {"roles": ["PUBLIC", *ROLES]}).fetchall()
    if rows:
        conn.execute("; ".join(statement for (statement,) in rows).encode())


def arrays(keys: Iterable[Key]) -> dict[str, list[str]]:
    """Keys as the parameters of a query."""
    keys = sorted(keys)
    return {"kinds": [kind for kind, _ in keys], "names": [name for _, name in keys]}
