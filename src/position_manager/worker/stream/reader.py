"""The one reader of the log: passes its events to the hub, once the keys in use were checked.

Both are statements of one connection, so no event reaches a client whose key was not checked
shortly before the event was read. While there is no database, streams stay open, and are silent.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import TupleRow
from sse_starlette.event import ServerSentEvent

from position_manager.config.environment import Config
from position_manager.worker import database as db
from position_manager.worker.backoff import Backoff
from position_manager.worker.logging import get_logger
from position_manager.worker.stream.clients import Clients, Key
from position_manager.worker.stream.hub import EVENTS, Event, Hub
from position_manager.worker.stream.session import Session

logger = get_logger(__name__)

LISTEN = "LISTEN pms_event_log"
BOUNDS = "SELECT b.first, b.last FROM pms.log_bounds() b"
CURSOR = """
    SELECT e.cursor
    FROM pms.logged_events(%(number)s::bigint - 1, 1) e
    WHERE e.number = %(number)s
"""
NEXT = """
    SELECT e.number, e.cursor, e.type, e.account, e.payload
    FROM pms.logged_events(%(after)s, %(limit)s) e
    ORDER BY e.number
"""
KEYS = """
    SELECT d.digest, k.id, k.role_name, k.account_scope
    FROM unnest(%(digests)s::bytea[]) d (digest)
    CROSS JOIN LATERAL pms.find_key(d.digest) k
    WHERE k.id IS NOT NULL
"""
REPORT = "SELECT pms.report_stream(%(status)s::jsonb)"
# The most events that are read at once.
PAGE = 1000
# Seconds between two checks of the keys, and two reports; also the longest without a look.
INTERVAL = 1.0


def event_of(row: TupleRow) -> Event:
    """An event, with its text in the stream."""
    number, cursor, kind, account, payload = row
    text = ServerSentEvent(data=payload, event=kind, id=cursor, sep="\n").encode()
    return Event(number, kind, account, text)


class Reader:
    """Reads the log for all clients."""

    def __init__(self, config: Config, hub: Hub, clients: Clients) -> None:
        self._settings = config.service
        self._hub = hub
        self._clients = clients
        self._session = Session(config.postgres, f"{config.service.service_name} stream")
        self._due = 0.0
        # Of the last event of the hub; None where the log does not have it.
        self._cursor: str | None = None

    async def run(self) -> None:
        """Read until cancelled; reconnect after every failure."""
        backoff = Backoff.configured(self._settings)
        try:
            while True:
                try:
                    await self._follow(backoff)
                except psycopg.Error as error:
                    await self._session.close()
                    delay = backoff.next()
                    logger.warning(
                        "cannot read the log", retry_in_ms=round(delay * 1000), **db.describe(error)
                    )
                    await asyncio.sleep(delay)
        finally:
            await self._session.close()

    async def _follow(self, backoff: Backoff) -> None:
        connection = await self._session.connection()
        await connection.execute(LISTEN)
        await self._begin()
        while connection is await self._session.connection():
            await self._look_at_keys()
            if not await self._read():
                async for _ in connection.notifies(timeout=self._wait(), stop_after=1):
                    pass
            backoff.reset()

    async def _begin(self) -> None:
        """Go on where the hub ends; start over in another log, such as that of a backup."""
        ((first, last),) = await self._session.fetch(BOUNDS)
        if not await self._is_same_log(first, last):
            begin = max(first - 1, last - EVENTS)
            self._cursor = await self._cursor_of(begin)
            self._hub.start(begin)
            self._clients.end()
            self._hub.wake()
            logger.info("following the log", first=first, last=last)

    async def _is_same_log(self, first: int, last: int) -> bool:
        """Whether the last event of the hub is in the log, and not another with its number."""
        number = self._hub.last
        return (
            self._hub.is_started
            and first - 1 <= number <= last
            and self._cursor == await self._cursor_of(number)
        )

    async def _cursor_of(self, number: int) -> str | None:
        """The cursor of an event, which no other one has; None where the log does not have it."""
        rows = await self._session.fetch(CURSOR, {"number": number})
        return rows[0][0] if rows else None

    async def _read(self) -> bool:
        """Pass the next events on; False when there are none."""
        rows = await self._session.fetch(NEXT, {"after": self._hub.last, "limit": PAGE})
        if rows:
            self._hub.append([event_of(row) for row in rows])
            self._cursor = rows[-1][1]
            self._note(rows[0][-1])
        return bool(rows)

    def _note(self, payload: str) -> None:
        committed = datetime.fromisoformat(json.loads(payload)["timestamp"])
        self._clients.lagged(max(0.0, time.time() - committed.timestamp()))

    def _wait(self) -> float:
        return max(0.0, self._due - time.monotonic())

    async def _look_at_keys(self) -> None:
        """End the streams of keys that were revoked or changed, and report; once in a while."""
        if self._wait() > 0:
            return
        self._due = time.monotonic() + INTERVAL
        rows = await self._session.fetch(KEYS, {"digests": self._clients.digests()})
        found = {row[0]: key_of(row[1:]) for row in rows}
        if ended := self._clients.end_unless(found):
            self._hub.wake()
            logger.info("streams ended with their keys", ended=ended)
        await self._session.fetch(REPORT, {"status": json.dumps(self._clients.snapshot())})


def key_of(row: Sequence[Any]) -> Key:
    """A key, from its id, role and accounts."""
    key_id, role, accounts = row
    return Key(key_id, role, None if accounts is None else tuple(accounts))
