"""The worker's connection to the database, and the classification of its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.rows import TupleRow

from position_manager.config.database import PostgresSettings
from position_manager.config.service import CONNECT_TIMEOUT, STATEMENT_TIMEOUT
from position_manager.worker.logging import MAX_TEXT, get_logger

logger = get_logger(__name__)

Connection = psycopg.Connection[TupleRow]
T = TypeVar("T")

# A call that takes longer is stuck, and the worker must notice that.
LIMITS: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT,
    "keepalives_idle": 30,
    "tcp_user_timeout": 15_000,
    # The server, too, must notice a lost worker, or its locks would stay. Without JIT, because
    # compiling a plan takes longer than any batch does (ADR 0002).
    "options": f"-c statement_timeout={STATEMENT_TIMEOUT}s -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=60s -c tcp_keepalives_idle=30"
    " -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3 -c jit=off",
}

# Lost connection, lack of resources, intervention of an operator, trouble with a disk.
_PASSING_CLASSES = frozenset({"08", "53", "57", "58"})
# Read-only (a standby after a failover), idle for too long, serialization, deadlock, unknown
# fate of a statement, object in use, lock not available.
_PASSING_STATES = frozenset({"25006", "25P03", "40001", "40003", "40P01", "55006", "55P03"})

# Canceled for its time, or out of the memory that a process may have.
TOO_MUCH_AT_ONCE = frozenset({"57014", "53200"})

# A function, view or type was replaced while a statement used it: internal error (a look-up by the
# former OID failed), undefined function, undefined object, another result than the cached plan's.
_REPLACED_STATES = frozenset({"XX000", "42883", "42704", "0A000"})
# Undefined column, function, object or table.
_UNDEFINED_STATES = frozenset({"42703", "42883", "42704", "42P01"})


def passes_by_itself(error: psycopg.Error) -> bool:
    """Whether the same call may succeed later without any correction."""
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state[:2] in _PASSING_CLASSES or state in _PASSING_STATES


def may_mean_replaced_code(error: psycopg.Error) -> bool:
    """Whether the call failed perhaps only because a deployment replaced code under it."""
    return error.sqlstate in _REPLACED_STATES


def means_missing_code(error: psycopg.Error) -> bool:
    """Whether the code in the database is incomplete, which no message can cause."""
    return error.sqlstate in _UNDEFINED_STATES


def describe(error: psycopg.Error) -> dict[str, Any]:
    """The fields to log of an error, without the server's text, which can quote data."""
    fields = {"error": type(error).__name__, "sqlstate": error.sqlstate}
    if error.sqlstate is None:
        fields["text"] = str(error).partition("\n")[0][:MAX_TEXT]
    return fields


class Database:
    """A connection that is opened on demand; close it after an error."""

    def __init__(self, settings: PostgresSettings, name: str) -> None:
        self._conninfo = settings.conninfo(name)
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """The open connection, in autocommit mode: transactions are explicit."""
        if self._connection is None or self._connection.closed:
            # Without prepared statements: one prepared before a deployment would fail after it.
            self._connection = psycopg.connect(
                self._conninfo, autocommit=True, prepare_threshold=None, **LIMITS
            )
        return self._connection

    def call(self, work: Callable[[Connection], T]) -> T:
        """Do `work`; once more on a new connection where the error may mean replaced code."""
        try:
            return work(self.connection())
        except psycopg.Error as error:
            if not may_mean_replaced_code(error):
                raise
            self.close()
            logger.info("code was replaced, will try again", **describe(error))
            return work(self.connection())

    def close(self) -> None:
        """Close the connection; the server rolls back an open transaction."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
