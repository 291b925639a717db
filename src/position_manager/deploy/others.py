"""Objects of other roles that depend on our code, and their privileges on it.

The loader preserves both. Before it drops code, it stores the statements that recreate them, and
runs them after it has loaded the code. Migrations may run in between, so the statements survive a
failed deployment.

Grants on our code are the owner's to restore: they wait in ``pms.detached_statements``. Objects of
others are created by a superuser. Their statements wait in ``pms.detached_objects``, a table that
the superuser creates and drops: what the owner of the schema can write must not run as a superuser.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from position_manager.deploy import catalog
from position_manager.deploy.catalog import Key

_GRANT = """format(
    'GRANT %%s%%s ON %%s %%s TO %%s%%s',
    p.privilege_type,
    CASE WHEN p.attname IS NULL THEN '' ELSE format(' (%%I)', p.attname) END,
    p.kind,
    {name},
    p.role,
    CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
)"""

# The owner of the schema could have put something else in its place.
_HAS_OBJECTS = """
    SELECT r.rolsuper AND c.relkind = 'r'
    FROM pg_class c
    INNER JOIN pg_roles r ON c.relowner = r.oid
    WHERE c.oid = to_regclass('pms.detached_objects')
"""

# A function by its name alone: its arguments may change, and names are not overloaded.
_GRANTS = f"""
    SELECT {_GRANT.format(name="e.name")}
    FROM ({catalog.EXISTING}) e
    INNER JOIN unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
        ON e.kind = w.kind AND e.name = w.name
    INNER JOIN ({catalog.PRIVILEGES}) p ON e.classid = p.classid AND e.objid = p.objid
    WHERE p.grantee <> 0 AND p.role <> ALL (%(roles)s)
    ORDER BY 1
"""

# Of the roles that the tree names, and of PUBLIC, also on tables.
_SERVICE_GRANTS = f"""
    WITH existing AS MATERIALIZED ({catalog.EXISTING}),
    privileges AS MATERIALIZED ({catalog.PRIVILEGES})
    SELECT w.kind, w.name, {_GRANT.format(name="a.name")}
    FROM unnest(%(kinds)s::text[], %(names)s::text[]) w (kind, name)
    CROSS JOIN LATERAL (
        SELECT e.classid, e.objid, e.name
        FROM existing e
        WHERE e.kind = w.kind AND e.name = w.name
        UNION ALL
        SELECT 'pg_class'::regclass, to_regclass(w.name), w.name
        WHERE w.kind = 'notes'
    ) a
    INNER JOIN privileges p ON a.classid = p.classid AND a.objid = p.objid
    WHERE p.grantee <> 'pms_owner'::regrole AND p.role = ANY (%(roles)s)
    ORDER BY 3
"""

# A part goes with its whole: the row type of a relation, the index of a materialized view. A part
# of ours that others made, such as a trigger on a view, is an object of its own.
_DEPENDENTS = (
    catalog.GOING
    + f"""
    , foreigner AS (
        SELECT g.classid, g.objid, max(g.depth) AS depth
        FROM going g
        WHERE NOT EXISTS (
                SELECT FROM existing e WHERE e.classid = g.classid AND e.objid = g.objid
            )
            AND NOT EXISTS (
                SELECT
                FROM pg_depend d
                WHERE d.classid = g.classid AND d.objid = g.objid
                    AND (
                        d.deptype = 'i'
                        OR d.deptype = 'a' AND EXISTS (
                            SELECT
                            FROM going o
                            WHERE o.classid = d.refclassid AND o.objid = d.refobjid
                                AND NOT EXISTS (
                                    SELECT
                                    FROM existing e
                                    WHERE e.classid = o.classid AND e.objid = o.objid
                                )
                        )
                    )
            )
        GROUP BY g.classid, g.objid
    )
    SELECT
        i.type, i.identity,
        CASE
            -- Of what else a view may have, no definition can be asked for in one piece.
            WHEN c.relkind = 'v' AND NOT c.relhastriggers
                AND NOT EXISTS (SELECT FROM pg_attrdef a WHERE a.adrelid = c.oid)
                AND (SELECT count(*) FROM pg_rewrite w WHERE w.ev_class = c.oid) = 1
                THEN format(
                    'CREATE VIEW %%s%%s AS %%s', i.identity,
                    CASE WHEN c.reloptions IS NOT NULL
                        THEN format(' WITH (%%s)', array_to_string(c.reloptions, ', '))
                    END,
                    pg_get_viewdef(c.oid)
                )
            WHEN r.prokind <> 'a' THEN pg_get_functiondef(r.oid)
        END,
        CASE
            WHEN c.oid IS NOT NULL
                THEN format('ALTER VIEW %%s OWNER TO %%s', i.identity, c.relowner::regrole)
            ELSE format('ALTER ROUTINE %%s OWNER TO %%s', i.identity, r.proowner::regrole)
        END,
        ARRAY(
            SELECT format(
                'COMMENT ON %%s %%s IS %%L',
                CASE WHEN d.objsubid > 0 THEN 'COLUMN' ELSE upper(i.type) END,
                n.identity, d.description
            )
            FROM pg_description d
            CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) n
            WHERE d.classoid = f.classid AND d.objoid = f.objid
            ORDER BY d.objsubid
        )
        -- A new function is open to everybody.
        || CASE WHEN r.proacl IS NOT NULL
            THEN ARRAY[format('REVOKE ALL ON ROUTINE %%s FROM PUBLIC', i.identity)]
        END
        || ARRAY(
            SELECT {_GRANT.format(name="i.identity")}
            FROM ({catalog.PRIVILEGES}) p
            WHERE p.classid = f.classid AND p.objid = f.objid
                AND p.grantee <> coalesce(c.relowner, r.proowner)
        )
    FROM foreigner f
    CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, 0) i
    LEFT JOIN pg_class c ON f.classid = 'pg_class'::regclass AND f.objid = c.oid
    LEFT JOIN pg_proc r ON f.classid = 'pg_proc'::regclass AND f.objid = r.oid
    ORDER BY f.depth, f.objid
    """
)


@dataclass(frozen=True)
class ForeignObject:
    """An object of another role that depends on ours."""

    name: str
    """With its kind, such as ``view reports.daily``."""
    statements: tuple[str, ...]
    """They create it again; empty where that is not possible."""


class DetachError(Exception):
    """Objects or privileges of others cannot be preserved; the text says why."""


def dependents(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> list[ForeignObject]:
    """Objects outside our code that would go with `keys`, in an order that creates them again."""
    found = []
    rows = conn.execute(_DEPENDENTS, catalog.arrays(keys)).fetchall()
    for kind, identity, definition, owner, notes in rows:
        statements = () if definition is None else (definition, owner, *notes)
        found.append(ForeignObject(f"{kind} {identity}", statements))
    return found


def grants(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> list[str]:
    """The statements that restore the privileges of other roles on our objects."""
    roles = {"roles": list(catalog.ROLES)}
    rows = conn.execute(_GRANTS, catalog.arrays(keys) | roles).fetchall()
    return [statement for (statement,) in rows]


def service_grants(conn: psycopg.Connection[Any], keys: Iterable[Key]) -> dict[str, Key]:
    """The object by statement of each privilege that PUBLIC or the service's roles have."""
    roles = {"roles": ["PUBLIC", *catalog.ROLES]}
    rows = conn.execute(_SERVICE_GRANTS, catalog.arrays(keys) | roles).fetchall()
    return {statement: (kind, name) for kind, name, statement in rows}


def detach(
    conn: psycopg.Connection[Any], dropped: Iterable[Key], recreate_dependents: bool
) -> None:
    """Store the statements that recreate dependents and grants of objects about to be dropped."""
    dropped = set(dropped)
    foreign = dependents(conn, dropped)
    if foreign:
        _check(conn, foreign, recreate_dependents)
    _store(conn, "pms.detached_statements", grants(conn, dropped))
    if foreign:
        with catalog.as_caller(conn):
            if not _has_objects(conn):
                conn.execute(
                    "CREATE TABLE pms.detached_objects ("
                    "id bigint GENERATED ALWAYS AS IDENTITY, statement text NOT NULL)"
                )
            statements = [statement for one in foreign for statement in one.statements]
            _store(conn, "pms.detached_objects", statements)


def attach(conn: psycopg.Connection[Any]) -> list[str]:
    """Run the stored statements; return the grants whose object the tree no longer has."""
    pointless = []
    for statement in _stored(conn, "pms.detached_statements"):
        try:
            _restore_grant(conn, statement)
        except (errors.UndefinedFunction, errors.UndefinedTable, errors.UndefinedColumn,
                errors.UndefinedObject):  # fmt: skip
            pointless.append(statement)
    conn.execute("DELETE FROM pms.detached_statements")
    with catalog.as_caller(conn):
        if _has_objects(conn):
            for statement in _stored(conn, "pms.detached_objects"):
                _create_object(conn, statement)
            conn.execute("DROP TABLE pms.detached_objects")
    return pointless


def _restore_grant(conn: psycopg.Connection[Any], statement: str) -> None:
    if not statement.startswith("GRANT "):
        raise DetachError(f"{statement}\nis no GRANT: delete it from pms.detached_statements")
    try:
        with conn.transaction():
            # By the extended protocol, which refuses a second statement.
            conn.execute(statement.encode(), binary=True)
    except (errors.UndefinedFunction, errors.UndefinedTable, errors.UndefinedColumn,
            errors.UndefinedObject, errors.LockNotAvailable, errors.DeadlockDetected):  # fmt: skip
        raise
    except psycopg.Error as error:
        raise _unrepeatable(statement, "pms.detached_statements", error) from error


def _create_object(conn: psycopg.Connection[Any], statement: str) -> None:
    try:
        conn.execute(statement.encode())
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        raise
    except psycopg.Error as error:
        raise _unrepeatable(statement, "pms.detached_objects", error) from error


def _has_objects(conn: psycopg.Connection[Any]) -> bool:
    """Whether the superuser's table is there, and lock it; raises if it is somebody else's."""
    found = conn.execute(_HAS_OBJECTS).fetchone()
    if found is None:
        return False
    if not _is_superuser(conn):
        raise DetachError(
            "objects of others wait in pms.detached_objects, and only a superuser can create them"
            " again: set POSTGRES_SUPERUSER_PASSWORD"
        )
    # Locked, it cannot be dropped: look again.
    conn.execute("LOCK TABLE pms.detached_objects")
    if conn.execute(_HAS_OBJECTS).fetchone() != (True,):
        raise DetachError("pms.detached_objects is not a table of a superuser: drop it")
    return True


def _is_superuser(conn: psycopg.Connection[Any]) -> bool:
    row = conn.execute("SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user")
    return row.fetchone() == (True,)


def _store(conn: psycopg.Connection[Any], table: str, statements: Iterable[str]) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (statement) VALUES (%s)",
            [[statement] for statement in statements],
        )


def _stored(conn: psycopg.Connection[Any], table: str) -> list[str]:
    rows = conn.execute(f"SELECT d.statement FROM {table} d ORDER BY d.id")
    return [statement for (statement,) in rows.fetchall()]


def _check(
    conn: psycopg.Connection[Any], foreign: list[ForeignObject], recreate_dependents: bool
) -> None:
    if lost := [one.name for one in foreign if not one.statements]:
        raise DetachError(
            f"cannot be created again after the code that it depends on: {', '.join(lost)};"
            " drop it before the deploy"
        )
    if not recreate_dependents:
        raise DetachError(
            "objects of others depend on code that changes:"
            f" {', '.join(one.name for one in foreign)};\nrun"
            "  position-manager deploy --recreate-dependents  to drop them and create them again,"
            " or drop them yourself"
        )
    if not _is_superuser(conn):
        raise DetachError(
            "only a superuser can create objects of others again: set"
            f" POSTGRES_SUPERUSER_PASSWORD, or drop {', '.join(one.name for one in foreign)}"
        )


def _unrepeatable(statement: str, table: str, error: psycopg.Error) -> DetachError:
    return DetachError(
        f"{statement}\nfails after the code has changed: {error.diag.message_primary}.\n"
        "Drop the object before the deploy; where a migration has already run, delete the"
        f" statement from {table}"
    )
