"""GET /api/v1/discrepancies, and decisions on discrepancies."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.helpers.service import Service, assert_refused

PATH = "/api/v1/discrepancies"


def test_open_discrepancies_are_listed(
    service: Service, account: str, asset: str, reader_key: str, discrepancy: dict[str, Any]
) -> None:
    asked = {"account": account, "asset": asset.lower(), "mode": "One-Way", "status": "open"}
    answer = service.get(PATH, params=asked, key=reader_key)

    assert answer.json() == {"discrepancies": [discrepancy], "count": 1}
    assert service.get(PATH, params=asked | {"offset": "1"}).json() == {
        "discrepancies": [], "count": 1,
    }  # fmt: skip
    for status, count in (("resolved", 0), ("all", 1)):
        assert service.get(PATH, params=asked | {"status": status}).json()["count"] == count


@pytest.mark.parametrize(
    ("verdict", "status", "size"), [("accept", "accepted", "2"), ("dismiss", "dismissed", "5")]
)
def test_a_discrepancy_is_decided_with_a_note(
    service: Service, account: str, asset: str, discrepancy: dict[str, Any],
    verdict: str, status: str, size: str,
) -> None:  # fmt: skip
    trader = service.new_key("trader")
    note = "Rückfrage (Börse): 100% geklärt, 'ja' + \"gut\""

    decided = service.post(
        f"{PATH}/{discrepancy['id']}/{verdict}", params={"note": note}, key=trader
    )

    assert decided.status_code == 200, decided.text
    row = decided.json()
    assert (row["status"], row["note"]) == (status, note)
    assert row["decided_by"] == trader.split("_")[1]
    position = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    assert (position["size"], position["needs_review"]) == (size, False)
    again = service.post(f"{PATH}/{discrepancy['id']}/{verdict}")
    assert assert_refused(again, 409)["details"]["status"] == status


def test_a_discrepancy_is_accepted_at_a_price(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100", executed_at="2026-01-01T00:00:00Z")
    service.report(account, asset, "0", "2026-01-01T00:01:00Z")
    [found] = service.get(PATH, params={"account": account}).json()["discrepancies"]

    refused = service.post(f"{PATH}/{found['id']}/accept", params={"price": "much"})
    assert_refused(refused, 400, "price")
    accepted = service.post(f"{PATH}/{found['id']}/accept", params={"price": "80"})

    assert accepted.json()["status"] == "accepted"
    path = f"/api/v1/positions/{asset}/entries"
    [closed, _] = service.get(path, params={"account": account}).json()["entries"]
    assert (closed["closing_price"], closed["closing_source"]) == ("80", "decision")
    assert (closed["size"], closed["realized_pnl"]) == ("0", "-40")


@pytest.mark.parametrize("verdict", ["accept", "dismiss"])
def test_a_reader_and_an_unknown_discrepancy_are_refused(
    service: Service, reader_key: str, discrepancy: dict[str, Any], verdict: str
) -> None:
    assert_refused(service.post(f"{PATH}/{discrepancy['id']}/{verdict}", key=reader_key), 403)
    assert_refused(service.post(f"{PATH}/{uuid.uuid4()}/{verdict}"), 404, "id")
    assert_refused(service.post(f"{PATH}/nothing/{verdict}"), 400, "id")
    assert_refused(service.get(f"{PATH}/{discrepancy['id']}/{verdict}"), 405)


@pytest.mark.parametrize("note", ["%FF", "a%00b", "line%0Abreak", "a" * 501, "<b>", "%", "!"])
def test_an_invalid_note_is_refused_by_name(service: Service, note: str) -> None:
    # As it is in the URL.
    answer = service.post(f"{PATH}/{uuid.uuid4()}/dismiss?note={note}")

    assert_refused(answer, 400, "note")


@pytest.mark.parametrize(
    ("name", "value"), [("status", "closed"), ("limit", "0"), ("asset", "a;b")]
)
def test_a_bad_value_is_refused_by_name(service: Service, name: str, value: str) -> None:
    assert_refused(service.get(PATH, params={name: value}), 400, name)
