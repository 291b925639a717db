"""A hot standby of the stack's PostgreSQL, with PostgREST before it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from position_manager.stack import postgres, postgrest
from position_manager.stack.context import LOCALHOST, SUPERUSER, Context
from position_manager.stack.launch import as_user
from position_manager.stack.parts import CLEAN_ENV, answers_on
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.conftest import Database
from tests.helpers.clones import clone_of_template

PATIENCE = 30.0
WAITING = """
    SELECT count(*) FROM pg_stat_activity a
    WHERE a.datname = %s AND a.usename = %s AND a.wait_event = 'SyncRep'
"""
# By the part whose settings the PostgREST of the standby has.
SOCKETS = {
    "postgrest": "postgrest-standby.sock",
    "postgrest-queries": "postgrest-standby-queries.sock",
}


@dataclass(frozen=True)
class Standby:
    """Where it listens."""

    stack: Stack
    port: int

    @contextmanager
    def connected(self, dbname: str, user: str = SUPERUSER) -> Iterator[psycopg.Connection[Any]]:
        """A connection to the standby."""
        dsn = self.stack.context.dsn(user, dbname)
        with psycopg.connect(dsn, port=self.port, autocommit=True) as connection:
            yield connection

    def has_replayed(self) -> bool:
        """Whether it has everything that the primary has so far."""
        with psycopg.connect(self.stack.context.dsn(dbname="postgres")) as connection:
            ((lsn,),) = connection.execute("SELECT pg_current_wal_lsn()").fetchall()
        with self.connected("postgres") as connection:
            query = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
            return wait(lambda: connection.execute(query, [lsn]).fetchone() == (True,), PATIENCE)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Replay nothing more, once it has everything so far."""
        assert self.has_replayed()
        with self.connected("postgres") as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            state = "SELECT pg_get_wal_replay_pause_state()"
            assert wait(lambda: connection.execute(state).fetchone() == ("paused",), PATIENCE)
            try:
                yield
            finally:
                connection.execute("SELECT pg_wal_replay_resume()")

    def promote(self) -> None:
        """Make it a primary of its own."""
        with self.connected("postgres") as connection:
            assert connection.execute("SELECT pg_promote()").fetchone() == (True,)


@pytest.fixture
def database(stack: Stack) -> Iterator[Database]:
    """A clone of the template on the stack's server."""
    with clone_of_template(stack.context) as name:
        yield Database(name, stack.context)


@pytest.fixture(scope="session")
def standby(stack: Stack) -> Iterator[Standby]:
    """A copy that follows the stack's server; the tests of one process share it."""
    context = stack.context
    user = context.user("postgres")
    (port,) = free_ports(1)
    folder = context.folder("standby", "postgres")
    programs = postgres.bin_dir()
    env = CLEAN_ENV | {"HOME": str(folder), "PGPASSWORD": context.secrets.postgres}
    copy = [
        *(str(programs / "pg_basebackup"), f"--host={LOCALHOST}"),
        *(f"--port={context.ports.postgres_port}", f"--username={SUPERUSER}"),
        *(f"--pgdata={folder}/cluster", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
    ]
    subprocess.run(copy if user is None else as_user(user, copy), env=env, cwd=folder, check=True)
    argv = [str(programs / "postgres"), "-D", f"{folder}/cluster", "-p", str(port)]
    with _running(argv, CLEAN_ENV, folder, user):
        standby = Standby(stack, port)
        assert wait(lambda: _answers(standby), PATIENCE)
        yield standby


@dataclass(frozen=True)
class StandbyRest:
    """The socket for the contract, as the gateway has it, and the processes."""

    server: str
    processes: tuple[subprocess.Popen[bytes], ...]

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Have them accept connections and answer nothing."""
        for process in self.processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in self.processes:
                process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def standby_rest(stack: Stack, standby: Standby) -> Iterator[StandbyRest]:
    """PostgREST that reads from the standby."""
    context = stack.context
    folder = context.data / postgrest.FOLDER
    address = f"{LOCALHOST}:{context.ports.postgres_port}"
    processes = []
    with ExitStack() as running:
        for name, socket in SOCKETS.items():
            part = postgrest.part(context, name)
            uri = part.spec.env["PGRST_DB_URI"].replace(address, f"{LOCALHOST}:{standby.port}")
            env = part.spec.env | {
                "PGRST_DB_URI": uri,
                "PGRST_SERVER_UNIX_SOCKET": socket,
                "PGRST_DB_CHANNEL_ENABLED": "false",
            }
            server = _running(part.spec.argv, env, folder, part.spec.user)
            processes.append(running.enter_context(server))
        for socket in SOCKETS.values():
            assert wait(partial(answers_on, folder / socket, "/rpc/get_metrics"), PATIENCE)
        contract = f"unix:../{postgrest.FOLDER}/{SOCKETS['postgrest']}"
        yield StandbyRest(contract, tuple(processes))


@contextmanager
def _running(
    argv: list[str], env: dict[str, str], folder: Path, user: str | None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        argv if user is None else as_user(user, argv),
        env=env,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def _answers(standby: Standby) -> bool:
    try:
        with standby.connected("postgres"):
            return True
    except psycopg.OperationalError:
        return False


@contextmanager
def missing_standby(context: Context) -> Iterator[psycopg.Connection[Any]]:
    """Have commits wait for a synchronous standby that does not exist."""
    with psycopg.connect(context.dsn(dbname="postgres"), autocommit=True) as connection:
        shown = "SELECT current_setting('synchronous_standby_names')"

        def set_to(value: str) -> None:
            connection.execute(
                sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(value)
            )
            connection.execute("SELECT pg_reload_conf()")
            assert wait(lambda: connection.execute(shown).fetchone() == (value,), PATIENCE)

        set_to("missing")
        try:
            yield connection
        finally:
            set_to("")


def waiting(connection: psycopg.Connection[Any], dbname: str, role: str) -> int:
    """The number of commits of a role in a database that wait for a synchronous standby."""
    row = connection.execute(WAITING, [dbname, role]).fetchone()
    assert row is not None
    return int(row[0])
