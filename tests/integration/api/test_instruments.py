"""Definitions and aliases of instruments over HTTP."""

from __future__ import annotations

import uuid

import pytest

from tests.helpers.service import Service, assert_refused

COMMANDS = {
    "define_instrument": {"asset": "BTCUSDT"},
    "alias_instrument": {"alias": "XBT", "asset": "BTCUSDT"},
    "remove_alias": {"alias": "XBT"},
}


def test_contracts_are_counted_by_their_definition(service: Service, account: str) -> None:
    asset = f"T{uuid.uuid4().hex[:12]}USD".upper()
    service.fill(account, asset, "1000", "50000")
    (shown,) = service.get(f"/rest/positions?asset=eq.{asset}").json()
    assert (shown["cost_basis"], shown["needs_review"]) == (50_000_000, True)
    portfolio = service.get("/api/v1/portfolio", params={"account": account}).json()
    assert (portfolio["complete"], portfolio["assumed_instruments"]) == (False, [asset])

    wanted = {
        "asset": asset.lower(), "kind": "inverse", "multiplier": 1, "quote_currency": "USD",
        "settlement_currency": "BTC", "expires_at": "2030-12-27T08:00:00Z", "tick_size": "0.5",
    }  # fmt: skip
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    first, again = (
        service.post("/rest/rpc/define_instrument", json=wanted, headers=headers) for _ in range(2)
    )

    assert first.status_code == 200, first.text
    assert first.json() == {
        "outcome": "defined", "asset": asset, "recounted_legs": 1,
        "trace_id": first.headers["x-trace-id"],
    }  # fmt: skip
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    (shown,) = service.get(f"/rest/positions?asset=eq.{asset}").json()
    assert (shown["cost_basis"], shown["needs_review"]) == (0.02, False)
    portfolio = service.get("/api/v1/portfolio", params={"account": account}).json()
    assert portfolio["assumed_instruments"] == []
    (restated,) = service.get(f"/rest/restatements?account=eq.{account}").json()
    assert restated["cause"] == "recount"
    (listed,) = service.get(f"/rest/instruments?asset=eq.{asset}").json()
    assert (listed["tick_size"], listed["is_assumed"]) == (0.5, False)
    (audited,) = service.get(f"/rest/audit?asset=eq.{asset}&command=eq.define_instrument").json()
    assert audited["outcome"] == "defined"


def test_an_alias_is_taken_in_paths_and_filters(service: Service, account: str, asset: str) -> None:
    alias = f"X-{asset}"
    service.fill(account, asset)
    made = service.post("/rest/rpc/alias_instrument", json={"alias": alias, "asset": asset})
    assert made.json()["outcome"] == "aliased", made.text

    for name in (alias, alias.lower()):
        shown = service.get(f"/api/v1/positions/{name}", params={"account": account}).json()
        assert shown["asset"] == asset
        entries = service.get(f"/api/v1/positions/{name}/entries", params={"account": account})
        assert len(entries.json()["entries"]) == 1
        found = service.get("/api/v1/positions", params={"account": account, "asset": name})
        assert [each["asset"] for each in found.json()["positions"]] == [asset]
    (listed,) = service.get(f"/rest/instrument_aliases?alias=eq.{alias}").json()
    assert listed["asset"] == asset

    gone = service.post("/rest/rpc/remove_alias", json={"alias": alias})
    assert gone.json()["outcome"] == "removed"
    assert_refused(service.post("/rest/rpc/remove_alias", json={"alias": alias}), 404, "alias")
    shown = service.get(f"/api/v1/positions/{alias}", params={"account": account})
    assert shown.status_code == 404


def test_an_alias_with_entries_is_refused(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset)
    refused = service.post("/rest/rpc/alias_instrument", json={"alias": asset, "asset": "BTCUSDT"})
    body = assert_refused(refused, 409, "alias", "remedy")
    assert body["message"] == "the alias has entries of its own"


@pytest.mark.parametrize("command", COMMANDS)
def test_instruments_are_for_operators_without_a_bound(
    service: Service, account: str, command: str
) -> None:
    bound = service.new_key("operator", accounts=[account])
    for key in (service.new_key("trader"), bound):
        answer = service.post(f"/rest/rpc/{command}", json=COMMANDS[command], key=key)
        assert answer.status_code == 403, answer.text


def test_a_value_out_of_its_range_is_refused(service: Service, asset: str) -> None:
    wrong = {
        "kind": "option", "multiplier": 0, "tick_size": -1, "quantity_step": "1e20",
        "expires_at": "infinity", "quote_currency": "", "asset": "no\nname",
    }  # fmt: skip
    for name, value in wrong.items():
        wanted = {"asset": asset, name: value}
        assert_refused(service.post("/rest/rpc/define_instrument", json=wanted), 400, name)
    wanted = {"asset": asset, "kind": "inverse", "allows_negative_price": True}
    refused = service.post("/rest/rpc/define_instrument", json=wanted)
    assert_refused(refused, 400, "allows_negative_price")
    assert service.get(f"/rest/instruments?asset=eq.{asset}").json() == []
