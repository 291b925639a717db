"""Pause the service while migrations run: its roles cannot connect to the database."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql

from position_manager.deploy.catalog import OWNER, SERVED

JOB_CALL = "CALL pms.run_job("
PATIENCE = 5.0
PAUSE = 0.02


def pause(conn: psycopg.Connection[Any]) -> None:
    """Refuse connections of the service's roles, and end those that are open.

    Ingest waits with its messages unacknowledged; the gateway answers 503.
    """
    _on_connect(conn, "REVOKE CONNECT ON DATABASE {} FROM {}")
    end_sessions(conn)


def end_sessions(conn: psycopg.Connection[Any]) -> None:
    """End the sessions of the service's roles, and those of the owner that run a job.

    pg_cron keeps starting jobs as the owner, who may connect; without the code they fail at once.
    """
    # A session that was being opened appears late, and one that ends takes a moment. One that
    # hangs is left behind: the load waits for its locks.
    deadline = time.monotonic() + PATIENCE
    while _terminate(conn) and time.monotonic() < deadline:
        time.sleep(PAUSE)


def resume(conn: psycopg.Connection[Any]) -> None:
    """Let the service connect; harmless where it was not paused."""
    _on_connect(conn, "GRANT CONNECT ON DATABASE {} TO {}")


def is_paused(conn: psycopg.Connection[Any]) -> bool:
    """Whether the service cannot connect: a deployment failed, or there was none yet."""
    row = conn.execute(
        "SELECT has_database_privilege(%s, current_database(), 'CONNECT')", [SERVED[0]]
    ).fetchone()
    return row == (False,)


def _terminate(conn: psycopg.Connection[Any]) -> int:
    return conn.execute(
        "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a"
        " WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()"
        " AND (a.usename = ANY (%s) OR a.usename = %s AND a.query LIKE %s)",
        [list(SERVED), OWNER, f"{JOB_CALL}%"],
    ).rowcount


def _on_connect(conn: psycopg.Connection[Any], statement: str) -> None:
    conn.execute(
        sql.SQL(statement).format(
            sql.Identifier(conn.info.dbname), sql.SQL(", ").join(map(sql.Identifier, SERVED))
        )
    )
