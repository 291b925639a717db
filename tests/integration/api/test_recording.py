"""Fills and prices recorded by hand, over HTTP: repeated, contradicted, malformed, forbidden."""

from __future__ import annotations

import pytest

from tests.helpers.service import Service, assert_refused

FILL = "/rest/rpc/record_fill"
PRICE = "/rest/rpc/record_price"


def fill(account: str, asset: str) -> dict[str, str]:
    return {
        "execution_id": "by-hand",
        "account": account,
        "asset": asset,
        "side": "buy",
        "execution_quantity": "2",
        "execution_price": "100",
    }


def test_a_fill_recorded_twice_counts_once(service: Service, account: str, asset: str) -> None:
    answers = [service.post(FILL, json=fill(account, asset)) for _ in range(2)]

    assert [answer.json()["outcome"] for answer in answers] == ["applied", "duplicate"]
    held = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    assert (held["size"], held["version"]) == ("2", 1)


def test_the_same_identity_with_other_content_is_a_conflict(
    service: Service, account: str, asset: str
) -> None:
    service.post(FILL, json=fill(account, asset))

    answer = service.post(FILL, json=fill(account, asset) | {"execution_price": "101"})

    assert answer.status_code == 409
    assert answer.json()["error_code"] == "CONFLICT"
    assert answer.json()["details"]["reason"] == "identity_conflict"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("execution_id", None),
        ("side", "up"),
        ("execution_quantity", "-1"),
        ("execution_price", "NaN"),
        ("executed_at", "yesterday"),
    ],
)
def test_a_bad_field_of_a_fill_is_refused_by_name(
    service: Service, account: str, asset: str, field: str, value: str | None
) -> None:
    answer = service.post(FILL, json=fill(account, asset) | {field: value})

    assert answer.status_code == 400
    assert answer.json()["error_code"] == "VALIDATION_ERROR"
    assert answer.json()["details"]["field"] == field
    held = service.get(f"/api/v1/positions/{asset}", params={"account": account})
    assert held.status_code == 404


def test_a_bad_price_is_refused_by_name(service: Service, asset: str) -> None:
    answer = service.post(PRICE, json={"symbol": asset, "mark_price": "0"})

    assert (answer.status_code, answer.json()["details"]["field"]) == (400, "mark_price")


@pytest.mark.parametrize(("command", "mark"), [("accept_price", "0.1"), ("drop_price", "100")])
def test_a_held_price_is_shown_and_settled(
    service: Service, account: str, asset: str, command: str, mark: str
) -> None:
    def shown() -> tuple[str, str, str | None]:
        (row,) = service.get("/rest/prices", params={"asset": f"eq.{asset}"}).json()
        return str(row["mark_price"]), row["price_status"], str(row["held_price"])

    service.post(FILL, json=fill(account, asset))
    service.post(PRICE, json={"symbol": asset, "mark_price": "100"})
    bad = service.post(PRICE, json={"symbol": asset, "mark_price": "0.1"}).json()
    assert (bad["outcome"], bad["reason"]) == ("held", "price_jump")
    assert shown() == ("100", "stale", "0.1")
    position = f"/api/v1/positions/{asset}"
    held = service.get(position, params={"account": account}).json()
    assert (held["current_price"], held["price_status"], held["needs_review"]) == (
        "100", "stale", True,
    )  # fmt: skip

    answer = service.post(f"/rest/rpc/{command}", json={"asset": asset})
    assert (answer.status_code, answer.json()["mark_price"]) == (200, mark)
    assert shown() == (mark, "fresh", "None")
    held = service.get(position, params={"account": account}).json()
    assert (held["current_price"], held["price_status"], held["needs_review"]) == (
        mark, "fresh", False,
    )  # fmt: skip

    again = service.post(f"/rest/rpc/{command}", json={"asset": asset})
    assert (again.status_code, again.json()["error_code"]) == (404, "NOT_FOUND")


def test_a_reader_cannot_settle_a_held_price(service: Service, reader_key: str, asset: str) -> None:
    for command in ("accept_price", "drop_price"):
        answer = service.post(f"/rest/rpc/{command}", json={"asset": asset}, key=reader_key)
        assert_refused(answer, 403)


def test_a_reader_cannot_record(
    service: Service, reader_key: str, account: str, asset: str
) -> None:
    assert_refused(service.post(FILL, json=fill(account, asset), key=reader_key), 403)
