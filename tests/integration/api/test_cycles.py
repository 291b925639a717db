"""GET …/cycles: a position from flat to flat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.helpers.service import Service, assert_refused

NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**past: int) -> str:
    return (NOW - timedelta(**past)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def cycles(service: Service, asset: str, **asked: object) -> httpx.Response:
    return service.get(f"/api/v1/positions/{asset}/cycles", params=asked)


def cycles_page(service: Service, asset: str, **asked: object) -> dict[str, Any]:
    answer = cycles(service, asset, **asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def trade(service: Service, account: str, asset: str, opened: str, closed: str) -> None:
    service.fill(account, asset, "2", "100", executed_at=opened, execution_fees="0.5")
    service.fill(account, asset, "-2", "110.5", executed_at=closed)


def test_a_cycle_has_the_fields_of_the_contract(service: Service, account: str, asset: str) -> None:
    trade(service, account, asset, ago(hours=3), ago(hours=1))

    body = cycles_page(service, asset.lower(), account=account)

    assert body["count"] == 1
    [cycle] = body["cycles"]
    assert cycle.pop("opening_entry_id") < cycle.pop("closing_entry_id")
    assert cycle == {
        "leg": "net", "direction": "long", "opened_at": ago(hours=3), "closed_at": ago(hours=1),
        "duration_minutes": 120, "entries": 2, "average_entry_price": "100",
        "average_exit_price": "110.5", "peak_size": "2", "quantity_traded": "4",
        "realized": "21", "fees_paid": "0.5", "funding": "0", "net_pnl": "20.5",
        "mae": None, "mfe": None, "price_minutes": 0,
        "settlement_currency": "USDT", "turnover": "421",
    }  # fmt: skip


def test_excursions_are_shown_when_prices_exist(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "1", "100", executed_at=ago(minutes=2))
    service.mark(asset, "90")
    service.fill(account, asset, "-1", "100", executed_at=_later())

    [cycle] = cycles_page(service, asset, account=account)["cycles"]
    assert (cycle["mae"], cycle["mfe"], cycle["price_minutes"]) == ("-10", "0", 1)


def _later() -> str:
    """After the price that was just marked; clocks may differ by a minute."""
    return (datetime.now(UTC) + timedelta(seconds=50)).isoformat()


def test_pages_are_newest_first_and_count_all(service: Service, account: str, asset: str) -> None:
    for hours in (9, 7, 5, 3):
        trade(service, account, asset, ago(hours=hours), ago(hours=hours - 1))

    whole = cycles_page(service, asset, account=account)
    assert [cycle["closed_at"] for cycle in whole["cycles"]] == [
        ago(hours=hours) for hours in (2, 4, 6, 8)
    ]
    newest = whole["cycles"]
    assert cycles_page(service, asset, account=account, limit=2) == {
        "cycles": newest[:2],
        "count": 4,
    }
    assert cycles_page(service, asset, account=account, limit=2, offset=3) == {
        "cycles": newest[3:],
        "count": 4,
    }
    within = {"from": ago(hours=6), "to": ago(hours=4)}
    assert cycles_page(service, asset, account=account, **within) == {
        "cycles": newest[1:3],
        "count": 2,
    }


def test_the_default_period_is_thirty_days(service: Service, account: str, asset: str) -> None:
    trade(service, account, asset, ago(days=40), ago(days=31))
    trade(service, account, asset, ago(days=30), ago(days=29))

    assert cycles_page(service, asset, account=account)["count"] == 1
    assert cycles_page(service, asset, account=account, to=ago(days=29, hours=1))["count"] == 1
    assert cycles_page(service, asset, account=account, to=ago(days=30))["count"] == 1
    assert cycles_page(service, asset, account=account, **{"from": ago(days=50)})["count"] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"), ("limit", "1001"), ("offset", "-1"), ("from", "yesterday"),
        ("to", "2025-01-01"), ("mode", "net"), ("account", "-"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_name(service: Service, name: str, value: str) -> None:
    assert_refused(cycles(service, "BTCUSDT", **{name: value}), 400, name)


def test_a_position_never_held_has_no_cycles(service: Service, account: str, asset: str) -> None:
    assert_refused(cycles(service, asset, account=account), 404)

    service.fill(account, asset)
    assert cycles_page(service, asset, account=account) == {"cycles": [], "count": 0}
    assert_refused(cycles(service, asset, account=account, mode="hedge"), 404)


def test_a_reader_may_query_rows(
    service: Service, reader_key: str, account: str, asset: str
) -> None:
    trade(service, account, asset, ago(hours=3), ago(hours=1))
    asked = {"asset": asset, "account": account}

    path = f"/api/v1/positions/{asset}/cycles"
    assert service.get(path, key=reader_key, params={"account": account}).status_code == 200
    rows = service.get(
        "/rest/rpc/closed_cycles",
        key=reader_key,
        params={**asked, "select": "direction,net_pnl::text"},
    )
    assert rows.json() == [{"direction": "long", "net_pnl": "20.5"}]
