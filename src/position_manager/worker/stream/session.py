"""A connection to the database for the tasks of the stream, which share one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from position_manager.config.database import PostgresSettings
from position_manager.worker import database as db

Connection = psycopg.AsyncConnection[TupleRow]


class Session:
    """A connection that is opened on demand, for one statement at a time."""

    def __init__(self, settings: PostgresSettings, name: str) -> None:
        self._conninfo = settings.conninfo(name)
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()

    async def connection(self) -> Connection:
        """The open connection, in autocommit mode."""
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, prepare_threshold=None, **db.LIMITS
            )
        return self._connection

    async def fetch(
        self, statement: str, values: Mapping[str, Any] | None = None
    ) -> list[TupleRow]:
        """The rows of a statement; once more where the error may mean replaced code."""
        async with self._lock:
            try:
                return await self._fetch(statement, values)
            except psycopg.Error as error:
                if not db.may_mean_replaced_code(error):
                    raise
                return await self._fetch(statement, values)

    async def _fetch(self, statement: str, values: Mapping[str, Any] | None) -> list[TupleRow]:
        try:
            cursor = await (await self.connection()).execute(statement.encode(), values)
            return await cursor.fetchall()
        except psycopg.DatabaseError as error:
            # A refusal by the function that was called leaves the connection as it was.
            if error.sqlstate != REFUSED:
                await self.close()
            raise

    async def close(self) -> None:
        """Close the connection; the next statement has a new one."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


# See pms.raise_denied.
REFUSED = "PGRST"
