"""GET /api/v1/reviews: why positions need review."""

from __future__ import annotations

from typing import Any

from tests.helpers.service import Service, assert_refused

PATH = "/api/v1/reviews"


def test_each_reason_is_listed_with_what_settles_it(
    service: Service, account: str, asset: str, reader_key: str, discrepancy: dict[str, Any]
) -> None:
    asked = {"account": account, "asset": asset.lower(), "mode": "One-Way"}
    answer = service.get(PATH, params=asked, key=reader_key).json()

    [review] = answer["reviews"]
    assert answer["count"] == 1
    assert review | {"code": "row_differs", "leg": "net", "source": discrepancy["id"]} == review
    assert review["detail"] == "size: ours 5, theirs 2"
    assert discrepancy["id"] in review["remedy"]
    position = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    assert (position["needs_review"], position["review_reasons"]) == (True, ["row_differs"])
    listed = service.get("/api/v1/positions", params={"account": account}).json()["positions"]
    assert [each["review_reasons"] for each in listed] == [["row_differs"]]


def test_a_settled_reason_is_gone(
    service: Service, account: str, asset: str, discrepancy: dict[str, Any]
) -> None:
    service.post(f"/api/v1/discrepancies/{discrepancy['id']}/accept")

    assert service.get(PATH, params={"account": account}).json() == {"reviews": [], "count": 0}
    position = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    assert (position["needs_review"], position["review_reasons"]) == (False, [])


def test_a_bound_key_sees_the_reasons_of_its_accounts(
    service: Service, account: str, discrepancy: dict[str, Any]
) -> None:
    own = service.new_key("reader", accounts=[account])
    other = service.new_key("reader", accounts=["another"])

    assert service.get(PATH, key=own).json()["count"] == 1
    assert service.get(PATH, key=other).json()["count"] == 0
    assert_refused(service.get(PATH, params={"account": account}, key=other), 403)


def test_an_argument_out_of_its_range_is_refused(service: Service) -> None:
    assert_refused(service.get(PATH, params={"mode": "sideways"}), 400, "mode")
