"""Faults of the database: ended sessions, locks, settings, the clock."""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from functools import partial

import psycopg

from faults.site import Fault, Site
from position_manager.stack.context import DATABASE
from position_manager.worker.event_log import LOCK
from tests.helpers.clock import set_back

OTHERS = """
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
"""
ROWS = "SELECT 1 FROM pms.positions FOR UPDATE"


def terminate(site: Site) -> None:
    with site.connected() as connection:
        connection.execute(f"SELECT pg_terminate_backend(a.pid) {OTHERS}".encode())


def cancel(site: Site) -> None:
    until = time.monotonic() + site.seconds
    with site.connected() as connection:
        while time.monotonic() < until:
            connection.execute(
                f"SELECT pg_cancel_backend(a.pid) {OTHERS} AND a.state = 'active'".encode()
            )
            time.sleep(0.05)


def lock(site: Site, table: str) -> None:
    with site.connected() as connection, connection.transaction():
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        site.hold()


def lock_rows(site: Site) -> None:
    with site.connected() as connection, connection.transaction():
        connection.execute(ROWS)
        site.hold()


def hold_snapshot(site: Site) -> None:
    with site.snapshot():
        site.hold()


def take_all_connections(site: Site) -> None:
    with ExitStack() as taken:
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(site.connected("pms_operator", connect_timeout=2))
        site.hold()


def set_for_all(site: Site, setting: str, value: str, own: str) -> None:
    """Reload the server with a setting, and then without it."""
    with site.connected() as connection:
        # Not for this session, which has to undo it.
        connection.execute(f"SET {setting} = {own}".encode())
        connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())
        connection.execute("SELECT pg_reload_conf()")
        site.hold()
        connection.execute(f"ALTER SYSTEM RESET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")


def make_read_only(site: Site) -> None:
    """The database by its default, from the next connection on."""
    read_only = f"ALTER DATABASE {DATABASE} {{}} default_transaction_read_only"
    with site.connected() as connection:
        # Not for this session, which has to undo it.
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"{read_only.format('SET')} = on".encode())
        connection.execute(f"SELECT pg_terminate_backend(a.pid) {OTHERS}".encode())
        site.hold()
        connection.execute(read_only.format("RESET").encode())
        connection.execute(f"SELECT pg_terminate_backend(a.pid) {OTHERS}".encode())


def set_clock_back(site: Site, by: str) -> None:
    with site.connected() as connection, connection.transaction():
        set_back(connection, by)


def take_lock_of_relay(site: Site) -> None:
    """As a session that nobody ends may do."""
    with site.connected() as connection:
        connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        site.stack.kill("relay")
        site.hold()


FAULTS: dict[str, Fault] = {
    "terminate all backends": terminate,
    "cancel all statements": cancel,
    **{
        f"lock {table}": partial(lock, table=f"pms.{table}")
        for table in (
            "positions",
            "entries",
            "outbox",
            "event_log",
            "prices",
            "settings",
            "api_keys",
            "worker_reports",
        )
    },
    "lock rows": lock_rows,
    "hold a snapshot": hold_snapshot,
    "take all connections": take_all_connections,
    "read only": partial(
        set_for_all, setting="default_transaction_read_only", value="on", own="off"
    ),
    "read only by database": make_read_only,
    "cancel at once": partial(set_for_all, setting="statement_timeout", value="1ms", own="0"),
    "set the clock back by 20 seconds": partial(set_clock_back, by="20 seconds"),
    "set the clock back by 30 days": partial(set_clock_back, by="30 days"),
    "take the lock of the relay": take_lock_of_relay,
}
