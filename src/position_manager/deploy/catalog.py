"""The service's code as PostgreSQL's catalog has it: what exists, depends, is granted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from position_manager.deploy.source import Kind

Key = tuple[Kind, str]

OWNER = "pms_owner"

# Objects by their address: what a load may create. Types of tables and views are not among them.
EXISTING = """
    SELECT 'routine' AS kind, 'pg_proc'::regclass AS classid, p.oid AS objid,
        concat_ws('.', quote_ident(n.nspname), quote_ident(p.proname)) AS name
    FROM pg_proc p
    INNER JOIN pg_namespace n ON p.pronamespace = n.oid
    WHERE n.nspname IN ('pms', 'api')
    UNION ALL
    SELECT 'view', 'pg_class'::regclass, c.oid,
        concat_ws('.', quote_ident(n.nspname), quote_ident(c.relname))
    FROM pg_class c
    INNER JOIN pg_namespace n ON c.relnamespace = n.oid
    WHERE n.nspname IN ('pms', 'api') AND c.relkind = 'v' AND c.relowner = 'pms_owner'::regrole
    UNION ALL
    SELECT 'type', 'pg_type'::regclass, t.oid,
        concat_ws('.', quote_ident(n.nspname), quote_ident(t.typname))
    FROM pg_type t
    INNER JOIN pg_namespace n ON t.typnamespace = n.oid
    LEFT JOIN pg_class c ON t.typrelid = c.oid
    WHERE n.nspname IN ('pms', 'api') AND (t.typtype = 'd' OR c.relkind = 'c')
        -- A type that a table uses belongs to the migrations.
        AND NOT EXISTS (
            SELECT
            FROM pg_attribute a
            INNER JOIN pg_class r ON a.attrelid = r.oid
            WHERE a.atttypid IN (t.oid, t.typarray) AND r.relkind IN ('r', 'p')
        )
"""

# Everything that would go with the objects of `wanted`, and they themselves. A view depends on
# others by its rule, a row type goes with its relation.
DEPENDENTS = f"""
    WITH RECURSIVE existing AS ({EXISTING}),
    going (classid, objid) AS (
        SELECT e.classid::oid, e.objid
        FROM existing e
        INNER JOIN unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
            ON e.kind = w.kind AND e.name = w.name
        UNION
        SELECT
            CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END,
            coalesce(r.ev_class, d.objid)
        FROM going g
        INNER JOIN pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid
        LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        WHERE d.deptype IN ('n', 'a', 'i')
    )
"""


@dataclass(frozen=True)
class ForeignObject:
    """An object of somebody else that depends on ours."""

    name: str
    statements: tuple[str, ...]
    """They create it again; empty where that is not possible."""


def become_owner(conn: psycopg.Connection[Any]) -> None:
    """Create everything as the owner of the schema, also where a superuser is connected."""
    conn.execute(f"SET LOCAL ROLE {OWNER}")


@contextmanager
def as_caller(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Act as the role that is connected: what belongs to others may need a superuser."""
    conn.execute("RESET ROLE")
    yield
    become_owner(conn)


def existing(conn: psycopg.Connection[Any]) -> set[Key]:
    """The code in the database."""
    rows = conn.execute(f"SELECT e.kind, e.name FROM ({EXISTING}) e").fetchall()
    return {(kind, name) for kind, name in rows}


def with_dependents(conn: psycopg.Connection[Any], wanted: Iterable[Key]) -> set[Key]:
    """`wanted`, as far as it exists, and the code that depends on it."""
    rows = conn.execute(
        DEPENDENTS
        + """
        SELECT e.kind, e.name
        FROM existing e
        INNER JOIN going g ON e.classid = g.classid AND e.objid = g.objid
        """,
        _arrays(wanted),
    ).fetchall()
    return {(kind, name) for kind, name in rows}


def drop(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> None:
    """Drop objects, and what depends on them."""
    rows = conn.execute(
        f"""
        SELECT CASE e.kind
            WHEN 'routine' THEN format('DROP ROUTINE IF EXISTS %%s CASCADE',
                e.objid::regprocedure)
            WHEN 'view' THEN format('DROP VIEW IF EXISTS %%s CASCADE', e.name)
            ELSE format('DROP %%s IF EXISTS %%s CASCADE',
                CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, e.name)
        END
        FROM ({EXISTING}) e
        INNER JOIN unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
            ON e.kind = w.kind AND e.name = w.name
        LEFT JOIN pg_type t ON e.kind = 'type' AND e.objid = t.oid
        """,
        _arrays(keys),
    ).fetchall()
    # The types of arguments may have gone with another object already.
    for (statement,) in rows:
        conn.execute("SAVEPOINT dropping")
        try:
            conn.execute(statement.encode())
        except (psycopg.errors.UndefinedObject, psycopg.errors.InvalidSchemaName):
            conn.execute("ROLLBACK TO SAVEPOINT dropping")


def has_type(conn: psycopg.Connection[Any], name: str) -> bool:
    """Whether a type of that name exists."""
    row = conn.execute("SELECT to_regtype(%s) IS NOT NULL", [name]).fetchone()
    return row == (True,)


def overloaded(conn: psycopg.Connection[Any]) -> set[Key]:
    """Functions that share their name with another one."""
    rows = conn.execute(
        f"""
        SELECT e.kind, e.name FROM ({EXISTING}) e
        WHERE e.kind = 'routine'
        GROUP BY e.kind, e.name
        HAVING count(*) > 1
        """
    ).fetchall()
    return {(kind, name) for kind, name in rows}


def clear_notes(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> None:
    """Remove comments, and privileges of the service's own roles, so that notes begin anew."""
    rows = conn.execute(
        f"""
        WITH target AS (
            SELECT e.classid::oid AS classid, e.objid
            FROM ({EXISTING}) e
            INNER JOIN unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
                ON e.kind = w.kind AND e.name = w.name
            UNION ALL
            SELECT 'pg_class'::regclass, to_regclass(w.name)
            FROM unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
            WHERE w.kind = 'notes' AND to_regclass(w.name) IS NOT NULL
            UNION ALL
            SELECT 'pg_namespace'::regclass, n.oid
            FROM unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
            INNER JOIN pg_namespace n ON w.name = n.nspname
            WHERE w.kind = 'notes'
        ),
        comment AS (
            SELECT format('COMMENT ON %%s %%s IS NULL',
                CASE WHEN d.objsubid > 0 THEN 'COLUMN' ELSE upper(replace(i.type, 'composite ', ''))
                END, i.identity) AS statement
            FROM target t
            INNER JOIN pg_description d ON t.classid = d.classoid AND t.objid = d.objoid
            CROSS JOIN LATERAL pg_identify_object(t.classid, t.objid, d.objsubid) i
        ),
        privilege AS (
            SELECT DISTINCT format('REVOKE ALL ON %%s %%s FROM %%s',
                CASE t.classid
                    WHEN 'pg_proc'::regclass THEN 'ROUTINE'
                    WHEN 'pg_type'::regclass THEN 'TYPE'
                    WHEN 'pg_namespace'::regclass THEN 'SCHEMA'
                    ELSE 'TABLE'
                END,
                i.identity,
                CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
            FROM target t
            CROSS JOIN LATERAL (
                SELECT p.proacl AS acl FROM pg_proc p
                WHERE t.classid = 'pg_proc'::regclass AND p.oid = t.objid
                UNION ALL
                SELECT c.relacl FROM pg_class c
                WHERE t.classid = 'pg_class'::regclass AND c.oid = t.objid
                UNION ALL
                SELECT a.attacl FROM pg_attribute a
                WHERE t.classid = 'pg_class'::regclass AND a.attrelid = t.objid
                UNION ALL
                SELECT n.nspacl FROM pg_namespace n
                WHERE t.classid = 'pg_namespace'::regclass AND n.oid = t.objid
                UNION ALL
                SELECT y.typacl FROM pg_type y
                WHERE t.classid = 'pg_type'::regclass AND y.oid = t.objid
            ) l
            CROSS JOIN LATERAL aclexplode(l.acl) a
            CROSS JOIN LATERAL pg_identify_object(t.classid, t.objid, 0) i
            WHERE a.grantee = 0
                OR (a.grantee::regrole::text LIKE 'pms\\_%%'
                    AND a.grantee <> 'pms_owner'::regrole)
        )
        SELECT * FROM comment UNION ALL SELECT * FROM privilege
        """,
        _arrays(keys),
    ).fetchall()
    if rows:
        conn.execute("; ".join(statement for (statement,) in rows).encode())


def foreign_grants(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> list[str]:
    """The statements that give other roles again what they may do with our objects."""
    rows = conn.execute(
        f"""
        SELECT format('GRANT %%s%%s ON %%s %%s TO %%s%%s',
            a.privilege_type,
            CASE WHEN l.attname IS NULL THEN '' ELSE format(' (%%I)', l.attname) END,
            CASE e.kind WHEN 'routine' THEN 'ROUTINE' WHEN 'type' THEN 'TYPE' ELSE 'TABLE' END,
            CASE e.kind WHEN 'routine' THEN e.name ELSE e.name END,
            a.grantee::regrole,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM ({EXISTING}) e
        INNER JOIN unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
            ON e.kind = w.kind AND e.name = w.name
        CROSS JOIN LATERAL (
            SELECT NULL::name AS attname, p.proacl AS acl FROM pg_proc p
            WHERE e.kind = 'routine' AND p.oid = e.objid
            UNION ALL
            SELECT NULL, c.relacl FROM pg_class c WHERE e.kind = 'view' AND c.oid = e.objid
            UNION ALL
            SELECT b.attname, b.attacl FROM pg_attribute b
            WHERE e.kind = 'view' AND b.attrelid = e.objid AND b.attnum > 0
            UNION ALL
            SELECT NULL, y.typacl FROM pg_type y WHERE e.kind = 'type' AND y.oid = e.objid
        ) l
        CROSS JOIN LATERAL aclexplode(l.acl) a
        WHERE a.grantee <> 0 AND a.grantee::regrole::text NOT LIKE 'pms\\_%%'
        ORDER BY 1
        """,
        _arrays(keys),
    ).fetchall()
    return [statement for (statement,) in rows]


def foreign_dependents(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> list[ForeignObject]:
    """Objects outside our code that would go with ours, in an order that creates them again."""
    rows = conn.execute(
        DEPENDENTS
        + """
        , foreigner AS (
            SELECT DISTINCT g.classid, g.objid
            FROM going g
            LEFT JOIN existing e ON g.classid = e.classid AND g.objid = e.objid
            WHERE e.objid IS NULL
                AND NOT EXISTS (
                    -- The row type of a relation, the array of a type, the rule of a view: parts.
                    SELECT FROM pg_depend d
                    WHERE d.classid = g.classid AND d.objid = g.objid AND d.deptype = 'i'
                )
                AND NOT (g.classid = 'pg_class'::regclass AND EXISTS (
                    SELECT FROM pg_type t
                    INNER JOIN existing e2 ON e2.objid = t.oid AND e2.kind = 'type'
                    WHERE t.typrelid = g.objid
                ))
        )
        SELECT
            i.identity, c.relkind, pg_get_viewdef(c.oid), c.reloptions, c.relowner::regrole::text,
            obj_description(c.oid, 'pg_class'),
            ARRAY(
                SELECT format('GRANT %%s ON TABLE %%s TO %%s%%s', a.privilege_type, i.identity,
                    CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                    CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                FROM aclexplode(c.relacl) a
                WHERE a.grantee <> c.relowner
            ),
            CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END,
            p.proowner::regrole::text
        FROM foreigner f
        CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, 0) i
        LEFT JOIN pg_class c ON f.classid = 'pg_class'::regclass AND f.objid = c.oid
        LEFT JOIN pg_proc p ON f.classid = 'pg_proc'::regclass AND f.objid = p.oid
        ORDER BY f.objid
        """,
        _arrays(keys),
    ).fetchall()
    found = []
    for name, relkind, view, options, owner, comment, grants, function, function_owner in rows:
        statements: list[str] = []
        if relkind == "v":
            with_options = f" WITH ({', '.join(options)})" if options else ""
            statements += [
                f"CREATE VIEW {name}{with_options} AS {view}",
                f"ALTER VIEW {name} OWNER TO {owner}",
                *grants,
            ]
            if comment is not None:
                literal = psycopg.sql.quote(comment)
                statements.append(f"COMMENT ON VIEW {name} IS {literal}")
        elif function is not None:
            statements += [function, f"ALTER ROUTINE {name} OWNER TO {function_owner}"]
        found.append(ForeignObject(name, tuple(statements)))
    return found


def _arrays(keys: Iterable[Key]) -> dict[str, list[str]]:
    keys = sorted(keys)
    return {"kinds": [kind for kind, _ in keys], "names": [name for _, name in keys]}
