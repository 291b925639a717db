"""Idempotency-Key: a repeated request is replayed, and applied once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.helpers.concurrency import until_blocked
from tests.helpers.ledger import Ledger, fill

FUNDING = {"funding_id": "f", "asset": "BTCUSDT", "amount": "1",
           "executed_at": "2026-01-02T00:00:00Z"}  # fmt: skip


@pytest.fixture
def desk(ledger: Ledger, database: Database) -> Database:
    assert ledger.apply(fill("first", "Buy", "2", "100")) == ["applied"]
    return database


@contextmanager
def request(
    desk: Database, request_key: str, key_id: str = "one", role: str = "pms_trader"
) -> Iterator[psycopg.Connection[Any]]:
    """The transaction of a request over HTTP."""
    headers = {"idempotency-key": request_key, "x-trace-id": "t"}
    with psycopg.connect(desk.dsn()) as conn:
        conn.execute("SET SESSION AUTHORIZATION pms_authenticator")
        conn.execute(
            "SELECT set_config('pms.key_id', %s, TRUE), set_config('role', %s, TRUE),"
            " set_config('request.headers', %s, TRUE)",
            [key_id, role, json.dumps(headers)],
        )
        yield conn


def call(conn: psycopg.Connection[Any], function: str, **arguments: object) -> Any:
    """Status and body."""
    named = ", ".join(f"{name} => %s" for name in arguments)
    (body,) = conn.execute(
        f"SELECT api.{function}({named})".encode(), list(arguments.values())
    ).fetchone() or (None,)
    (status,) = conn.execute("SELECT current_setting('response.status', TRUE)").fetchone() or ("",)
    return status or "200", body


def ask(desk: Database, request_key: str, function: str, **more: object) -> Any:
    with request(desk, request_key) as conn:
        return call(conn, function, **more)


def count(desk: Database, table: str) -> int:
    with psycopg.connect(desk.dsn()) as conn:
        (rows,) = conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() or (0,)
    return int(rows)


def test_a_repeated_request_is_replayed_and_applied_once(desk: Database) -> None:
    first = ask(desk, "a", "create_snapshot", asset="BTCUSDT")
    again = ask(desk, "a", "create_snapshot", asset="BTCUSDT")

    assert first[0] == "201"
    assert again == first
    assert (count(desk, "api.snapshots"), count(desk, "pms.audit")) == (1, 1)
    assert ask(desk, "b", "create_snapshot", asset="BTCUSDT")[1]["id"] != first[1]["id"]


def test_a_repeated_refusal_is_replayed(desk: Database) -> None:
    refused = ask(desk, "a", "record_funding", **FUNDING | {"amount": "x"})
    assert (refused[0], refused[1]["error_code"]) == ("400", "VALIDATION_ERROR")
    assert ask(desk, "a", "record_funding", **FUNDING | {"amount": "x"}) == refused


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("record_funding", FUNDING | {"amount": "2"}), ("create_snapshot", {"asset": "BTCUSDT"})],
)
def test_another_request_under_the_same_key_is_a_conflict(
    desk: Database, function: str, arguments: dict[str, object]
) -> None:
    assert ask(desk, "a", "record_funding", **FUNDING)[0] == "200"
    status, refused = ask(desk, "a", function, **arguments)

    assert (status, refused["error_code"]) == ("409", "CONFLICT")
    assert refused["details"].keys() == {"Idempotency-Key"}
    assert ask(desk, "a", "record_funding", **FUNDING)[1]["outcome"] == "applied"


def test_equal_keys_of_other_clients_are_independent(desk: Database) -> None:
    mine = ask(desk, "a", "create_snapshot", asset="BTCUSDT")
    with request(desk, "a", "two") as theirs:
        assert mine[1]["id"] != call(theirs, "create_snapshot", asset="BTCUSDT")[1]["id"]


def test_a_concurrent_request_waits_for_the_first(desk: Database) -> None:
    with ThreadPoolExecutor() as pool, request(desk, "a") as first:
        answer = call(first, "create_snapshot", asset="BTCUSDT")
        second = pool.submit(ask, desk, "a", "create_snapshot", asset="BTCUSDT")
        with psycopg.connect(desk.dsn(), autocommit=True) as watcher:
            until_blocked(watcher)
        assert not second.done()
        first.commit()
        assert second.result(timeout=60) == answer
    assert count(desk, "api.snapshots") == 1


def test_a_rolled_back_request_is_not_replayed(desk: Database) -> None:
    with ThreadPoolExecutor() as pool, request(desk, "a") as first:
        call(first, "record_funding", **FUNDING)
        second = pool.submit(ask, desk, "a", "record_funding", **FUNDING)
        with psycopg.connect(desk.dsn(), autocommit=True) as watcher:
            until_blocked(watcher)
        first.rollback()
        assert second.result(timeout=60)[1]["outcome"] == "applied"


@pytest.mark.parametrize("request_key", ["x" * 256, "a b", "é", "a\u0007"])
def test_an_idempotency_key_is_visible_ascii(desk: Database, request_key: str) -> None:
    status, refused = ask(desk, request_key, "record_funding", **FUNDING)
    assert (status, refused["error_code"]) == ("400", "VALIDATION_ERROR")
    assert refused["details"].keys() == {"Idempotency-Key"}
    assert count(desk, "pms.idempotency_keys") == 0
    assert ask(desk, "x" * 255, "record_funding", **FUNDING)[1]["outcome"] == "applied"


def test_a_response_is_kept_for_a_day(desk: Database) -> None:
    first = ask(desk, "a", "create_snapshot", asset="BTCUSDT")
    age = "UPDATE pms.idempotency_keys SET created_at = created_at - %s::interval"
    with psycopg.connect(desk.dsn(), autocommit=True) as conn:
        conn.execute(age, ["23 hours 59 minutes"])
        conn.execute("SELECT pms.purge_idempotency_keys()")
        assert ask(desk, "a", "create_snapshot", asset="BTCUSDT") == first
        conn.execute(age, ["2 minutes"])
        assert ask(desk, "a", "create_snapshot", asset="BTCUSDT")[1]["id"] != first[1]["id"]
        conn.execute(age, ["25 hours"])
        (message,) = conn.execute("SELECT (pms.purge_idempotency_keys()).done").fetchone() or ("",)
    assert message.startswith("1 answers ")
    assert count(desk, "pms.idempotency_keys") == 0
