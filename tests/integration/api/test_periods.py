"""GET /api/v1/portfolio/pnl/periods, and the fills and periods below /rest/."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.service import Service, assert_refused, is_time

PATH = "/api/v1/portfolio/pnl/periods"


@pytest.fixture
def fills(service: Service, account: str, asset: str) -> None:
    """A profit of 51 on the 1st of July in Kathmandu, the 30th of June in UTC."""
    service.fill(account, asset, "2", "100", executed_at="2026-06-10T00:00:00Z")
    service.fill(
        account, asset, "-1", "151", execution_fees="0.5", executed_at="2026-06-30T18:15:00Z"
    )


def months(service: Service, **asked: object) -> dict[str, Any]:
    answer = service.get(PATH, params={"by": "month", "to": "2026-08-01T00:00:00Z", **asked})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.usefixtures("fills")
@pytest.mark.parametrize(
    ("zone", "realized"),
    [("UTC", ["0", "51"]), ("Asia/Kathmandu", ["51", "0"]), ("america/new_york", ["0", "51"])],
)
def test_a_fill_counts_in_its_month_in_the_time_zone(
    service: Service, account: str, asset: str, zone: str, realized: list[str]
) -> None:
    body = months(service, time_zone=zone, account=account, include_positions="true")

    assert body["by"] == "month"
    assert body["time_zone"].lower() == zone.lower()
    assert body["next_to"] is None
    # New York is in July until 4:00 UTC, and in August at `to` nobody is but Kathmandu.
    periods = [each for each in body["periods"] if each["period_start"] < "2026-08"]
    assert [each["period_start"] for each in periods] == ["2026-07-01", "2026-06-01"]
    assert [each["realized_usdt"] for each in periods] == realized
    for period in periods:
        assert is_time(period["starts_at"])
        assert not period["is_restated"]
        [position] = period["positions"]
        assert (position["account"], position["asset"]) == (account, asset)
        assert position["realized"] == period["realized_usdt"]


@pytest.mark.usefixtures("fills")
def test_pages_join_and_a_late_fill_restates(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "-0.5", "140", executed_at="2026-06-20T00:00:00Z")

    first = months(service, account=account, limit=1)
    second = months(service, account=account, limit=1, to=first["next_to"])

    assert [each["period_start"] for each in first["periods"]] == ["2026-07-01"]
    [june] = second["periods"]
    assert second["next_to"] is None
    assert (june["period_start"], june["is_restated"]) == ("2026-06-01", True)
    assert june["restated_realized_pnl_usdt"] == "20"
    [stated] = service.get("/rest/restatements", params={"account": f"eq.{account}"}).json()
    assert june["restatements"] == [stated["id"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_zone", "Asia/Katmandoo"), ("time_zone", "FOO+3"), ("time_zone", "a b"),
        ("by", "year"), ("limit", "0"), ("from", "yesterday"), ("include_positions", "2"),
        ("asset", "A,B"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_name(service: Service, name: str, value: str) -> None:
    assert_refused(service.get(PATH, params={name: value}), 400, name)


@pytest.mark.usefixtures("fills")
def test_a_bound_key_sees_its_accounts_only(service: Service, account: str, asset: str) -> None:
    key = service.new_key("reader", accounts=[account])
    service.fill("main", asset, "1", "100", executed_at="2026-06-10T00:00:00Z")

    answer = service.get(
        PATH, key=key, params={"by": "month", "include_positions": "true", "time_zone": "UTC"}
    )
    own = months(service, account=account, include_positions="true", time_zone="UTC")

    assert answer.json()["periods"][-2:] == own["periods"][-2:]
    assert_refused(service.get(PATH, key=key, params={"account": "main"}), 403)
    rows = service.get("/rest/rpc/position_pnl_by_period", key=key, params={"unit": "month"})
    assert {row["account"] for row in rows.json()} == {account}
    views = service.get("/rest/pnl_by_month", key=key).json()
    assert {row["account"] for row in views} == {account}
    refused = service.get("/rest/rpc/pnl_by_period", key=key, params={"account": "main"})
    assert_refused(refused, 403)


@pytest.mark.usefixtures("fills")
def test_fills_show_their_realized_pnl_in_pages(
    service: Service, account: str, reader_key: str
) -> None:
    asked = {
        "account": f"eq.{account}", "select": "executed_at,id,realized_pnl",
        "order": "executed_at,id", "limit": "1",
    }  # fmt: skip
    [first] = service.get("/rest/fills", key=reader_key, params=asked).json()
    after = {"executed_at": f"gt.{first['executed_at']}"}
    [second] = service.get("/rest/fills", key=reader_key, params=asked | after).json()

    assert (str(first["realized_pnl"]), str(second["realized_pnl"])) == ("0", "50.5")


def test_an_unknown_time_zone_is_refused_by_name_in_sql(service: Service) -> None:
    answer = service.get("/rest/rpc/pnl_by_period", params={"time_zone": "Mars/Olympus"})

    assert_refused(answer, 400)
    assert "time_zone is 'Mars/Olympus'" in answer.text
