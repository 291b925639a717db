"""POST …/snapshot, POST /snapshots and GET …/snapshots."""

from __future__ import annotations

import pytest

from tests.helpers.service import UUID, Service, assert_refused, is_time


def take(service: Service, account: str, asset: str) -> dict[str, object]:
    answer = service.post(f"/api/v1/positions/{asset}/snapshot", params={"account": account})
    assert answer.status_code == 201, answer.text
    body: dict[str, object] = answer.json()
    return body


def test_a_snapshot_shows_the_position_of_its_moment(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset, "2", "100")

    snapshot = take(service, account, asset.lower())

    position = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    assert set(snapshot) == {
        "id",
        "position_id",
        "account",
        "asset",
        "mode",
        "snapshot_data",
        "created_at",
    }
    assert UUID.fullmatch(str(snapshot["id"]))
    assert (snapshot["asset"], snapshot["mode"]) == (asset, "one-way")
    assert snapshot["position_id"] == position["id"]
    assert snapshot["snapshot_data"] == position
    assert is_time(snapshot["created_at"])
    assert position["last_snapshot_at"] == snapshot["created_at"]
    assert position["version"] == 1


def test_a_snapshot_does_not_change_later(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100")
    take(service, account, asset)
    service.fill(account, asset, "3", "100")

    path = f"/api/v1/positions/{asset}/snapshots"
    body = service.get(path, params={"account": account}).json()

    assert [found["snapshot_data"]["size"] for found in body["snapshots"]] == ["2"]


def test_pages_are_newest_first_and_count_all(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset)
    taken = [take(service, account, asset) for _ in range(5)]
    path = f"/api/v1/positions/{asset}/snapshots"

    def page(**asked: object) -> dict[str, object]:
        answer = service.get(path, params={"account": account} | asked)
        assert answer.status_code == 200
        body: dict[str, object] = answer.json()
        return body

    newest_first = taken[::-1]
    assert page() == {"snapshots": newest_first, "count": 5}
    assert page(limit=2) == {"snapshots": newest_first[:2], "count": 5}
    assert page(limit=2, offset=3) == {"snapshots": newest_first[3:], "count": 5}
    assert page(offset=5) == {"snapshots": [], "count": 5}
    middle = {"from": taken[1]["created_at"], "to": taken[3]["created_at"]}
    assert page(**middle) == {"snapshots": newest_first[1:4], "count": 3}
    assert page(**middle, limit=1, offset=1) == {"snapshots": [taken[2]], "count": 3}
    assert page(to="2000-01-01T00:00:00+01:00") == {"snapshots": [], "count": 0}


@pytest.mark.parametrize("limit", ["1", "1000"])
def test_a_limit_is_accepted_only_within_its_range(
    service: Service, account: str, asset: str, limit: str
) -> None:
    service.fill(account, asset)

    asked = {"account": account, "limit": limit}
    answer = service.get(f"/api/v1/positions/{asset}/snapshots", params=asked)

    assert answer.json() == {"snapshots": [], "count": 0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "1001"),
        ("offset", "-1"),
        ("from", "yesterday"),
        ("from", "2025-02-30T00:00:00Z"),
        ("to", "now"),
        ("to", "2025-01-01"),
        ("mode", "net"),
    ],
)
def test_a_bad_value_is_refused_by_name(service: Service, name: str, value: str) -> None:
    path = "/api/v1/positions/BTCUSDT/snapshots"

    assert_refused(service.get(path, params={name: value}), 400, name)


def test_a_position_never_held_has_no_snapshots(service: Service, account: str) -> None:
    path = "/api/v1/positions/NEVER/snapshot"

    assert_refused(service.post(path, params={"account": account}), 404)
    assert_refused(service.get(f"{path}s", params={"account": account}), 404)
    assert_refused(service.post(path, params={"mode": "x"}), 400, "mode")


def test_a_request_body_is_ignored(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset)

    answer = service.post(
        f"/api/v1/positions/{asset}/snapshot",
        params={"account": account},
        json={"asset": "OTHER", "account": "main"},
    )

    assert (answer.status_code, answer.json()["asset"]) == (201, asset)


def test_all_positions_of_an_account_share_one_snapshot_time(
    service: Service, account: str, asset: str
) -> None:
    others = [f"{asset}{number}" for number in range(2)]
    for each in (asset, *others):
        service.fill(account, each, "2", "100")

    answer = service.post("/api/v1/snapshots", params={"account": account})

    assert (answer.status_code, answer.json().keys()) == (201, {"count", "created_at"})
    assert answer.json()["count"] == 3
    assert is_time(answer.json()["created_at"])
    for each in (asset, *others):
        path = f"/api/v1/positions/{each}/snapshots"
        (kept,) = service.get(path, params={"account": account}).json()["snapshots"]
        assert kept["created_at"] == answer.json()["created_at"]
    assert_refused(service.post("/api/v1/snapshots", params={"account": "-"}), 400, "account")


def test_the_snapshot_at_a_moment_is_the_last_one_before_it(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset, "1", "100")
    first = take(service, account, asset)
    service.fill(account, asset, "1", "100")
    second = take(service, account, asset)

    def of(moment: object) -> dict[str, object]:
        asked = {"account": account, "to": moment, "limit": 1}
        body = service.get(f"/api/v1/positions/{asset}/snapshots", params=asked).json()
        found: dict[str, object] = body["snapshots"][0]
        return found

    assert of(first["created_at"]) == first
    assert of(second["created_at"]) == of("2999-01-01T00:00:00Z") == second
