"""The stream over HTTP: one endpoint on a socket that only the gateway may open.

The gateway writes the envelope of a refusal. It receives that of a parameter in a header, as from
the functions of the schema api.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from http import HTTPStatus

import psycopg
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse, SendTimeoutError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from position_manager.worker import database as db
from position_manager.worker.logging import get_logger
from position_manager.worker.stream.clients import Client, Clients
from position_manager.worker.stream.hub import Batch, Filter, Hub, batch
from position_manager.worker.stream.reader import NEXT, event_of, key_of
from position_manager.worker.stream.session import REFUSED, Session

logger = get_logger(__name__)

OPEN = """
    SELECT
        s.key_id, s.role_name, s.account_scope, s.wanted_account, s.wanted_types, s.after_number,
        b.first, b.last
    FROM pms.open_stream(%(digest)s, %(trace_id)s, %(account)s, %(types)s, %(after)s) s
    CROSS JOIN pms.log_bounds() b
"""
# The events that are read at once for a client that catches up.
PAGE = 100
# Seconds without a comment, and those in which a client must take what it is sent.
HEARTBEAT = 15
PATIENCE = 5.0
# Seconds for which a check of the keys counts.
CHECKED = 4.0

# After an end, a client connects again in a second.
OPENING = ServerSentEvent(retry=1000, sep="\n").encode()
# Without an id: a client that lost the connection again would otherwise miss what it has to read.
RESET = ServerSentEvent(data='{"event_type":"reset"}', event="reset", sep="\n").encode()
BEAT = ServerSentEvent(comment="heartbeat", sep="\n")


class Protocol(H11Protocol):
    """HTTP with a way to end a connection whose client does not read."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Pass the connection on to the request, as ``request.state.transport``."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Stream(EventSourceResponse):
    """The response to a client; ends the connection of one that does not read."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        client: Client,
        clients: Clients,
        transport: asyncio.Transport,
    ) -> None:
        super().__init__(
            content,
            ping=HEARTBEAT,
            ping_message_factory=lambda: BEAT,
            send_timeout=PATIENCE,
        )
        # The gateway says it of every response.
        del self.headers["Cache-Control"]
        self._client = client
        self._clients = clients
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client leaves, or does not read, or its key has changed."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            self._clients.count("stream_dropped")
            logger.info("client dropped", key=self._client.key.id)
            # What waits to be sent would keep it open.
            self._transport.abort()
            # The server learns of the end.
            await asyncio.sleep(0)
        finally:
            self._clients.remove(self._client)


class Endpoint:
    """Answers the requests for a stream."""

    def __init__(self, hub: Hub, clients: Clients, session: Session) -> None:
        self._hub = hub
        self._clients = clients
        self._session = session

    def application(self) -> Starlette:
        """The application that the server runs."""
        return Starlette(routes=[Route("/stream", self.open), Route("/ready", self.ready)])

    async def ready(self, _request: Request) -> Response:
        """Whether the log is being read."""
        is_ready = self._hub.is_started
        return Response(status_code=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def open(self, request: Request) -> Response:
        """Check the key and the parameters, then stream."""
        try:
            return await self._open(request)
        except psycopg.Error as error:
            if error.sqlstate == REFUSED:
                refusal = json.loads(error.diag.message_detail or "")
                return Response(status_code=refusal["status"], headers=refusal["headers"])
            logger.warning("cannot open a stream", **db.describe(error))
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)

    async def _open(self, request: Request) -> Response:
        if not self._hub.is_started:
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        headers, parameters = request.headers, request.query_params
        digest = sha256(headers.get("x-api-key", "").encode("latin-1")).digest()
        asked = {
            "digest": digest,
            "trace_id": headers.get("x-trace-id"),
            "account": parameters.get("account"),
            "types": parameters.get("types"),
            # A client that connects again still has the parameter of its first request.
            "after": headers.get("last-event-id") or parameters.get("after"),
        }
        ((*of_key, account, types, after, first, last),) = await self._session.fetch(OPEN, asked)
        key = key_of(of_key)
        is_known = after is None or first - 1 <= after <= last
        client = Client(
            digest,
            key,
            filter_of(key.accounts, account, types),
            position=after if after is not None and is_known else last,
        )
        if not self._clients.add(client):
            return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS)
        frames = self._frames(client, is_known)
        return Stream(frames, client, self._clients, request.state.transport)

    async def _frames(self, client: Client, is_known: bool) -> AsyncIterator[bytes]:
        """What a client is sent: first what it missed, then what happens."""
        yield OPENING if is_known else OPENING + RESET
        while client.stays():
            found = self._hub.since(client.position, client.filter)
            if found is None:
                if client.is_live:
                    raise SendTimeoutError
                found = await self._missed(client)
            client.position = found.last
            if found.text and client.stays():
                yield found.text
            elif not self._hub.is_ahead_of(client.position):
                client.is_live = True
                await self._hub.changed()

    async def _missed(self, client: Client) -> Batch:
        """What the log has next for a client; ends its stream when that cannot be said."""
        if self._clients.unchecked_for() > CHECKED:
            client.end()
            return Batch(b"", client.position)
        values = {"after": client.position, "limit": PAGE}
        try:
            events = [event_of(row) for row in await self._session.fetch(NEXT, values)]
        except psycopg.Error as error:
            logger.warning("cannot read what a client missed", **db.describe(error))
            client.end()
            return Batch(b"", client.position)
        if not events or events[0].number != client.position + 1:
            # They have just been deleted.
            return Batch(RESET, self._hub.last)
        return batch(events, client.position, client.filter)


def filter_of(
    scope: tuple[str, ...] | None, account: str | None, types: list[str] | None
) -> Filter:
    """The events of an account, or of all that the key is bound to, and of some types."""
    accounts = scope if account is None else (account,)
    return Filter(
        None if accounts is None else frozenset(accounts),
        None if types is None else frozenset(types),
    )
