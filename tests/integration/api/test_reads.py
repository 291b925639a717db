"""History, limits, instruments and profit by period below /api/v1."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from tests.helpers.service import Service, assert_refused

LIMITS = "/api/v1/limits"


def record(service: Service, account: str, at: str, net_pnl: int, peak: int) -> None:
    """Totals of an account, as they were recorded at a moment."""
    service.query(
        "INSERT INTO pms.portfolio_history"
        " SELECT (jsonb_populate_record(NULL::pms.portfolio_history, %s::text::jsonb)).*",
        f'''{{"account": "{account}", "recorded_at": "{at}", "capital": 1000, "net_pnl": {net_pnl},
        "realized": {net_pnl}, "unrealized_pnl": 0, "fees_paid": 0, "funding": 0, "exposure": 7,
        "net_exposure": -7, "open_positions_count": 1, "long_positions_count": 0,
        "short_positions_count": 1, "complete": true, "peak_net_pnl": {peak}}}''',
    )


def test_history_has_a_point_for_each_hour(service: Service, account: str) -> None:
    record(service, account, "2026-01-31T10:30:00Z", 50, 50)
    record(service, account, "2026-01-31T11:59:00Z", 20, 50)
    asked = {"account": account, "from": "2026-01-31T10:00:00Z", "to": "2026-01-31T12:30:00Z"}
    answer = service.get("/api/v1/history", params=asked).json()

    points = answer["points"]
    assert (answer["account"], answer["by"]) == (account, "hour")
    assert [(each["at"][11:16], each["equity_usdt"]) for each in points] == [
        ("11:00", "1050"), ("12:00", "1020"), ("12:30", "1020"),
    ]  # fmt: skip
    last = points[-1]
    assert (last["drawdown_usdt"], last["exposure_usdt"], last["net_exposure_usdt"]) == (
        "30", "7", "-7",
    )  # fmt: skip


def test_history_by_day_begins_at_midnight(service: Service, account: str) -> None:
    record(service, account, "2026-01-29T10:30:00Z", 50, 50)
    asked = {"account": account, "by": "DAY", "from": "2026-01-29T00:00:01Z",
             "to": "2026-01-31T00:00:00Z"}  # fmt: skip
    points = service.get("/api/v1/history", params=asked).json()["points"]

    assert [each["at"] for each in points] == [
        "2026-01-30T00:00:00.000000Z", "2026-01-31T00:00:00.000000Z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"by": "week"}, "by"), ({"from": "2020-01-01T00:00:00Z"}, "from"), ({"to": "x"}, "to")],
)
def test_history_has_bounds(service: Service, asked: dict[str, str], field: str) -> None:
    assert_refused(service.get("/api/v1/history", params=asked), 400, field)


def test_history_of_a_key_is_that_of_its_account(service: Service, account: str) -> None:
    record(service, account, "2026-01-29T10:30:00Z", 50, 50)
    one = service.new_key("reader", accounts=[account])
    two = service.new_key("reader", accounts=[account, "other"])

    assert service.get("/api/v1/history", key=one).json()["account"] == account
    assert_refused(service.get("/api/v1/history", key=two), 400, "account")
    foreign = service.get("/api/v1/history", key=one, params={"account": "other"})
    assert_refused(foreign, 403)


def test_a_limit_is_set_shown_and_removed(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "3")
    service.mark(asset, "100")
    body = {"metric": "gross-exposure", "limit": 200, "warn": "100.5", "account": account}
    kept = service.post(LIMITS, json=body).json()
    assert (kept["limit"], kept["warn"], kept["value"], kept["level"]) == (
        "200", "100.5", "300", "breach",
    )  # fmt: skip

    shown = service.get(LIMITS, params={"account": account}).json()
    assert kept["id"] in {each["id"] for each in shown["limits"]}
    path = f"{LIMITS}/{quote(kept['id'], safe='')}"
    removed = service.request("DELETE", path)
    assert removed.json() == {"id": kept["id"], "outcome": "removed"}, removed.text
    assert_refused(service.request("DELETE", path), 404)
    breaches = service.get(LIMITS, params={"account": account}).json()["breaches"]
    assert all(set(each) >= {"limit_id", "began_at"} for each in breaches)


def test_breaches_are_shown_to_those_who_see_the_account(service: Service, account: str) -> None:
    service.query(
        "INSERT INTO pms.limit_breaches"
        " (limit_id, account, asset, metric, breach_level, peak_value, peak_at, began_at)"
        " VALUES (%s, %s, '*', 'drawdown', 1, 2, now(), now())",
        f"account/{account}/drawdown", account,
    )  # fmt: skip
    other = service.new_key("reader", accounts=["another-account"])
    ids = [
        [each["limit_id"] for each in service.get(LIMITS, key=key, params=asked).json()["breaches"]]
        for key, asked in ((service.key, {"account": account}), (other, {}))
    ]

    assert ids == [[f"account/{account}/drawdown"], []]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"metric": "size"}, "metric"),
        ({"limit": 0}, "limit"),
        ({"limit": None}, "limit"),
        ({"limit": "20%"}, "limit"),
        ({"warn": 300}, "warn"),
        ({"metric": "position_size"}, "asset"),
        ({"note": "x"}, "note"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_by_field(
    service: Service, account: str, fields: dict[str, Any], field: str
) -> None:
    body = {"metric": "gross_exposure", "limit": 200, "account": account} | fields

    assert_refused(service.post(LIMITS, json=body), 400, field)


def test_only_operators_set_limits_and_only_theirs(
    service: Service, reader_key: str, account: str
) -> None:
    body = {"metric": "drawdown", "limit": "1", "account": account}
    bound = service.new_key("operator", accounts=[account])
    trader = service.new_key("trader")

    for key in (reader_key, trader):
        assert_refused(service.post(LIMITS, json=body, key=key), 403)
        assert_refused(service.request("DELETE", f"{LIMITS}/x", key=key), 403)
    assert service.post(LIMITS, json=body, key=bound).status_code == 200
    assert_refused(service.post(LIMITS, json=body | {"account": None}, key=bound), 403)
    assert_refused(service.post(LIMITS, json=body | {"account": "other"}, key=bound), 403)
    other = service.new_key("operator", accounts=["other"])
    path = f"{LIMITS}/account%2F{account}%2Fdrawdown"
    assert_refused(service.request("DELETE", path, key=other), 404)
    assert service.request("DELETE", path, key=bound).status_code == 200


def test_a_limit_is_set_once_under_a_key(service: Service, account: str) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"metric": "drawdown", "limit": "1", "account": account}
    first, second = (service.post(LIMITS, json=body, headers=headers) for _ in range(2))

    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


def test_instruments_are_listed(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "1")
    answer = service.get("/api/v1/instruments", params={"asset": asset.lower()}).json()

    assert answer["count"] == 1
    [found] = answer["instruments"]
    assert (found["asset"], found["kind"], found["multiplier"]) == (asset, "linear", "1")
    assert len(service.get("/api/v1/instruments", params={"limit": 1}).json()["instruments"]) == 1


def test_pnl_by_period_is_that_of_the_periods(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "1")
    asked = {"account": account, "by": "week"}
    by_week = service.get("/api/v1/portfolio/pnl", params=asked | {"tz": "Asia/Kathmandu"}).json()
    periods = service.get(
        "/api/v1/portfolio/pnl/periods", params=asked | {"time_zone": "Asia/Kathmandu"}
    ).json()

    assert by_week == periods
    assert by_week["time_zone"] == "Asia/Kathmandu"
    unknown = service.get("/api/v1/portfolio/pnl", params={"tz": "Nowhere/Else"})
    assert_refused(unknown, 400, "tz")
