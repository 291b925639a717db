"""POST /api/v1/portfolio/check."""

from __future__ import annotations

from tests.helpers.service import Service, assert_refused

CHECK = "/api/v1/portfolio/check"


def test_a_reader_previews_a_fill(
    service: Service, reader_key: str, account: str, asset: str
) -> None:
    service.fill(account, asset, "2", "100")
    service.mark(asset, "110")

    answer = service.post(
        CHECK,
        key=reader_key,
        params={
            "account": account, "asset": asset.lower(), "side": "SELL", "quantity": "3",
            "price": "120.5", "fee": "0.25",
        },
    )  # fmt: skip

    assert answer.status_code == 200, answer.text
    checked = answer.json()
    assert checked["allowed"] is True
    assert checked["position"]["before"]["size"] == "2"
    assert checked["position"]["after"]["size"] == "-1"
    assert checked["position"]["after"]["average_entry_price"] == "120.5"
    assert checked["position"]["after"]["exposure_usdt"] == "110"
    assert checked["portfolio"]["before"]["net_exposure_usdt"] == "220"
    assert checked["portfolio"]["after"]["net_exposure_usdt"] == "-110"
    held = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    assert held["size"] == "2"


def test_an_impossible_value_is_refused_by_name(service: Service, asset: str) -> None:
    asked = {"asset": asset, "side": "buy", "quantity": "1", "price": "1"}

    for name, value in (("side", "up"), ("quantity", "-1"), ("price", "'"), ("fee", "x")):
        assert_refused(service.post(CHECK, params=asked | {name: value}), 400, name)
    assert_refused(service.get(CHECK, params=asked), 405)
