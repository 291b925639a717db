"""The gateway asks the shard of an account, and follows one that says it is elsewhere."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from position_manager.config.service import ServiceSettings
from position_manager.gateway.shards import Shards as ShardsFile
from position_manager.stack.processes import wait
from tests.helpers.gateway import Gateway
from tests.helpers.service import Service, assert_refused
from tests.integration.shards.conftest import Shards

pytestmark = pytest.mark.xdist_group("shards")

STRAIGHT, DETOUR = "200", "421 : 200"


class Client:
    """A client of a gateway, who also reads its log."""

    def __init__(self, client: httpx.Client, gateway: Gateway) -> None:
        self.gateway = gateway
        self._client = client

    def get(self, path: str, **params: str) -> httpx.Response:
        return self._client.get(path, params=params)

    def get_row(self, path: str, **params: str) -> httpx.Response:
        headers = {"Accept": "application/vnd.pgrst.object+json"}
        return self._client.get(path, params=params, headers=headers)

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        return self._client.post(path, json=body, headers=headers)

    def way(self, answer: httpx.Response) -> str:
        """The statuses with which databases answered, as the access log has them."""
        trace_id = answer.headers["X-Trace-Id"]
        found: list[str] = []

        def is_logged() -> bool:
            for line in (self.gateway.folder / "log").read_text().splitlines():
                if trace_id in line and line.endswith("}"):
                    found.append(json.loads(line)["upstream_status"])
            return bool(found)

        assert wait(is_logged, 10)
        return found[0]


@contextmanager
def client(
    shards: Shards, pinned: dict[str, int], far: str | None = None, others: int = 0
) -> Iterator[Client]:
    """A client of a gateway with a map."""
    with (
        shards.gateway(pinned, far, others) as gateway,
        httpx.Client(
            base_url=gateway.url, headers={"X-API-Key": shards.near.key}, timeout=30
        ) as connection,
    ):
        yield Client(connection, gateway)


@pytest.fixture
def moved(shards: Shards, account: str) -> str:
    """An account of shard 1 with a fill of 2."""
    shards.pin({account: 1})
    shards.far.fill(account, quantity="2")
    return account


def fill(account: str, quantity: str = "1") -> dict[str, str]:
    return {
        "execution_id": uuid.uuid4().hex, "account": account, "asset": "BTCUSDT", "side": "buy",
        "quantity": quantity, "price": "100",
    }  # fmt: skip


def size(service: Service, account: str) -> Any:
    rows = service.query("SELECT size::text FROM pms.positions WHERE account = %s", account)
    return [row[0] for row in rows]


READS = (
    ("/api/v1/positions", "account", "{}"),
    ("/api/v1/positions/BTCUSDT", "account", "{}"),
    ("/rest/positions", "account", "eq.{}"),
    ("/rest/rpc/get_positions", "account", "{}"),
)


@pytest.mark.parametrize(("path", "name", "value"), READS)
def test_a_read_goes_to_the_shard_of_its_account(
    shards: Shards, moved: str, path: str, name: str, value: str
) -> None:
    with client(shards, {moved: 1}) as one:
        answer = one.get(path, **{name: value.format(moved)})

        assert answer.status_code == 200, answer.text
        assert moved in answer.text
        assert one.way(answer) == STRAIGHT


@pytest.mark.parametrize(
    ("path", "name", "value"), [*READS, ("/rest/positions", "account", 'in.("{}")')]
)
def test_a_read_that_reaches_another_shard_is_sent_on(
    shards: Shards, moved: str, path: str, name: str, value: str
) -> None:
    with client(shards, {}) as one:
        answer = one.get(path, **{name: value.format(moved)})

        assert answer.status_code == 200, answer.text
        assert moved in answer.text
        assert one.way(answer) == DETOUR
        assert "X-Shard" not in answer.headers


def test_what_is_about_no_account_stays_beside_the_gateway(shards: Shards, moved: str) -> None:
    with client(shards, {moved: 1}) as one:
        for path in ("/api/v1/positions", "/rest/positions"):
            answer = one.get(path)
            assert (answer.status_code, one.way(answer)) == (200, STRAIGHT), answer.text
            assert moved not in answer.text


def test_a_filter_for_all_accounts_names_none(shards: Shards) -> None:
    with client(shards, {}, far="/tmp/nothing", others=1) as one:
        assert one.get("/rest/portfolio_history", account="eq.*", limit="1").status_code == 200
        assert one.get("/rest/portfolio_history", account="eq.a", limit="1").status_code == 503


@pytest.mark.parametrize("path", ["/api/v1/fills", "/rest/rpc/record_fill"])
def test_a_fill_reaches_its_shard_once(shards: Shards, moved: str, path: str) -> None:
    sent = fill(moved, "3")
    with client(shards, {}) as one:
        first, again = (one.post(path, sent, **{"Idempotency-Key": moved}) for _ in range(2))

        assert (first.status_code, again.status_code) == (200, 200), first.text + again.text
        assert first.json()["outcome"] == "applied"
        assert one.way(first) == DETOUR
    assert size(shards.far, moved) == ["5"]
    assert size(shards.near, moved) == []


def test_a_header_spares_the_detour_of_a_body(shards: Shards, moved: str) -> None:
    with client(shards, {moved: 1}) as one:
        named = one.post("/api/v1/fills", fill(moved), **{"X-Account": moved})
        unnamed = one.post("/api/v1/fills", fill(moved))

        assert (one.way(named), one.way(unnamed)) == (STRAIGHT, DETOUR)
    assert size(shards.far, moved) == ["4"]


def test_a_header_that_names_another_account_changes_nothing(shards: Shards, moved: str) -> None:
    near = f"{moved}-near"
    with client(shards, {moved: 1}) as one:
        answer = one.post("/api/v1/fills", fill(near), **{"X-Account": moved})

        assert answer.json()["outcome"] == "applied", answer.text
        assert one.way(answer) == DETOUR
    assert (size(shards.near, near), size(shards.far, near)) == (["1"], [])


def test_a_large_body_is_sent_on_whole(shards: Shards, moved: str) -> None:
    fills = [fill(moved) for _ in range(500)]
    with client(shards, {}) as one:
        answer = one.post("/api/v1/fills", fills)

        assert answer.status_code == 200, answer.text
    assert size(shards.far, moved) == ["502"]


def test_a_name_that_a_url_encodes_arrives(shards: Shards, account: str) -> None:
    name = f"{account} bücher"
    shards.pin({name: 1})
    shards.far.fill(name, quantity="7")
    with client(shards, {name: 1}) as one:
        answer = one.get("/api/v1/positions", account=name)

        assert [each["size"] for each in answer.json()["positions"]] == ["7"], answer.text
        rows = one.get("/rest/positions", account=f"eq.{name}", select="size::text")
        assert rows.json() == [{"size": "7"}], rows.text


def test_refusals_of_the_other_shard_are_those_of_the_contract(shards: Shards, moved: str) -> None:
    with client(shards, {}) as one:
        missing = one.get("/api/v1/positions/NEVERHELD", account=moved)
        assert_refused(missing, 404)
        invalid = one.post("/api/v1/fills", fill(moved) | {"price": "x"})
        assert "price" in assert_refused(invalid, 400)["message"]
        none = one.get_row("/rest/positions", account=f"eq.{moved}", asset="eq.NEVERHELD")
        assert (none.status_code, one.way(none)) == (406, "421 : 406 : 406"), none.text
        assert none.json()["code"] == "PGRST116"


def test_an_account_that_no_shard_claims_is_unavailable(shards: Shards, account: str) -> None:
    # Each of the two says that the other one has it, as while a map is set.
    shards.pin({account: 0}, near={account: 1})
    with client(shards, {account: 1}) as one:
        answer = one.get("/api/v1/positions", account=account)

        assert_refused(answer, 503)
        assert (answer.headers["Retry-After"], one.way(answer)) == ("1", "421 : 421")


def test_a_shard_that_the_gateway_does_not_know_is_unavailable(
    shards: Shards, account: str
) -> None:
    shards.pin({account: 7})
    with client(shards, {}) as one:
        assert_refused(one.get("/api/v1/positions", account=account), 503)
        assert_refused(one.get("/rest/rpc/get_positions", account=account), 503)


def test_the_others_go_on_without_a_shard(shards: Shards, moved: str) -> None:
    with client(shards, {moved: 1}, far="/tmp/nothing") as one:
        gone = one.get("/api/v1/positions", account=moved)
        kept = one.get("/api/v1/positions", account=f"{moved}-near")

        assert_refused(gone, 503)
        assert kept.status_code == 200


def test_a_new_map_is_followed(shards: Shards, moved: str) -> None:
    with client(shards, {}) as one:
        file = ShardsFile(ServiceSettings.model_validate(shards.settings()), one.gateway.folder)
        assert not file.follow()
        before = one.gateway.workers()
        shards.map_file({moved: 1})
        assert file.follow()
        assert not file.follow()
        assert wait(lambda: not one.gateway.workers() & before, 30)

        assert one.way(one.get("/api/v1/positions", account=moved)) == STRAIGHT
