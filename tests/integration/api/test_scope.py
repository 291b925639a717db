"""Scoped keys over HTTP: contract paths and the native interface."""

from __future__ import annotations

import uuid

import pytest

from tests.helpers.openapi import Operation, lasts, operations, parameters
from tests.helpers.service import Service, assert_refused

# The required values besides the account, so that nothing else is refused.
NEEDED = {"asset": "BTCUSDT", "side": "buy", "quantity": "1", "price": "1"}
WITH_ACCOUNT = [it for it in operations() if "account" in parameters(it, "query") and not lasts(it)]


def bound_key(service: Service, *accounts: str) -> str:
    """A trader's key that is bound to accounts."""
    return service.new_key("trader", accounts=list(accounts))


def ask(service: Service, operation: Operation, account: str, key: str) -> int:
    method, path = operation
    query = parameters(operation, "query")
    asked = {name: value for name, value in NEEDED.items() if name in query}
    named = path.replace("{asset}", "BTCUSDT")
    answer = service.request(method.upper(), named, params=asked | {"account": account}, key=key)
    if answer.status_code == 403:
        assert_refused(answer, 403)
    return answer.status_code


@pytest.mark.parametrize("operation", WITH_ACCOUNT, ids=" ".join)
def test_every_path_refuses_a_foreign_account(service: Service, operation: Operation) -> None:
    mine = f"test-{uuid.uuid4().hex[:16]}"
    key = bound_key(service, mine)

    assert ask(service, operation, "main", key) == 403
    # Nothing is held there: which is another answer.
    assert ask(service, operation, mine, key) in (200, 201, 404)


def test_a_scoped_key_reads_only_its_account(service: Service, account: str, asset: str) -> None:
    other = f"{account}-other"
    key = bound_key(service, account)
    for each, size in ((account, "1"), (other, "2")):
        service.fill(each, asset, size)

    shown = service.get("/api/v1/positions", key=key).json()
    assert [(it["account"], it["size"]) for it in shown["positions"]] == [(account, "1")]
    assert service.get(f"/api/v1/positions/{asset}", key=key).json()["account"] == account
    native = service.get("/rest/fills", key=key, params={"select": "account"})
    assert native.json() == [{"account": account}]
    assert service.get(f"/rest/fills?account=eq.{other}", key=key).json() == []


def test_a_scoped_key_writes_only_its_account(service: Service, account: str, asset: str) -> None:
    key = bound_key(service, account)
    fill = {"asset": asset, "side": "buy", "execution_quantity": "1", "execution_price": "5"}
    fills = [fill | {"execution_id": uuid.uuid4().hex, "account": it} for it in (account, "main")]

    assert_refused(service.post("/rest/rpc/record_fills", key=key, json={"fills": fills}), 403)
    assert_refused(service.get(f"/api/v1/positions/{asset}", key=key), 404)
    done = service.post("/rest/rpc/record_fills", key=key, json={"fills": fills[:1]})
    assert done.json()["outcomes"][0]["outcome"] == "applied"
    price = {"symbol": asset, "mark_price": "7"}
    assert_refused(service.post("/rest/rpc/record_price", key=key, json=price), 403)


def test_a_scope_does_not_leak_into_the_next_request(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset)
    bound = bound_key(service, "somewhere-else")
    free = service.new_key("reader")

    # They share their connections.
    for _ in range(12):
        assert service.get("/rest/fills", key=bound).json() == []
        found = service.get("/rest/fills", key=free, params={"account": f"eq.{account}"})
        assert len(found.json()) == 1


@pytest.mark.parametrize(
    ("preference", "counted"),
    [("count=exact", "0-0/1"), ("count=planned", "0-0/*"), ("count=estimated", "0-0/*"),
     ("count=exact, count=planned", "0-0/*")],
)  # fmt: skip
def test_only_rows_in_scope_are_counted(
    service: Service, account: str, asset: str, preference: str, counted: str
) -> None:
    for each in (account, f"{account}-other"):
        service.fill(each, asset)
    asked = {"select": "account", "limit": 1}
    key = bound_key(service, account)
    answer = service.get("/rest/fills", key=key, params=asked, headers={"Prefer": preference})
    assert answer.json() == [{"account": account}]
    assert answer.headers["content-range"] == counted


@pytest.mark.parametrize("media_type", ["text", "json"])
def test_no_plan_is_shown(service: Service, media_type: str) -> None:
    key = bound_key(service, "somewhere-else")
    accepted = {"Accept": f"application/vnd.pgrst.plan+{media_type}"}
    answer = service.get("/rest/fills", key=key, headers=accepted)
    # PostgREST 12.0 answers 415 to what it cannot send.
    assert answer.status_code in (406, 415)
    assert "Plan" not in answer.text
