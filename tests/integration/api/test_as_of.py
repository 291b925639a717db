"""as_of and known_at of GET /api/v1/positions, /positions/{asset} and /portfolio."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.helpers.service import Service, assert_refused, is_time

PATHS = ["/api/v1/positions", "/api/v1/positions/BTCUSDT", "/api/v1/portfolio"]
# Prices are not entries, reviews have no history, and a job may take a snapshot at any time.
LIVE_ONLY = {"version", "last_updated", "needs_review", "review_reasons", "last_snapshot_at"}
MOMENT = {"as_of", "known_at"}


def minute(number: int) -> str:
    return f"2026-01-01T00:{number:02}:00Z"


def now(service: Service) -> str:
    """The time of the database, a little after its last change."""
    ((at,),) = service.query("SELECT clock_timestamp()")
    time.sleep(0.002)
    assert isinstance(at, datetime)
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def reproducible(position: dict[str, Any]) -> dict[str, Any]:
    return {name: position[name] for name in position.keys() - LIVE_ONLY - MOMENT}


def test_the_portfolio_at_a_moment_matches_the_one_shown_then(
    service: Service, account: str, asset: str
) -> None:
    other = f"{asset}B"
    service.fill(account, asset, "2", "100", execution_fees="1", executed_at=minute(1))
    service.fill(account, other, "-3", "50", executed_at=minute(1))
    service.mark(asset, "110")
    asked = {"account": account, "include_positions": "true"}
    live = service.get("/api/v1/portfolio", params=asked).json()
    moment = now(service)

    service.fill(account, asset, "-1", "120", executed_at=minute(2))
    service.fill(account, other, "7", "40", executed_at=minute(0))
    service.mark(asset, "90")
    service.mark(other, "45")
    later = service.get("/api/v1/portfolio", params=asked).json()
    then = service.get(
        "/api/v1/portfolio", params=asked | {"as_of": moment, "known_at": moment}
    ).json()

    assert later["total_exposure_usdt"] != live["total_exposure_usdt"]
    shown = [reproducible(each) for each in then.pop("positions")]
    assert shown == [reproducible(each) for each in live.pop("positions")]
    assert datetime.fromisoformat(then.pop("as_of")) == datetime.fromisoformat(moment)
    assert datetime.fromisoformat(then.pop("known_at")) == datetime.fromisoformat(moment)
    assert is_time(then.pop("calculated_at"))
    live.pop("calculated_at")
    assert then == live


def test_a_position_is_shown_at_a_moment(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100", executed_at=minute(1))
    before = now(service)
    service.fill(account, asset, "1", "130", executed_at=minute(0))
    path, params = f"/api/v1/positions/{asset}", {"account": account}

    def ask(**moment: str) -> Any:
        return service.get(path, params=params | moment)

    assert MOMENT.isdisjoint(ask().json())
    assert ask(as_of=minute(0)).json()["size"] == "1"
    assert ask(as_of=minute(1)).json()["average_entry_price"] == "110"
    assert ask(as_of=minute(1), known_at=before).json()["size"] == "2"
    assert ask(known_at=before).json()["size"] == "2"
    assert ask(as_of=minute(5)).json()["time_held_minutes"] == 5
    for body in (ask(as_of=minute(1)).json(), ask(known_at=before).json()):
        assert is_time(body["as_of"])
        assert is_time(body["known_at"])
    assert ask(as_of=minute(1)).json()["as_of"] == "2026-01-01T00:01:00.000000Z"
    for early in ({"as_of": minute(0), "known_at": before}, {"as_of": "2025-12-31T23:59:59Z"}):
        assert_refused(ask(**early), 404, "account", "asset", "mode")


def test_the_list_at_a_moment_is_filtered_and_paged(
    service: Service, account: str, asset: str
) -> None:
    for number, name in enumerate("ABC"):
        service.fill(account, asset + name, "2", "10", executed_at=minute(number))
        service.fill(account, asset + name, "-1", "10", executed_at=minute(9))

    def ask(**asked: str) -> Any:
        return service.get("/api/v1/positions", params={"account": account} | asked).json()

    assert MOMENT.isdisjoint(ask())
    body = ask(as_of=minute(1))
    assert [each["asset"][-1] for each in body["positions"]] == ["A", "B"]
    assert [each["size"] for each in body["positions"]] == ["2", "2"]
    assert set(body) == {"positions", "count", *MOMENT}
    assert MOMENT.isdisjoint(body["positions"][0])
    page = ask(as_of=minute(9), limit="1", offset="2", size_max="1")
    assert ([each["asset"][-1] for each in page["positions"]], page["count"]) == (["C"], 3)
    assert ask(as_of=minute(8), size_max="1")["count"] == 0
    assert ask(as_of=minute(2), asset=f"{asset.lower()}b")["count"] == 1


def test_a_future_moment_counts_as_now(service: Service, account: str, asset: str) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=3)).isoformat()
    service.fill(account, asset, "2", "100", executed_at=at)
    service.mark(asset, "110")
    path, params = f"/api/v1/positions/{asset}", {"account": account}

    live = service.get(path, params=params).json()
    then = service.get(path, params=params | {"as_of": "2999-01-01T00:00:00Z"}).json()

    assert live["price_status"] == "fresh"
    assert live["time_held_minutes"] == 3
    assert reproducible(then) == reproducible(live)
    assert then["as_of"] == "2999-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    "given",
    [
        "2026-01-01T01:01:00+01:00", "2026-01-01 00:01:00", "2026-01-01t00:01:00z",
        "2026-01-01T23:30:00+23:29", "2025-12-31T07:31:00-16:30",
    ],
)  # fmt: skip
def test_a_time_without_a_zone_is_utc(
    service: Service, account: str, asset: str, given: str
) -> None:
    service.fill(account, asset, "2", "100", executed_at=minute(1))
    service.fill(account, asset, "2", "100", executed_at=minute(2))

    asked = {"account": account, "as_of": given}
    body = service.get(f"/api/v1/positions/{asset}", params=asked).json()

    assert (body["size"], body["as_of"]) == ("2", "2026-01-01T00:01:00.000000Z")


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("9999-12-31T23:59:00-01:00", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_a_zone_cannot_move_a_time_out_of_range(
    service: Service, given: str, answered: str
) -> None:
    asked = {"as_of": given, "known_at": given}
    body = service.get("/api/v1/portfolio", params=asked).json()

    assert (body["as_of"], body["known_at"]) == (answered, answered)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", sorted(MOMENT))
@pytest.mark.parametrize(
    "value", ["yesterday", "now", "infinity", "2026-13-01T00:00:00Z", "1735689600", "a&b"]
)
def test_a_malformed_time_is_refused_by_name(
    service: Service, path: str, name: str, value: str
) -> None:
    body = assert_refused(service.get(path, params={name: value}), 400, name)

    assert "an RFC 3339 time" in body["details"][name]


@pytest.mark.parametrize(
    "path", ["/api/v1/portfolio/exposure", "/api/v1/portfolio/pnl", "/api/v1/positions/A/snapshots"]
)
@pytest.mark.parametrize("name", sorted(MOMENT))
def test_other_paths_refuse_as_of(service: Service, path: str, name: str) -> None:
    assert_refused(service.get(path, params={name: minute(1)}), 400, name)


def test_a_reader_queries_a_moment_natively(
    service: Service, reader_key: str, account: str, asset: str
) -> None:
    service.fill(account, asset, "2", "100", executed_at=minute(1))
    service.fill(account, asset, "1", "100", executed_at=minute(2))
    asked = {"account": account, "at": minute(1)}

    positions = service.get(
        "/rest/rpc/positions_as_of",
        key=reader_key,
        params=asked | {"select": "asset,size::text", "size": "gt.0"},
    )
    portfolio = service.get("/rest/rpc/portfolio_as_of", key=reader_key, params=asked)
    malformed = service.get("/rest/rpc/portfolio_as_of", params={"at": "soon"})

    assert positions.json() == [{"asset": asset, "size": "2"}]
    assert [row["open_positions_count"] for row in portfolio.json()] == [1]
    assert malformed.status_code == 400
