"""The service as a client sees it, and ways to put positions into it."""

from __future__ import annotations

import re
import ssl
import uuid
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import httpx
import psycopg
from psycopg.types.json import Jsonb

from position_manager.cli.access import NewKey
from position_manager.gateway.limits import fingerprint
from position_manager.stack.stack import Stack

DECIMAL = re.compile(r"-?\d+(\.\d*[1-9])?")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    410: "CURSOR_EXPIRED",
    413: "PAYLOAD_TOO_LARGE",
    414: "URI_TOO_LONG",
    429: "RATE_LIMITED",
    503: "UNAVAILABLE",
}
# For plain HTTP: httpx would read the certificates of all authorities for each client.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def is_decimal(value: object) -> bool:
    """Whether a value is an amount as the contract writes it."""
    return isinstance(value, str) and DECIMAL.fullmatch(value) is not None and value != "-0"


def is_time(value: object) -> bool:
    """Whether a value is a time as the contract writes it."""
    return isinstance(value, str) and TIME.fullmatch(value) is not None


def assert_refused(answer: httpx.Response, status: int, *fields: str) -> dict[str, Any]:
    """The answer is the contract's envelope; its details name exactly these fields.

    An error of PostgREST itself has its own fields beside it.
    """
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    body: dict[str, Any] = answer.json()
    envelope = {"error_code", "message", "trace_id", "details"}
    assert set(body) == envelope | ({"code", "hint"} if "code" in body else set())
    assert body["error_code"] == CODES[status]
    assert body["trace_id"] == answer.headers["x-trace-id"]
    if fields:
        assert set(body["details"]) == set(fields)
    return body


class Service:
    """One stack, over HTTP with a key, and its database for what HTTP cannot do."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.url = stack.env()["POSITION_MANAGER_URL"]
        self.key = stack.env()["POSITION_MANAGER_API_KEY"]

    def request(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "",
        headers: Mapping[str, str | bytes] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Ask; `key` is the operator's unless another is given, None for none at all."""
        sent_headers = dict(headers or {})
        if key is not None:
            sent_headers["X-API-Key"] = key or self.key
        # As bytes, so that invalid text can be sent.
        sent = {
            name.encode(): value.encode() if isinstance(value, str) else value
            for name, value in sent_headers.items()
        }
        return httpx.request(
            method,
            f"{self.url}{path}",
            headers=sent,
            timeout=30,
            verify=NO_AUTHORITIES,
            **options,
        )

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask with GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Ask with POST."""
        return self.request("POST", path, **options)

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database, as its superuser."""
        with psycopg.connect(self.stack.context.dsn(), autocommit=True) as conn:
            cursor = conn.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def new_key(
        self,
        role: str,
        lives: str = "1 hour",
        revoked: bool = False,
        tier: str | None = None,
        accounts: list[str] | None = None,
    ) -> str:
        """Register a key with a lifetime; without a tier the gateway does not know it.

        (It would read its configuration again for each.)
        """
        key_id = f"test-{uuid.uuid4().hex[:12]}"
        key = f"pms_{key_id}_{uuid.uuid4().hex}"
        self.query(
            "INSERT INTO pms.api_keys"
            " (id, digest, handle, fingerprint, tier, role, account_scope, name, expires_at,"
            " revoked_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 'test', now() + %s::interval,"
            " CASE WHEN %s THEN now() END)",
            key_id,
            sha256(key.encode()).digest(),
            key_id,
            None if tier is None else fingerprint(key),
            tier or "default",
            role,
            accounts,
            lives,
            revoked,
        )
        return key

    def new_code(self, *accounts: str) -> str:
        """Register a one-time code for these accounts, or all, as `position-manager open` does."""
        code = NewKey.make()
        with psycopg.connect(self.stack.context.dsn("pms_operator")) as conn:
            conn.execute(
                "SELECT FROM api.create_session_code(%s, %s, %s)",
                [code.id, code.digest, list(accounts) or None],
            )
        return code.text

    def fill(
        self,
        account: str,
        asset: str = "BTCUSDT",
        quantity: str = "1",
        price: str = "100",
        **fields: object,
    ) -> None:
        """Apply one fill as the worker would; a negative quantity sells."""
        execution = uuid.uuid4().hex
        self._apply(
            "pms.apply_order_events",
            {
                "event_type": "order_executed",
                "order_id": execution,
                "execution_id": execution,
                "account": account,
                "asset": asset,
                "side": "sell" if quantity.startswith("-") else "buy",
                "execution_quantity": quantity.lstrip("-"),
                "execution_price": price,
            }
            | fields,
        )

    def mark(self, asset: str, price: str, **fields: str) -> None:
        """Apply one mark price as the worker would, and mark the positions."""
        payload = {"symbol": asset, "mark_price": price} | fields
        self._apply("pms.apply_prices", {"event_type": "ticker", "payload": payload})
        with psycopg.connect(self.stack.context.dsn("pms_worker"), autocommit=True) as conn:
            conn.execute("SELECT pms.mark_positions()")

    def report(self, account: str, asset: str, size: str, at: str) -> None:
        """Apply a report of the venue as the worker would: of a long position, without prices."""
        payload = {
            "account": account,
            "symbol": asset,
            "size": size,
            "side": "Buy",
            "timestamp": at,
        }
        self._apply(
            "pms.apply_venue_positions",
            {"event_type": "position", "topic": "position.position", "payload": payload},
        )

    def _apply(self, function: str, *messages: dict[str, Any]) -> None:
        with psycopg.connect(self.stack.context.dsn("pms_worker"), autocommit=True) as conn:
            outcomes = conn.execute(
                f"SELECT outcome, detail FROM {function}(%s::jsonb[])".encode(),
                [[Jsonb(message) for message in messages]],
            ).fetchall()
        assert outcomes == [("applied", None)] * len(messages)


def amounts(body: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Some fields of an answer."""
    return {name: body[name] for name in names}
