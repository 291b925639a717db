"""PostgREST answers 421, with the number of the shard, about an account that is not here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from position_manager.stack.postgrest import FOLDER
from tests.helpers.service import Service
from tests.helpers.shard_maps import remove_map, shard_map

pytestmark = pytest.mark.xdist_group("shards")


@pytest.fixture
def postgrest(service: Service, account: str) -> Iterator[httpx.Client]:
    """PostgREST of a shard that has all accounts but this one."""
    wanted = shard_map(**{account: 3})
    service.query("SELECT api.set_shard_map(%s)", json.dumps(wanted))
    transport = httpx.HTTPTransport(uds=str(service.stack.context.data / FOLDER / "postgrest.sock"))
    headers = {"X-API-Key": service.key, "X-Trace-Id": "of-the-request"}
    with httpx.Client(
        transport=transport, base_url="http://localhost", headers=headers, timeout=30
    ) as client:
        yield client
    remove_map(service)


def assert_misdirected(answer: httpx.Response, account: str) -> None:
    said = "this is shard 0, the account is on 3"
    assert (answer.status_code, answer.headers["X-Shard"]) == (421, "3")
    assert (answer.json()["code"], answer.json()["message"]) == ("MISDIRECTED", said)
    refusal: dict[str, Any] = json.loads(answer.headers["X-Refusal"])
    assert refusal == {
        "error_code": "MISDIRECTED", "message": said, "trace_id": "of-the-request",
        "details": {"shards": {account: 3}},
    }  # fmt: skip


def test_a_read_about_an_account_of_another_shard_is_misdirected(
    postgrest: httpx.Client, account: str
) -> None:
    for path in ("/rpc/get_positions", "/rpc/get_portfolio", "/rpc/pnl_by_period"):
        assert_misdirected(postgrest.get(path, params={"account": account}), account)

    near = postgrest.get("/rpc/get_positions", params={"account": f"{account}-near"})
    assert (near.status_code, near.json()["count"]) == (200, 0)


def test_a_request_is_misdirected_by_the_account_that_the_gateway_names(
    postgrest: httpx.Client, account: str
) -> None:
    answer = postgrest.get("/positions", headers={"X-Account": account})

    assert_misdirected(answer, account)


def test_a_command_for_an_account_of_another_shard_is_misdirected(
    postgrest: httpx.Client, service: Service, account: str
) -> None:
    fill = {
        "asset": "BTCUSDT", "side": "buy", "quantity": "1", "price": "9", "execution_id": account,
        "account": account,
    }  # fmt: skip
    headers = {"Content-Type": "application/octet-stream", "Idempotency-Key": account}

    for _ in range(2):
        answer = postgrest.post("/rpc/post_fills", content=json.dumps(fill), headers=headers)
        assert_misdirected(answer, account)

    assert service.query("SELECT * FROM pms.legs WHERE account = %s", account) == []
    kept = "SELECT * FROM pms.idempotency_keys WHERE request_key = %s"
    assert service.query(kept, account) == []
