"""Busts and corrections of fills that share an execution id."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, correction, elsewhere, fill, numbered
from tests.helpers.owner_queries import OwnerQueries

BUY = fill("1", "Buy", "2", "100", order_id="a")
SELL = fill("1", "Sell", "1", "100", order_id="b")
ETH = fill("1", "Buy", "7", "10", asset="ETHUSDT", order_id="c")
LONG = fill("1", "Buy", "9", "100", order_id="d", position_side="long")
ALL = {"BTCUSDT/net": D(1), "ETHUSDT/net": D(7), "BTCUSDT/long": D(9)}

HELD = """
    SELECT p.asset || '/' || p.leg AS leg, p.size
    FROM pms.positions p
    WHERE p.account = %(account)s AND p.version > 0
"""
NAMED: list[tuple[dict[str, str], dict[str, D]]] = [
    ({"asset": "ETHUSDT"}, {"ETHUSDT/net": D(0)}),
    ({"symbol": "ethusdt"}, {"ETHUSDT/net": D(0)}),
    ({"position_side": "LONG"}, {"BTCUSDT/long": D(0)}),
    ({"position_side": "hedge_long "}, {"BTCUSDT/long": D(0)}),
    ({"side": "SELL"}, {"BTCUSDT/net": D(2)}),
    ({"side": "Sell "}, {"BTCUSDT/net": D(2)}),
    ({"side": "s"}, {"BTCUSDT/net": D(2)}),
    ({"order_id": "a"}, {"BTCUSDT/net": D(-1)}),
    ({"order_id": "b"}, {"BTCUSDT/net": D(2)}),
    ({"asset": "BTCUSDT", "side": "buy", "position_side": "both"}, {"BTCUSDT/net": D(-1)}),
]


def held(queries: OwnerQueries, account: str = "main") -> dict[str, D]:
    return {row["leg"]: row["size"] for row in queries.rows(HELD, account=account)}


@pytest.mark.parametrize(("name", "left"), NAMED, ids=str)
def test_a_bust_names_one_of_several_fills(
    name: dict[str, str], left: dict[str, D], ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(BUY, SELL, ETH, LONG)

    assert ledger.apply(bust("1", **name)) == ["applied"]
    assert held(queries) == ALL | left
    assert ledger.apply(bust("1", **name)) == ["duplicate"]
    queries.assert_sound()


def test_a_correction_that_waits_is_known_beside_its_fill(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    corrected = correction("1", asset="ETHUSDT", execution_quantity="5")
    ledger.apply(BUY)
    assert ledger.apply(corrected) == ["applied"]

    assert ledger.apply(ETH, corrected) == ["applied", "duplicate"]
    assert held(queries)["ETHUSDT/net"] == D(5)
    queries.assert_sound()


def test_a_bust_that_several_fills_fit_is_rejected(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(BUY, SELL, ETH, LONG)

    for name, fits, add in (
        ({}, 4, "asset or position_side or side or order_id or identity"),
        ({"side": "buy"}, 3, "asset or position_side or order_id or identity"),
        ({"asset": "BTCUSDT", "side": "buy"}, 2, "position_side or order_id or identity"),
    ):
        [(outcome, reason, detail)] = ledger.judge("apply_order_events", [bust("1", **name)])
        assert (outcome, reason) == ("rejected", "ambiguous_identity")
        assert detail == f"execution_id: {fits} fills have it; add {add}"
    assert held(queries) == ALL
    assert queries.value("SELECT count(*) FROM pms.amendments") == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ({"position_side": "sideways"}, "invalid_position_side"),
        ({"side": "up"}, "invalid_side"),
        ({"asset": 'B"B'}, "invalid_asset"),
    ],
)
def test_a_name_that_cannot_be_read_names_no_fill(
    name: dict[str, str], reason: str, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(LONG)

    for message in (bust("1", **name), correction("1", execution_price="90", **name)):
        [(outcome, found, _)] = ledger.judge("apply_order_events", [message])
        assert (outcome, found) == ("rejected", reason)
    assert held(queries) == {"BTCUSDT/long": D(9)}


def test_each_of_several_fills_is_busted_once(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(BUY, ETH)
    assert ledger.apply(bust("1", asset="ETHUSDT"), bust("1", asset="BTCUSDT")) == [
        "applied", "applied",
    ]  # fmt: skip
    assert set(held(queries).values()) == {D(0)}
    assert ledger.apply(bust("1", order_id="a"), bust("1", order_id="c")) == ["duplicate"] * 2
    queries.assert_sound()


def test_a_bust_and_a_correction_wait_for_the_fill_that_they_name(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [
        BUY,
        ETH,
        bust("1", asset="ETHUSDT"),
        correction("1", asset="BTCUSDT", execution_quantity="3"),
    ]
    for account, order in numbered(permutations(messages)):
        for each in order:
            assert ledger.apply(elsewhere(each, account)) == ["applied"]
        assert held(queries, account) == {"BTCUSDT/net": D(3), "ETHUSDT/net": D(0)}, order
        again = [elsewhere(each, account) for each in order]
        assert ledger.apply(*again) == ["duplicate"] * 4, order
    queries.assert_sound()


@pytest.mark.parametrize(
    ("name", "price"), [({"side": "sell"}, "90"), ({"order_id": "b"}, "90")], ids=str
)
def test_a_correction_names_one_side_of_a_self_trade(
    name: dict[str, Any], price: str, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(BUY, SELL)

    [(outcome, reason, _)] = ledger.judge(
        "apply_order_events", [correction("1", execution_price=price)]
    )
    assert (outcome, reason) == ("rejected", "ambiguous_identity")
    assert ledger.apply(correction("1", execution_price=price, **name)) == ["applied"]
    assert queries.state()["realized"] == D(-10)


def test_the_identity_of_a_fill_names_it(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(BUY, ETH)
    for row in queries.rows("SELECT e.identity FROM pms.ledger_entries e"):
        assert ledger.apply(bust(None, identity=row["identity"])) == ["applied"]
        assert ledger.apply(bust(None, identity=row["identity"])) == ["duplicate"]
    assert set(held(queries).values()) == {D(0)}
