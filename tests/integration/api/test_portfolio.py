"""GET /api/v1/portfolio, /portfolio/exposure and /portfolio/pnl."""

from __future__ import annotations

import uuid

import pytest

from tests.helpers.service import Service, assert_refused, is_decimal, is_time

DECIMALS = {
    "total_exposure_usdt",
    "total_unrealized_pnl_usdt",
    "total_realized_pnl_usdt",
    "total_pnl_usdt",
    "portfolio_value_usdt",
    "net_exposure_usdt",
    "realized_net_usdt",
    "fees_usdt",
    "funding_usdt",
    "net_pnl_usdt",
    "equity_usdt",
}
COUNTS = {
    "open_positions_count",
    "long_positions_count",
    "short_positions_count",
    "unconverted_fees",
}
OTHERS = {
    "by_asset",
    "calculated_at",
    "limit_exceeded",
    "complete",
    "unpriced",
    "limits",
    "assumed_instruments",
    "stale_rates",
    "return",
    "cash_usdt",
    "missing_rates",
}
EMPTY: dict[str, object] = {
    "total_exposure_usdt": "0",
    "total_unrealized_pnl_usdt": "0",
    "total_realized_pnl_usdt": "0",
    "total_pnl_usdt": "0",
    "portfolio_value_usdt": "0",
    "net_exposure_usdt": "0",
    "realized_net_usdt": "0",
    "fees_usdt": "0",
    "funding_usdt": "0",
    "net_pnl_usdt": "0",
    "equity_usdt": "0",
    "return": None,
    "cash_usdt": None,
    "missing_rates": [],
    "open_positions_count": 0,
    "long_positions_count": 0,
    "short_positions_count": 0,
    "unconverted_fees": 0,
    "by_asset": {},
    "limit_exceeded": False,
    "complete": True,
    "unpriced": [],
    "assumed_instruments": [],
    "stale_rates": [],
    "limits": [],
}


@pytest.fixture
def assets(service: Service, account: str) -> tuple[str, str, str]:
    """A long and a short position with a price, and a long one without."""
    long, short, dark = (f"{name}{uuid.uuid4().hex[:12]}USDT".upper() for name in "LSD")
    service.fill(account, long, "2", "100", execution_fees="1")
    service.fill(account, short, "-3", "50")
    service.fill(account, short, "1", "40")
    service.fill(account, dark, "1", "7")
    service.mark(long, "110")
    service.mark(short, "45.5")
    return long, short, dark


def test_the_portfolio_of_an_account_is_served(
    service: Service, account: str, assets: tuple[str, str, str]
) -> None:
    long, short, dark = assets

    answer = service.get("/api/v1/portfolio", params={"account": account})

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == DECIMALS | COUNTS | OTHERS
    assert all(is_decimal(body[name]) for name in DECIMALS)
    assert is_time(body.pop("calculated_at"))
    assert body == {
        "total_exposure_usdt": "311",
        "total_unrealized_pnl_usdt": "29",
        "total_realized_pnl_usdt": "10",
        "total_pnl_usdt": "39",
        "portfolio_value_usdt": "129",
        "net_exposure_usdt": "129",
        "realized_net_usdt": "10",
        "fees_usdt": "1",
        "funding_usdt": "0",
        "net_pnl_usdt": "38",
        "equity_usdt": "38",
        "return": None,
        "cash_usdt": None,
        "missing_rates": [],
        "open_positions_count": 3,
        "long_positions_count": 2,
        "short_positions_count": 1,
        "unconverted_fees": 0,
        "by_asset": {
            long: {
                "exposure_usdt": "220",
                "unrealized_pnl_usdt": "20",
                "realized_pnl_usdt": "0",
                "size": "2",
            },
            short: {
                "exposure_usdt": "91",
                "unrealized_pnl_usdt": "9",
                "realized_pnl_usdt": "10",
                "size": "-2",
            },
            dark: {
                "exposure_usdt": "0",
                "unrealized_pnl_usdt": "0",
                "realized_pnl_usdt": "0",
                "size": "1",
            },
        },
        "limit_exceeded": False,
        "complete": False,
        "unpriced": [dark],
        "assumed_instruments": [],
        "stale_rates": [],
        "limits": [],
    }


def test_the_portfolio_of_one_asset_is_served(
    service: Service, account: str, assets: tuple[str, str, str]
) -> None:
    short = assets[1]

    asked = {"account": account, "asset": short.lower()}
    body = service.get("/api/v1/portfolio", params=asked).json()

    assert body["total_exposure_usdt"] == "91"
    assert list(body["by_asset"]) == [short]
    assert (body["open_positions_count"], body["complete"]) == (1, True)
    assert (body["net_pnl_usdt"], body["equity_usdt"], body["return"]) == ("19", None, None)


def test_equity_is_the_capital_of_the_account_and_its_net_pnl(
    service: Service, account: str, asset: str
) -> None:
    before = "2025-12-31T00:00:00Z"
    service.fill(account, asset, "1", "100", execution_fees="2", executed_at="2026-01-01T00:00:00Z")
    service.fill(account, asset, "-0.5", "120", execution_fees="1")
    funding = "SELECT api.record_funding('f', %s, '-4', '2026-01-02T00:00:00Z', %s)"
    service.query(funding, asset, account)
    service.mark(asset, "130")
    service.query("SELECT api.set_capital(2000, %s)", account)

    body = service.get("/api/v1/portfolio", params={"account": account}).json()
    former = service.get("/api/v1/portfolio", params={"account": account, "as_of": before}).json()

    assert (body["realized_net_usdt"], body["fees_usdt"], body["funding_usdt"]) == ("9", "3", "-4")
    assert (body["total_realized_pnl_usdt"], body["net_pnl_usdt"]) == ("5", "18")
    assert (body["equity_usdt"], body["return"]) == ("2018", "0.009")
    assert (former["equity_usdt"], former["return"]) == (former["net_pnl_usdt"], None)


def test_the_totals_come_before_the_assets_in_order(
    service: Service, account: str, assets: tuple[str, str, str]
) -> None:
    body = service.get("/api/v1/portfolio", params={"account": account}).json()

    assert list(body)[-2:] == ["limits", "by_asset"]
    assert list(body["by_asset"]) == sorted(assets)


@pytest.mark.parametrize("word", ["true", "True", "TRUE"])
def test_positions_are_included_on_request(
    service: Service, account: str, assets: tuple[str, str, str], word: str
) -> None:
    asked = {"account": account, "include_positions": word}
    body = service.get("/api/v1/portfolio", params=asked).json()

    listed = service.get("/api/v1/positions", params={"account": account}).json()
    assert body["positions"] == listed["positions"]
    assert {found["asset"] for found in body["positions"]} == set(assets)


def test_the_total_covers_all_accounts(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "10")
    service.fill(f"{account}-b", asset, "-1", "10")
    service.mark(asset, "10")

    body = service.get("/api/v1/portfolio", params={"asset": asset}).json()

    assert (body["total_exposure_usdt"], body["net_exposure_usdt"]) == ("30", "10")
    assert body["by_asset"][asset]["size"] == "1"


@pytest.mark.parametrize("asked", [{}, {"asset": "NEVERHELD"}, {"include_positions": "true"}])
def test_an_empty_portfolio_is_all_zeros(
    service: Service, account: str, asked: dict[str, str]
) -> None:
    answer = service.get("/api/v1/portfolio", params={"account": account} | asked)

    assert answer.status_code == 200
    body = answer.json()
    assert is_time(body.pop("calculated_at"))
    assert body.pop("positions", []) == []
    assert body == EMPTY | ({"equity_usdt": None} if "asset" in asked else {})


def test_exposure_is_served(service: Service, account: str, assets: tuple[str, str, str]) -> None:
    asked = {"account": account}
    body = service.get("/api/v1/portfolio/exposure", params=asked).json()
    portfolio = service.get("/api/v1/portfolio", params=asked).json()

    assert is_time(body.pop("calculated_at"))
    assert body == {
        "total_exposure_usdt": "311",
        "by_asset": portfolio["by_asset"],
        "complete": False,
        "unpriced": [assets[2]],
        "assumed_instruments": [],
        "stale_rates": [],
    }


def test_pnl_is_served(service: Service, account: str, assets: tuple[str, str, str]) -> None:
    asked = {"account": account}
    body = service.get("/api/v1/portfolio/pnl", params=asked).json()
    portfolio = service.get("/api/v1/portfolio", params=asked).json()

    assert is_time(body.pop("calculated_at"))
    assert body == {
        "total_unrealized_pnl_usdt": "29",
        "total_realized_pnl_usdt": "10",
        "total_pnl_usdt": "39",
        "realized_net_usdt": "10",
        "fees_usdt": "1",
        "funding_usdt": "0",
        "net_pnl_usdt": "38",
        "by_asset": portfolio["by_asset"],
        "complete": False,
        "unpriced": [assets[2]],
        "assumed_instruments": [],
        "stale_rates": [],
    }


def test_the_total_paths_need_no_account(service: Service) -> None:
    for path in ("/api/v1/portfolio", "/api/v1/portfolio/exposure", "/api/v1/portfolio/pnl"):
        assert service.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/api/v1/portfolio", "include_positions", "yes"),
        ("/api/v1/portfolio", "asset", "A,B"),
        ("/api/v1/portfolio/exposure", "account", "x" * 65),
        ("/api/v1/portfolio/pnl", "account", "-"),
    ],
)
def test_a_bad_value_is_refused_by_name(service: Service, path: str, name: str, value: str) -> None:
    assert_refused(service.get(path, params={name: value}), 400, name)


def test_amounts_parse_as_floats(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "1", "100")
    service.mark(asset, "104")

    body = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()

    assert float(body["unrealized_pnl_pct"]) > 3.0
    assert float(body["position_size_norm"]) > 0.8
    assert float(body["size"]) == 1
