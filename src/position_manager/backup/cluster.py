"""Roles, privileges on the database and scheduled jobs: what pg_dump leaves out.

A backup keeps them as statements. The roles of ``db/bootstrap.sql`` are created by it; of them only
the passwords are kept, for roles whose password the restoring side does not know. Of the roles of
others, those are kept that have something in the database or are members of ours. Superusers are
never created.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from position_manager.backup.archive import Cluster
from position_manager.deploy.catalog import LOGINS, ROLES

# Stands for the name of the database, which may be another one where the backup is restored.
DATABASE = "{database}"

OTHERS = """
    WITH RECURSIVE member AS (
        SELECT m.member AS oid FROM pg_catalog.pg_auth_members m
        WHERE m.roleid = ANY (%(ours)s::text[]::regrole[])
        UNION
        SELECT m.member FROM pg_catalog.pg_auth_members m INNER JOIN member r ON m.roleid = r.oid
    ),

    concerned AS (
        SELECT r.oid FROM member r
        UNION
        SELECT s.refobjid
        FROM pg_catalog.pg_shdepend s
        INNER JOIN pg_catalog.pg_database d
            ON d.datname = current_database()
            AND (s.dbid = d.oid
                OR s.classid = 'pg_catalog.pg_database'::regclass AND s.objid = d.oid)
        WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass
    ),

    wanted AS (
        SELECT c.oid FROM concerned c
        UNION
        SELECT m.roleid FROM pg_catalog.pg_auth_members m INNER JOIN wanted w ON m.member = w.oid
    )

    SELECT a.oid
    FROM pg_catalog.pg_authid a
    INNER JOIN wanted w ON a.oid = w.oid
    WHERE NOT a.rolsuper AND a.rolname !~ '^pg_' AND a.rolname <> ALL (%(ours)s)
"""
PASSWORDS = """
    SELECT a.rolname, format('ALTER ROLE %%I PASSWORD %%L', a.rolname, a.rolpassword)
    FROM pg_catalog.pg_authid a
    WHERE a.rolname = ANY (%(logins)s) AND a.rolpassword IS NOT NULL
    ORDER BY 1
"""
# Lists are stored in quotes already.
ROLE = """
    SELECT a.rolname, ARRAY[
        format('CREATE ROLE %%I', a.rolname)
        || CASE WHEN a.rolcanlogin THEN ' LOGIN' ELSE '' END
        || CASE WHEN a.rolinherit THEN '' ELSE ' NOINHERIT' END
        || CASE WHEN a.rolbypassrls THEN ' BYPASSRLS' ELSE '' END
        || format(' CONNECTION LIMIT %%s', a.rolconnlimit)
        || coalesce(' PASSWORD ' || quote_literal(a.rolpassword), '')
        || coalesce(' VALID UNTIL ' || quote_literal(a.rolvaliduntil), '')
    ] || ARRAY(
        SELECT format(
            'ALTER ROLE %%I%%s SET %%s = %%s', a.rolname,
            CASE WHEN s.setdatabase = 0 THEN '' ELSE ' IN DATABASE {database}' END,
            v.name,
            CASE
                WHEN v.name IN (
                    'search_path', 'temp_tablespaces', 'local_preload_libraries',
                    'session_preload_libraries'
                ) AND v.value <> '' THEN v.value
                ELSE quote_literal(v.value)
            END
        )
        FROM pg_catalog.pg_db_role_setting s
        INNER JOIN pg_catalog.pg_database d
            ON d.datname = current_database() AND s.setdatabase IN (0, d.oid)
        CROSS JOIN LATERAL unnest(s.setconfig) c (text)
        CROSS JOIN LATERAL (
            VALUES (split_part(c.text, '=', 1), substr(c.text, strpos(c.text, '=') + 1))
        ) v (name, value)
        WHERE s.setrole = a.oid
        ORDER BY s.setdatabase, v.name
    )
    FROM pg_catalog.pg_authid a
    WHERE a.oid = ANY (%(others)s)
    ORDER BY 1
"""
GRANTS = """
    SELECT format('GRANT %%s TO %%s', m.roleid::regrole, m.member::regrole)
        || CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END
    FROM pg_catalog.pg_auth_members m
    INNER JOIN pg_catalog.pg_authid a ON m.roleid = a.oid AND NOT a.rolsuper
    WHERE m.member = ANY (%(others)s)
    UNION
    SELECT format('GRANT %%s ON DATABASE {database} TO %%s', p.privilege_type, p.grantee::regrole)
        || CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
    FROM pg_catalog.pg_database d
    CROSS JOIN LATERAL aclexplode(d.datacl) p
    WHERE d.datname = current_database() AND p.grantee = ANY (%(others)s)
    ORDER BY 1
"""
HAS_JOBS = "SELECT to_regclass('cron.job') IS NOT NULL"
# The jobs of the service are scheduled by its deployment. An existing job of another owner is left
# unchanged. An unnamed one gets a name: pg_cron schedules no other for another role.
JOBS = """
    SELECT format(
        'SELECT cron.schedule_in_database(%1$L, %2$L, %3$L, current_database(), %4$L, %5$L)'
        ' WHERE NOT EXISTS (SELECT FROM cron.job j WHERE j.username = %4$L AND %6$s)',
        coalesce(j.jobname, 'job ' || j.jobid), j.schedule, j.command, j.username, j.active,
        CASE
            WHEN j.jobname IS NULL THEN format(
                '(j.database, j.schedule, j.command) = (current_database(), %L, %L)',
                j.schedule, j.command
            )
            ELSE format('j.jobname = %L', j.jobname)
        END
    )
    FROM cron.job j
    WHERE j.database = current_database() AND j.command NOT LIKE 'CALL pms.run_job(%'
    ORDER BY 1
"""


def read(conn: psycopg.Connection[Any]) -> Cluster:
    """What a backup keeps of the cluster."""
    others = [oid for (oid,) in conn.execute(OTHERS.encode(), {"ours": list(ROLES)})]
    has_jobs = conn.execute(HAS_JOBS).fetchone() == (True,)
    return Cluster(
        passwords=dict(conn.execute(PASSWORDS.encode(), {"logins": list(LOGINS)}).fetchall()),
        roles=dict(conn.execute(ROLE.encode(), {"others": others}).fetchall()),
        grants=[grant for (grant,) in conn.execute(GRANTS.encode(), {"others": others})],
        jobs=[job for (job,) in conn.execute(JOBS.encode())] if has_jobs else [],
    )


def create_roles(
    conn: psycopg.Connection[Any], cluster: Cluster, known: frozenset[str]
) -> list[str]:
    """Create missing roles; return their names. Existing ones stay as they are.

    `known` are the roles of the service whose passwords are set already.
    """
    for role, statement in cluster.passwords.items():
        if role not in known:
            _execute(conn, statement)
    existing = {name for (name,) in conn.execute("SELECT a.rolname FROM pg_catalog.pg_authid a")}
    created = sorted(cluster.roles.keys() - existing)
    for role in created:
        for statement in cluster.roles[role]:
            _execute(conn, statement)
    for statement in cluster.grants:
        _execute(conn, statement)
    return created


def schedule_jobs(conn: psycopg.Connection[Any], cluster: Cluster) -> dict[str, str]:
    """Schedule the missing jobs of others; return the statements that failed, with the reason."""
    if conn.execute(HAS_JOBS).fetchone() != (True,):
        return dict.fromkeys(cluster.jobs, "pg_cron is not in this database")
    failed = {}
    for job in cluster.jobs:
        try:
            conn.execute(job.encode())
        except psycopg.Error as error:
            failed[job] = str(error).strip()
    return failed


def _execute(conn: psycopg.Connection[Any], statement: str) -> None:
    name = sql.Identifier(conn.info.dbname).as_string(conn)
    conn.execute(statement.replace(DATABASE, name).encode())
