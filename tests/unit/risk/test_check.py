"""A check predicts the effect of a fill."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, fill, ticker

CASES = 200
ACCOUNTS = ("left", "right")
# All but the last have a price; INVERSEUSD settles in COIN, which has a rate.
ASSETS = ("LINEARUSDT", "MILLIUSDT", "INVERSEUSD", "COINUSDT", "DARKUSDT")
LEGS = (None, "long", "short")
LIMITS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("gross_exposure", "100000", {}),
    ("net_exposure", "20000", {"account": "left"}),
    ("position_size", "20", {"asset": "LINEARUSDT"}),
    ("exposure_share", "0.6", {"account": "right"}),
    ("drawdown", "1000", {"account": "left"}),
    ("daily_loss", "1000", {}),
    ("open_positions", "6", {}),
)
TOTALS = {"by_asset", "limits", "limit_exceeded", "calculated_at", "equity_usdt", "return",
    "cash_usdt", "missing_rates",
}  # fmt: skip
Document = dict[str, Any]


@pytest.fixture
def market(ledger: Ledger) -> Ledger:
    """A ledger whose instruments are defined, priced and limited."""
    ledger.define("MILLIUSDT", multiplier="0.001")
    ledger.define("INVERSEUSD", kind="inverse", multiplier="100", settlement_currency="COIN")
    ledger.define("COINUSDT", kind="spot")
    for asset, price in zip(ASSETS, ("101.5", "98765.4321", "103.7", "104"), strict=False):
        ledger.price(ticker(price, "2026-01-01T00:00:00Z", asset))
    for metric, level, scope in LIMITS:
        limit(ledger, metric, level, **scope)
    return ledger


def limit(ledger: Ledger, metric: str, level: str, **scope: str) -> None:
    with ledger.operator.transaction():
        ledger.operator.execute(
            "SELECT api.set_limit(%s, %s, account => %s, asset => %s)",
            [metric, Decimal(level), scope.get("account"), scope.get("asset")],
        )


def random_fills(chance: random.Random) -> Iterator[dict[str, str]]:
    """Arguments of checks: two thirds against round sizes, so that legs become flat and flip."""
    for number in range(CASES):
        quantity = Decimal(
            chance.choice(("1", "2", "3", "0.5", "7"))
            if chance.random() < 0.67
            else Decimal(chance.randint(1, 10**10)).scaleb(-9)
        )
        leg = chance.choice(LEGS)
        yield {
            "account": chance.choice(ACCOUNTS),
            "asset": chance.choice(ASSETS if number > CASES // 2 else ASSETS[:-1]),
            "side": chance.choice(("buy", "Sell")),
            "quantity": f"{quantity:f}",
            "price": f"{Decimal(chance.randint(9_000, 11_000)).scaleb(-2):f}",
            "fee": f"{Decimal(chance.randint(-(10**5), 10**6)).scaleb(-6):f}",
        } | ({} if leg is None else {"position_side": leg})


def made(case: dict[str, str], number: int) -> Document:
    """The same fill as order-manager sends it."""
    more = {name: case[name] for name in ("account", "position_side") if name in case}
    return fill(
        f"case-{number}", case["side"], case["quantity"], case["price"], case["fee"],
        case["asset"], f"2026-01-{1 + number // 60:02}T00:{number % 60:02}:00Z", **more,
    )  # fmt: skip


def position(ledger: Ledger, case: dict[str, str], like: Document) -> Document | None:
    """The fields of the published position that a check shows."""
    key = {
        "account": case["account"],
        "asset": case["asset"],
        "mode": "hedge" if "position_side" in case else "one-way",
    }
    found = ledger.call("get_position", **key)
    if "error_code" in found:
        return None
    exposure = ledger.position(**key)["exposure_usdt"]
    shown = found | {"exposure_usdt": None if exposure is None else f"{exposure:f}"}
    return {name: shown[name] for name in like}


def portfolio(ledger: Ledger, account: str | None) -> Document:
    found = ledger.call("get_portfolio", account=account)
    return {name: value for name, value in found.items() if name not in TOTALS}


def limits(ledger: Ledger, account: str) -> list[Document]:
    return [
        {name: each[name] for name in ("value", "utilisation", "level")}
        for each in ledger.call("get_portfolio")["limits"]
        if each["account"] in (None, account)
    ]


def test_a_check_predicts_the_outcome_of_the_fill(market: Ledger, seed: int) -> None:
    flips = refused = judged = 0
    for number, case in enumerate(random_fills(random.Random(seed))):
        account = case["account"]
        checked = market.call("check_fill", **case)
        assert "error_code" not in checked, checked
        before, after = checked["position"]["before"], checked["position"]["after"]

        assert before == position(market, case, after)
        assert checked["portfolio"]["before"] == portfolio(market, account)
        assert market.apply(made(case, number)) == ["applied"]
        assert after == position(market, case, after), (seed, case)
        assert checked["portfolio"]["after"] == portfolio(market, account), (seed, case)
        # The limits are on all accounts; they value an unpriced asset at the price of the fill.
        if portfolio(market, None)["complete"]:
            assert [each["after"] for each in checked["limits"]] == limits(market, account)
            judged += 1
        flips += before is not None and Decimal(before["size"]) * Decimal(after["size"]) < 0
        refused += not checked["allowed"]

    assert flips > 3
    assert judged > CASES // 2
    assert 0 < refused < CASES


def check(ledger: Ledger, **case: str) -> Document:
    return ledger.call("check_fill", **({"asset": "LINEARUSDT", "side": "buy"} | case))


def test_a_check_writes_nothing(market: Ledger) -> None:
    with market.operator.transaction():
        market.operator.execute("SET TRANSACTION READ ONLY")
        row = market.operator.execute(
            "SELECT api.check_fill('NEWUSDT', 'buy', '1', '100') ->> 'allowed'"
        ).fetchone()

    assert row == ("true",)


def test_a_fill_that_breaches_a_limit_is_not_allowed(market: Ledger) -> None:
    assert check(market, quantity="20")["allowed"]

    checked = check(market, quantity="20.000000000000000001")

    assert not checked["allowed"]
    (size,) = [each for each in checked["limits"] if each["metric"] == "position_size"]
    assert size["before"] == {"value": "0", "utilisation": "0", "level": "ok"}
    assert size["after"]["level"] == "breach"


def test_a_breached_limit_allows_only_reductions(market: Ledger) -> None:
    market.apply(fill("a", "buy", "30", "100", asset="LINEARUSDT"))

    assert not check(market, quantity="1")["allowed"]
    assert check(market, quantity="1", side="sell")["allowed"]
    assert check(market, quantity="1", asset="COINUSDT")["allowed"]


def test_an_asset_without_a_price_is_valued_at_the_fill_price(market: Ledger) -> None:
    checked = check(market, asset="DARKUSDT", quantity="2", price="50001")

    assert checked["portfolio"]["after"]["unpriced"] == ["DARKUSDT"]
    assert checked["position"]["after"]["exposure_usdt"] is None
    (gross,) = [each for each in checked["limits"] if each["id"] == "portfolio/gross_exposure"]
    assert gross["after"]["value"] == "100002"
    assert not checked["allowed"]


def test_the_default_fill_price_is_the_mark_price(market: Ledger) -> None:
    assert check(market, quantity="1")["fill"] == {
        "account": "main", "book": None, "asset": "LINEARUSDT", "mode": "one-way",
        "position_side": None, "side": "buy", "quantity": "1", "price": "101.5", "fee": "0",
    }  # fmt: skip


def test_the_default_portfolio_covers_all_accounts(market: Ledger) -> None:
    market.apply(fill("a", "buy", "30", "100", asset="LINEARUSDT", account="left"))

    checked = check(market, quantity="1")

    assert checked["position"]["before"] is None
    assert checked["portfolio"]["before"] == portfolio(market, None)
    assert checked["portfolio"]["after"]["open_positions_count"] == 2
    assert {each["account"] for each in checked["limits"]} == {None}


BAD = (
    ({"asset": ""}, "asset"),
    ({"asset": "?"}, "asset"),
    ({"side": "hold"}, "side"),
    ({"side": ""}, "side"),
    ({"quantity": "0"}, "quantity"),
    ({"quantity": ""}, "quantity"),
    ({"quantity": "1e21"}, "quantity"),
    ({"price": "-1"}, "price"),
    ({"asset": "DARKUSDT"}, "price"),
    ({"fee": "NaN"}, "fee"),
    ({"mode": "both"}, "mode"),
    ({"mode": "hedge"}, "position_side"),
    ({"position_side": "net"}, "position_side"),
    ({"mode": "one-way", "position_side": "long"}, "position_side"),
    ({"account": "-"}, "account"),
)


def test_a_bad_argument_is_refused_by_name(market: Ledger) -> None:
    for case, field in BAD:
        refused = check(market, **({"quantity": "1"} | case))

        assert refused.get("error_code") == "VALIDATION_ERROR", case
        assert set(refused["details"]) == {field}
        assert refused["message"].startswith(f"{field}: "), case


def test_an_order_size_is_judged_by_each_fill_alone(market: Ledger) -> None:
    limit(market, "order_size", "1015")
    limit(market, "order_size", "500", asset="MILLIUSDT")
    limit(market, "order_size", "2000", account="left", asset="INVERSEUSD")
    market.apply(fill("a", "buy", "10", "100", asset="LINEARUSDT"))

    def sizes(**case: str) -> tuple[dict[str, str], list[str]]:
        checked = check(market, **case)
        found = [each for each in checked["limits"] if each["metric"] == "order_size"]
        assert all(each["before"]["value"] == "0" for each in found)
        harmed = [each for each in checked["newly_breached"] if "order_size" in each]
        assert checked["allowed"] or checked["newly_breached"] + checked["worsened"]
        return {each["id"]: each["after"]["value"] for each in found}, harmed

    whole, milli = "portfolio/order_size", "asset/MILLIUSDT/order_size"
    assert sizes(quantity="10") == ({whole: "1015", milli: "0"}, [])
    assert sizes(quantity="10", side="sell", price="101.51") == (
        {whole: "1015.1", milli: "0"}, [whole],
    )  # fmt: skip
    assert sizes(asset="MILLIUSDT", quantity="6", price="100000") == (
        {whole: "600", milli: "600"}, [milli],
    )  # fmt: skip
    # 1040 USD are 10 COIN, at 104 USDT each.
    inverse = sizes(asset="INVERSEUSD", quantity="10.4", price="104", account="left")
    assert inverse == (
        {whole: "1040", milli: "0", "asset/left/INVERSEUSD/order_size": "1040"}, [whole],
    )  # fmt: skip


def test_a_refusal_tells_new_breaches_from_those_that_it_worsens(market: Ledger) -> None:
    market.apply(fill("a", "buy", "30", "100", asset="LINEARUSDT"))
    limit(market, "gross_exposure", "3100")

    checked = check(market, quantity="1")

    assert checked["newly_breached"] == ["portfolio/gross_exposure"]
    assert checked["worsened"] == ["asset/LINEARUSDT/position_size"]
