"""POST /api/v1/positions/{asset}/validate."""

from __future__ import annotations

import pytest

from tests.helpers.service import Service, assert_refused


def test_a_sound_position_is_valid(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100")

    answer = service.post(f"/api/v1/positions/{asset}/validate", params={"account": account})

    assert answer.status_code == 200
    assert answer.json() == {
        "is_valid": True,
        "error_message": None,
        "updated_position": None,
        "discrepancies": [],
    }


def test_a_wrong_row_is_reported_or_corrected(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100")
    service.query("UPDATE pms.positions SET size = 5 WHERE account = %s", account)
    path = f"/api/v1/positions/{asset.lower()}/validate"
    found = {"kind": "stored_row", "leg": "net", "field": "size", "ours": "5", "theirs": "2"}

    body = service.post(path, params={"account": account, "fix_discrepancies": "False"}).json()
    fixed = service.post(path, params={"account": account}).json()
    after = service.post(path, params={"account": account}).json()

    [reported], [corrected] = body.pop("discrepancies"), fixed["discrepancies"]
    assert body == {
        "is_valid": False,
        "error_message": "size of leg net is 5, by the ledger it is 2",
        "updated_position": None,
    }
    assert found.items() <= reported.items()
    assert (reported["status"], corrected["status"]) == ("open", "fixed")
    assert (corrected["id"], corrected["times_seen"]) == (reported["id"], 2)
    assert (fixed["is_valid"], fixed["error_message"]) == (True, None)
    assert fixed["updated_position"]["size"] == "2"
    assert fixed["updated_position"]["version"] == 2
    assert after["discrepancies"] == []


def test_an_unknown_position_is_not_found(service: Service, account: str) -> None:
    assert_refused(
        service.post("/api/v1/positions/NEVER/validate", params={"account": account}), 404
    )


@pytest.mark.parametrize(
    ("name", "value"), [("fix_discrepancies", "maybe"), ("mode", '"}'), ("account", "a'b")]
)
def test_a_bad_value_is_refused_by_name(service: Service, name: str, value: str) -> None:
    path = "/api/v1/positions/BTCUSDT/validate"

    assert_refused(service.post(path, params={name: value}), 400, name)
