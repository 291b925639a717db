"""The privileges of each key over HTTP, tried without side effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from tests.helpers.openapi import lasts, operations, parameters
from tests.helpers.privilege_matrix import Rows

KEYS = ("no key", "reader", "trader", "operator")
COLUMNS = ("request", *KEYS)
ACCOUNT = "privileges"

# A value of each type, for required arguments.
VALUES = {
    "text": "NEVERHELD",
    "numeric": "1",
    "boolean": "false",
    "bigint": "1",
    "integer": "1",
    "uuid": "00000000-0000-8000-8000-000000000000",
    "jsonb": "[]",
    "text[]": "{}",
    "bytea": r"\x00",
    "interval": "1 s",
    "timestamp with time zone": "2026-01-01T00:00:00Z",
}

PUBLISHED = """
SELECT p.proname::text, array_agg(a.name ORDER BY a.place)
        FILTER (WHERE a.place IS NOT NULL), array_agg(a.type ORDER BY a.place)
        FILTER (WHERE a.place IS NOT NULL)
FROM pg_proc p
LEFT JOIN LATERAL (
    SELECT u.place, p.proargnames[u.place] AS name, format_type(u.type, NULL) AS type
    FROM unnest(p.proargtypes) WITH ORDINALITY u (type, place)
    WHERE u.place <= p.pronargs - p.pronargdefaults
) a ON TRUE
WHERE p.pronamespace = 'api'::regnamespace AND p.prorettype <> 'trigger'::regtype
    -- What takes a whole body cannot be asked with GET: its path is. A row of a view is not sent.
    AND (p.pronargs = 0 OR p.proargnames IS NOT NULL)
GROUP BY p.oid
"""
RELATIONS = """
SELECT c.relname::text, c.relnamespace = 'api'::regnamespace
FROM pg_class c
INNER JOIN pg_namespace n ON c.relnamespace = n.oid
WHERE n.nspname !~ '^pg_toast' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
"""
HIDDEN_FUNCTIONS = """
SELECT DISTINCT p.proname::text
FROM pg_proc p
INNER JOIN pg_namespace n ON p.pronamespace = n.oid
WHERE n.nspname NOT IN ('api', 'pg_catalog', 'information_schema')
    AND NOT EXISTS (
        SELECT 1 FROM pg_proc o
        WHERE o.pronamespace = 'api'::regnamespace AND o.proname = p.proname
    )
"""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is sent with every key."""

    name: str
    method: str
    path: str
    params: dict[str, str]


def functions(connection: psycopg.Connection[Any]) -> Iterator[Request]:
    """The published functions: with GET, so that those that write are refused after the key."""
    for name, names, types in connection.execute(PUBLISHED.encode()):
        params = {each: VALUES[kind] for each, kind in zip(names or [], types or [], strict=True)}
        yield Request(f"/rest/rpc/{name}", "GET", f"/rest/rpc/{name}", params)


def relations(connection: psycopg.Connection[Any]) -> Iterator[Request]:
    """Every published view."""
    found = connection.execute(RELATIONS.encode()).fetchall()
    for name in sorted(name for name, is_published in found if is_published):
        yield Request(f"/rest/{name}", "GET", f"/rest/{name}", {"limit": "1"})


def paths() -> Iterator[Request]:
    """Every operation of openapi.yaml, on unused names."""
    for method, path in operations():
        params = {
            name: str(each["example"])
            for name, each in parameters((method, path), "query").items()
            if each.get("required")
        }
        if "account" in parameters((method, path), "query"):
            params["account"] = ACCOUNT
        named = path.replace("{asset}", "NEVERHELD").replace("{fill}", "never-recorded")
        named = named.replace("{id}", VALUES["uuid"]).replace("{limit}", "portfolio%2Fnone")
        asked = "HEAD" if lasts((method, path)) else method.upper()
        yield Request(f"{method.upper()} {path}", asked, named, params)


def hidden(connection: psycopg.Connection[Any]) -> list[str]:
    """Native paths of unpublished objects."""
    found = connection.execute(RELATIONS.encode()).fetchall()
    published = {name for name, is_published in found if is_published}
    tables = {name for name, _ in found} - published
    routines = [name for (name,) in connection.execute(HIDDEN_FUNCTIONS.encode())]
    return [f"/rest/{name}" for name in sorted(tables)] + [
        f"/rest/rpc/{name}" for name in sorted(routines)
    ]


def by_http(client: httpx.Client, keys: dict[str, str | None], asked: Sequence[Request]) -> Rows:
    """Each request with the result for each key: the status of the refusal, or success."""
    return [
        (
            request.name,
            *(outcome(ask(client, request, keys[name]), request) for name in KEYS),
        )
        for request in asked
    ]


def ask(client: httpx.Client, request: Request, key: str | None) -> httpx.Response:
    """Ask with a key or without."""
    headers = {} if key is None else {"X-API-Key": key}
    return client.request(request.method, request.path, params=request.params, headers=headers)


def outcome(answer: httpx.Response, request: Request) -> str:
    """The verdict on the key; a fault of the request itself does not matter."""
    status = answer.status_code
    is_fault = status == 429 or status >= 500
    assert not is_fault or request.path == "/health", f"{request}: {answer.text}"
    if status in (401, 403):
        return str(status)
    # A GET on a function that writes: the key was accepted, the method was not.
    is_native = request.path.startswith("/rest/")
    if is_native and status == 404:
        # The function's own message for an unknown object.
        assert "PGRST" not in answer.text, f"{request}: {answer.text}"
    return "yes"
