"""Names of accounts and assets as venues and desks write them, over HTTP."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest

from tests.helpers.service import Service, assert_refused

ASSETS = [
    "BTC/USDT:USDT", "BRK/B", "ES=F", "^GSPC", "xyz:TSLA", "币安人生USDT", "AAPL  260116C00150000",
    "A&B", "C#1", "A+B", "BTC/validate", "..A",
]  # fmt: skip
ACCOUNTS = ["sub@desk.example", "Main Account", "DU12/34", "a&b=c", "a+b", "交易台", "Zürich:1"]


def encoded(name: str) -> str:
    return quote(name, safe="")


@pytest.fixture
def suffix() -> str:
    return uuid.uuid4().hex[:12]


@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_is_read_by_its_name(service: Service, account: str, name: str) -> None:
    service.fill(account, name, "2", "10")
    path, query = f"/api/v1/positions/{encoded(name)}", {"account": account}

    for each in (path, path.swapcase().replace("/API/V1/POSITIONS/", "/api/v1/positions/")):
        if "%" in each and each != path:
            each = path  # The letters of an escape are not those of the name.
        body = service.get(each, params=query).json()
        assert (body["asset"], body["size"]) == (name.upper(), "2")
    for part in ("entries", "cycles", "snapshots"):
        assert service.get(f"{path}/{part}", params=query).status_code == 200
    assert service.post(f"{path}/snapshot", params=query).json()["asset"] == (name.upper())
    assert service.post(f"{path}/validate", params=query).json()["is_valid"] is True
    listed = service.get("/api/v1/positions", params=query | {"asset": name}).json()
    assert [it["asset"] for it in listed["positions"]] == [name.upper()]
    native = service.get("/rest/positions", params={"asset": f"eq.{name.upper()}"} | {
        "account": f"eq.{account}", "select": "size::text"
    })  # fmt: skip
    assert native.json() == [{"size": "2"}]
    checked = service.post(
        "/api/v1/portfolio/check",
        params=query | {"asset": name, "side": "buy", "quantity": "1", "price": "1"},
    )
    assert checked.json()["fill"]["asset"] == name.upper()


@pytest.mark.parametrize("name", ACCOUNTS)
def test_an_account_is_read_by_its_name(
    service: Service, asset: str, suffix: str, name: str
) -> None:
    account = name + suffix
    service.fill(account, asset, "2", "10")
    query = {"account": account}

    assert service.get(f"/api/v1/positions/{asset}", params=query).json()["account"] == account
    assert service.post("/api/v1/snapshots", params=query).status_code == 201
    assert service.get("/api/v1/portfolio/pnl", params=query).status_code == 200
    spaced = service.get(f"/api/v1/positions/{asset}", params={"account": f" {account} "})
    assert spaced.json()["account"] == account


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_key_is_bound_to_accounts_by_name(
    service: Service, asset: str, suffix: str, name: str
) -> None:
    account, other = name + suffix, f"{name}.{suffix}"
    key = service.new_key("trader", accounts=[account])
    for each in (account, other):
        service.fill(each, asset, "2", "10")

    mine = service.get(f"/api/v1/positions/{asset}", params={"account": account}, key=key)
    assert mine.json()["account"] == account
    for foreign in (other, f" {other}", f"{other} "):
        for answer in (
            service.get(f"/api/v1/positions/{asset}", params={"account": foreign}, key=key),
            service.get("/api/v1/positions", params={"account": foreign}, key=key),
            service.post("/api/v1/snapshots", params={"account": foreign}, key=key),
            service.post("/rest/rpc/get_positions", json={"account": foreign}, key=key),
        ):
            assert_refused(answer, 403)


def test_a_note_keeps_its_signs(service: Service) -> None:
    answer = service.post(f"/api/v1/discrepancies/{uuid.uuid4()}/accept?note=100%25+%26+more")

    assert_refused(answer, 404)


@pytest.mark.parametrize("path", ["A/B", "A%00", "A%0A", "%E2%80%AEA", "%c0%af", "A+B", "%22"])
def test_other_paths_name_no_position(service: Service, path: str) -> None:
    answer = service.get(f"/api/v1/positions/{path}")

    assert answer.status_code in (400, 404), answer.text


def test_a_line_break_in_an_identity_is_refused_as_such(service: Service) -> None:
    answer = service.post("/api/v1/fills/one%0Atwo/bust", json={"account": "nobody"})

    assert "control" in assert_refused(answer, 400)["message"], answer.text
