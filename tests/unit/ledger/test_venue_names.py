"""Names of assets and accounts as venues and producers write them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.ledger import Ledger, fill

ASSETS = [
    ("BTC/USDT:USDT", "BTC/USDT:USDT"),
    ("BRK/B", "BRK/B"),
    ("ES=F", "ES=F"),
    ("^GSPC", "^GSPC"),
    ("xyz:TSLA", "XYZ:TSLA"),
    ("币安人生USDT", "币安人生USDT"),
    ("AAPL  260116C00150000", "AAPL  260116C00150000"),
    ("BTC-26DEC26-100000-C-SETTLED-IN-USDC", "BTC-26DEC26-100000-C-SETTLED-IN-USDC"),
    ("usdc.e", "USDC.E"),
    ("W", "W"),
    ("straße", "STRASSE"),
    ("é", "É"),
    ("e\u0301", "É"),
    ("ω#1&2+3@4_5", "Ω#1&2+3@4_5"),
    (" BTC ", "BTC"),
    ("रुपया", "रुपया"),
    ("x" * 64, "X" * 64),
]
NOT_NAMES = [
    "x" * 65, "A\u202eB", "A\u200bB", "A\u00adB", "A\tB", "A\nB", "A\x7fB", "A\u00a0B", "A\u3000B",
    'A"B', "A\\B", "A'B", "A%B", "A,B", "A;B", "A*B", "A?B", "A(B", "A{B", "A|B", "A~B", "A`B",
    "A<B", "A$B", "A!B", "A🚀", "-", "..", "/", "\u3164", "A\u3164", "A\ufe0f", "A\u0378",
]  # fmt: skip


@pytest.mark.parametrize(("literal", "name"), ASSETS)
def test_an_asset_is_named_as_venues_do(ledger: Ledger, literal: str, name: str) -> None:
    assert ledger.apply(fill("a", "Buy", "1", "10", asset=literal)) == ["applied"]
    assert ledger.position(name)["size"] == 1


@pytest.mark.parametrize("literal", NOT_NAMES)
def test_other_texts_name_nothing(ledger: Ledger, literal: str) -> None:
    judged = ledger.judge(
        "apply_order_events",
        [
            fill("a", "Buy", "1", "10", asset=literal),
            fill("a", "Buy", "1", "10", account=literal),
        ],
    )

    assert [reason for _, reason, _ in judged] == ["invalid_asset", "invalid_account"]


@pytest.mark.parametrize(
    ("literal", "name"),
    [
        ("sub@desk.example", "sub@desk.example"),
        ("Main Account", "Main Account"),
        ("DU12/34", "DU12/34"),
        ("  Main Account ", "Main Account"),
        ("Zu\u0308rich", "Zürich"),
        ("交易台 1", "交易台 1"),
    ],
)
def test_an_account_keeps_its_case(ledger: Ledger, literal: str, name: str) -> None:
    assert ledger.apply(fill("a", "Buy", "1", "10", account=literal)) == ["applied"]
    assert ledger.position(account=name)["size"] == 1


@pytest.mark.parametrize("coin", ["W", "S", "USDC.e", "ω"])
def test_a_fee_coin_is_named_like_an_asset(ledger: Ledger, coin: str) -> None:
    ticker = {
        "event_type": "ticker",
        "payload": {
            "symbol": f"{coin}USDT", "mark_price": "2", "timestamp": "2025-12-31T00:00:00Z",
        },
    }  # fmt: skip
    assert ledger.price(ticker) == ["applied"]

    ledger.apply(fill("a", "Buy", "1", "10", "0.5", fee_currency=coin))

    assert ledger.position()["fees_paid"] == 1


def test_names_with_separators_stay_apart(ledger: Ledger, owner: Any) -> None:
    pairs = [("a/b", "C"), ("a", "B/C"), ("a:b", "C"), ("a", "B:C")]
    for number, (account, asset) in enumerate(pairs):
        ledger.apply(fill(str(number), "Buy", "1", "10", account=account, asset=asset))

    ids = {ledger.position(asset, account=account)["id"] for account, asset in pairs}
    assert len(ids) == len(pairs)
    assert owner.execute(
        "SELECT DISTINCT o.aggregateid, o.trace_id FROM pms.outbox o ORDER BY 2"
    ).fetchall() == [
        ("a%2Fb/C/one-way", "trace-0"),
        ("a/B%2FC/one-way", "trace-1"),
        ("a:b/C/one-way", "trace-2"),
        ("a/B:C/one-way", "trace-3"),
    ]


def test_the_id_of_a_position_stays(owner: Any) -> None:
    query = "SELECT pms.position_id('main', 'BTCUSDT', 'one-way')::text"
    assert owner.execute(query).fetchall() == [("584fea24-ccf5-87d5-8505-954e2b6eb2d3",)]
