"""Idempotency-Key over HTTP: on the contract's paths and on the native interface."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.helpers.service import Service, assert_refused


@pytest.fixture
def keyed() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def test_a_repeated_contract_request_is_replayed_and_applied_once(
    service: Service, account: str, asset: str, keyed: dict[str, str]
) -> None:
    service.fill(account, asset)
    path = f"/api/v1/positions/{asset}/snapshot"
    first = service.post(path, params={"account": account}, headers=keyed)
    again = service.post(path, params={"account": account}, headers=keyed)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    found = service.get(f"/api/v1/positions/{asset}/snapshots", params={"account": account})
    assert found.json()["count"] == 1


def test_a_repeated_native_request_is_replayed_and_applied_once(
    service: Service, account: str, asset: str, keyed: dict[str, str]
) -> None:
    fill = {"execution_id": uuid.uuid4().hex, "asset": asset, "side": "buy", "account": account,
            "execution_quantity": "1", "execution_price": "5"}  # fmt: skip
    asked = [service.post("/rest/rpc/record_fill", json=fill, headers=keyed) for _ in range(2)]

    assert [answer.json()["outcome"] for answer in asked] == ["applied", "applied"]
    other = service.post("/rest/rpc/record_fill", json=fill | {"side": "sell"}, headers=keyed)
    assert_refused(other, 409, "Idempotency-Key")
    snapshots = service.post("/api/v1/snapshots", params={"account": account}, headers=keyed)
    assert_refused(snapshots, 409, "Idempotency-Key")
    another = service.new_key("trader")
    other_key = service.post("/rest/rpc/record_fill", json=fill, headers=keyed, key=another)
    assert other_key.json()["outcome"] == "duplicate"


def test_a_refusal_is_replayed(service: Service, account: str, asset: str) -> None:
    asked = {"asset": asset, "account": account}
    paths = (f"/api/v1/positions/{asset}/snapshot", "/rest/rpc/record_funding")
    for status, path in zip((404, 400), paths, strict=True):
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        body = asked if path.startswith("/rest") else None
        first, again = (
            service.post(path, params=None if body else {"account": account}, json=body,
                         headers=headers)
            for _ in range(2)
        )  # fmt: skip
        assert_refused(first, status)
        assert (again.status_code, again.json()) == (status, first.json())


def test_concurrent_requests_under_one_key_are_applied_once(
    service: Service, account: str, asset: str, keyed: dict[str, str]
) -> None:
    service.fill(account, asset)

    def take(_: int) -> str:
        path = f"/api/v1/positions/{asset}/snapshot"
        answer = service.post(path, params={"account": account}, headers=keyed)
        assert answer.status_code == 201
        return str(answer.json()["id"])

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(take, range(8)))) == 1


@pytest.mark.parametrize("idempotency_key", ["x" * 256, "a b", "\xe9"])
def test_an_invalid_idempotency_key_is_refused(
    service: Service, account: str, idempotency_key: str
) -> None:
    headers = {"Idempotency-Key": idempotency_key.encode("latin-1")}
    answer = service.post("/api/v1/snapshots", params={"account": account}, headers=headers)

    assert_refused(answer, 400, "Idempotency-Key")
    # It has no effect on reads.
    assert service.get("/api/v1/positions", headers=headers).status_code == 200


def test_an_operator_reads_the_audit_trail(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset)
    key = service.new_key("trader")
    path = f"/api/v1/positions/{asset}/snapshot"
    service.post(path, params={"account": account}, key=key, headers={"X-Trace-Id": account})

    (row,) = service.get("/rest/audit", params={"trace_id": f"eq.{account}"}).json()
    assert row["key_id"] == key.split("_")[1]
    assert (row["role"], row["command"]) == ("pms_trader", "create_snapshot")
    assert (row["account"], row["asset"], row["outcome"]) == (account, asset, "done")
    assert_refused(service.get("/rest/audit", key=key), 403)
