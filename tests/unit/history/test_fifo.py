"""FIFO lots beside the average cost."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.adjustments import adjust
from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.messages import at, bust, buy, correction, funding, sell


def lots(analyst: Analyst, **wanted: object) -> list[tuple[Any, ...]]:
    return [
        (row["quantity"], row["price"], row["cost"])
        for row in analyst.view("fifo_lots", **({"asset": "BTCUSDT"} | wanted))
    ]


def figures(analyst: Analyst, method: str = "fifo", **wanted: object) -> tuple[Any, ...]:
    """Cost, realized and unrealized PnL by one method."""
    [row] = analyst.view("fifo_positions", **({"asset": "BTCUSDT"} | wanted))
    return tuple(row[f"{method}_{name}"] for name in ("cost", "realized", "unrealized_pnl"))


def total(row: Row, method: str) -> D:
    earned: D = row[f"{method}_realized"] + row[f"{method}_unrealized_pnl"]
    return earned


def test_the_first_unit_bought_is_the_first_one_sold(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "2", "100", 1), buy("b", "3", "110", 2), sell("c", "1", "120", 3),
        buy("d", "1", "90", 4), sell("e", "2", "115", 5),
    )  # fmt: skip
    ledger.price(ticker("100", at(6)))

    # Two at 100 are sold, and one at 110.
    assert lots(analyst) == [(1, 90, 90), (2, 110, 220)]
    assert figures(analyst) == (310, 20 + 15 + 5, -10)
    assert figures(analyst, "average")[0] == D("308.4")
    [row] = analyst.view("fifo_positions")
    assert (row["size"], row["lots"], row["current_price"]) == (3, 2, 100)
    assert (row["fifo_average_entry_price"], row["average_entry_price"]) == (
        D("103.333333333333"),
        D("102.8"),
    )
    assert total(row, "fifo") == total(row, "average")


def test_lots_refer_to_their_entries(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(sell("a", "2", "100", 1), funding("f", "1", at(2)), sell("b", "1", "90", 3))

    newest, oldest = analyst.view("fifo_lots")
    ids = {row["identity"]: row["id"] for row in analyst.explain()}
    assert (newest["entry_id"], oldest["entry_id"]) == (ids["execution:b"], ids["execution:a"])
    assert [lot["quantity"] for lot in (newest, oldest)] == [-1, -2]
    assert [lot["cost"] for lot in (newest, oldest)] == [-90, -200]
    assert newest["executed_at"].minute == 3


def test_a_flat_leg_has_no_lots_and_both_methods_agree(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "1", "100", 1), buy("b", "1", "120", 2), sell("c", "2", "130", 3, fee="5")
    )

    assert lots(analyst) == []
    assert figures(analyst) == figures(analyst, "average") == (0, 40, 0)
    [row] = analyst.view("fifo_positions")
    assert (row["lots"], row["fifo_average_entry_price"]) == (0, None)


def test_a_flip_leaves_one_lot_of_its_opening_part(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("b", "1", "120", 2), sell("c", "5", "130", 3))

    assert lots(analyst) == [(-3, 130, -390)]
    assert figures(analyst) == (-390, 40, None)


def test_lots_ignore_voided_entries(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "1", "100", 1), buy("b", "1", "110", 2), buy("c", "1", "120", 3),
        sell("d", "1", "130", 4),
    )  # fmt: skip
    ledger.apply(bust("c"), correction("b", execution_price="105"))
    assert lots(analyst) == [(1, 105, 105)]

    # A late one is the first in.
    ledger.apply(buy("late", "1", "90", 0))
    assert lots(analyst) == [(1, 105, 105), (1, 100, 100)]


def test_lots_beyond_one_read_are_found(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(*(buy(f"{n}", "1", f"{n + 1}", n) for n in range(250)))
    ledger.apply(sell("out", "20", "500", 250))

    assert [cost for _, _, cost in lots(analyst)] == list(range(250, 20, -1))


def test_a_partial_inverse_lot_costs_its_share(ledger: Ledger, analyst: Analyst) -> None:
    ledger.define("BTCUSD", kind="inverse", multiplier=100, settlement_currency="BTC")
    ledger.apply(
        buy("a", "3", "7", 1, asset="BTCUSD"), buy("b", "1", "9", 2, asset="BTCUSD"),
        sell("c", "2", "8", 3, asset="BTCUSD"),
    )  # fmt: skip

    [newest, oldest] = lots(analyst, asset="BTCUSD")
    assert newest == (1, 9, D("-11.111111111111111111"))
    # A third of 300 / 7.
    assert oldest == (1, 7, D("-14.285714285714285714"))
    assert figures(analyst, asset="BTCUSD")[0] == newest[2] + oldest[2]


def test_a_base_fee_leaves_the_cash_paid_as_cost(ledger: Ledger, analyst: Analyst) -> None:
    ledger.define("BTCUSDT", kind="spot")
    ledger.apply(buy("a", "1", "100", 1, fee="0.2", fee_currency="BTC"))

    assert lots(analyst) == [(D("0.8"), 125, 100)]


def test_a_transfer_takes_the_oldest_lots_and_arrives_as_one(
    ledger: Ledger, analyst: Analyst
) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("b", "1", "120", 2))
    with ledger.operator.transaction():
        [[moved]] = ledger.operator.execute(
            "SELECT api.record_transfer(transfer_id => 't', asset => 'BTCUSDT',"
            " from_account => 'main', to_account => 'other', quantity => '1')"
        ).fetchall()
    assert moved["outcome"] == "applied"

    assert lots(analyst, account="main") == [(1, 120, 120)]
    # At average cost.
    assert lots(analyst, account="other") == [(1, 110, 110)]
    # Bought for 100 and transferred at 110: the average shows no profit.
    assert figures(analyst, account="main")[:2] == (120, 10)
    assert figures(analyst, "average", account="main")[:2] == (110, 0)


def test_an_adjustment_makes_one_lot_and_both_methods_agree(
    ledger: Ledger, analyst: Analyst, dsn: str
) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("b", "1", "120", 2), sell("c", "1", "130", 3))
    assert figures(analyst)[:2] == (120, 30)
    adjust(dsn, at(4), "4", "400")
    assert lots(analyst) == [(4, 100, 400)]
    assert figures(analyst) == figures(analyst, "average") == (400, 20, None)

    ledger.apply(sell("d", "1", "150", 5), buy("e", "1", "170", 6))
    assert lots(analyst) == [(1, 170, 170), (3, 100, 300)]
    assert figures(analyst)[1] == 70

    adjust(dsn, at(7), "4", "440")
    ledger.apply(sell("f", "1", "120", 8))
    assert lots(analyst) == [(3, 110, 330)]
    assert figures(analyst)[:2] == (330, 80)


def test_an_adjustment_may_open_and_flip_a_leg(ledger: Ledger, analyst: Analyst, dsn: str) -> None:
    ledger.apply(buy("x", "1", "1", 0), sell("y", "1", "1", 1))
    adjust(dsn, at(2), "2", "200")
    assert lots(analyst) == [(2, 100, 200)]

    adjust(dsn, at(3), "-1", "-90")
    assert lots(analyst) == [(-1, 90, -90)]


def test_each_leg_of_a_hedge_has_its_own_lots(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(
        buy("a", "2", "100", 1, mode="hedge", position_side="long"),
        sell("b", "1", "90", 2, mode="hedge", position_side="short"),
        sell("c", "1", "110", 3, mode="hedge", position_side="long"),
    )

    assert lots(analyst, leg="long") == [(1, 100, 100)]
    assert lots(analyst, leg="short") == [(-1, 90, -90)]
    assert lots(analyst, mode="one-way") == []


def test_lots_without_a_price_have_no_value(ledger: Ledger, analyst: Analyst) -> None:
    ledger.apply(buy("a", "2", "100", 1))

    assert figures(analyst) == (200, 0, None)


@pytest.mark.parametrize("size", ["1", "3", "-2"])
def test_a_row_that_differs_from_its_ledger_gets_no_figures(
    ledger: Ledger, analyst: Analyst, dsn: str, size: str
) -> None:
    ledger.apply(buy("a", "1", "100", 1), buy("b", "1", "120", 2), sell("c", "0.5", "110", 3))
    with psycopg.connect(dsn) as conn:
        conn.execute("UPDATE pms.positions SET size = %s", [size])

    if size == "1":
        # The difference does not show: the lots still cover the size.
        assert figures(analyst)[0] == 120
    else:
        assert figures(analyst) == (None, None, None)
