"""Totals of orders: rounded averages, order ids that restart, fees in several currencies."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill, numbered, status
from tests.helpers.owner_queries import OwnerQueries

REVIEWS = """
    SELECT r.account, r.asset, r.leg, r.code, r.source
    FROM pms.reviews r
    ORDER BY r.account, r.asset, r.leg, r.code, r.source
"""
FEES = """
    SELECT coalesce(e.fee_currency, 'USDT') AS currency, sum(coalesce(e.fee_native, e.fee)) AS fee
    FROM pms.ledger_entries e
    WHERE e.account = %(account)s
    GROUP BY 1
"""
# Totals of an order, each [quantity, average]: the venue rounds averages to 8 decimals, or to 2.
ROUNDED = {
    "below zero": [("1000000", "0.00000812"), ("1000001", "0.00000811")],
    "absurdly high": [("1000000", "0.00000812"), ("1000001", "0.00000813")],
    "8 decimals written": [("1000", "0.00001234"), ("1000.5", "0.00001233"), ("2000", "0.0000124")],
    "cents": [("300", "101.27"), ("300.01", "101.26")],
    "exactly zero": [("100", "0.02"), ("200", "0.01")],
}


def total(
    quantity: str, average: str, order: str = "o", fees: str | None = "0", **more: Any
) -> dict[str, Any]:
    return status(order, "partially_filled", quantity, average, fees, **more)


@pytest.mark.parametrize("totals", ROUNDED.values(), ids=ROUNDED)
@pytest.mark.parametrize("side", ["Buy", "Sell"])
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_the_rounding_of_an_average_explains_the_price_of_a_step(
    totals: list[tuple[str, str]],
    side: str,
    batched: bool,
    ledger: Ledger,
    queries: OwnerQueries,
) -> None:
    messages = [total(*each, side=side) for each in totals]
    batches = [messages] if batched else [[each] for each in messages]
    assert [outcome for batch in batches for outcome in ledger.apply(*batch)] == ["applied"] * len(
        messages
    )

    sign = 1 if side == "Buy" else -1
    held = queries.state()
    quantity, average = map(D, totals[-1])
    assert held["size"] == sign * quantity
    assert abs(held["cost"] - sign * quantity * average) < D("1e-14")
    assert queries.rows(REVIEWS) == []
    prices = queries.rows("SELECT e.price FROM pms.entries e")
    assert all(D(totals[0][1]) / 2 <= row["price"] <= 2 * D(totals[0][1]) for row in prices)
    assert ledger.apply(*messages) == ["duplicate"] * len(messages)
    queries.assert_sound()


def test_a_rounded_step_is_worth_its_multiple(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.define("BTCUSDT", multiplier="0.001")
    for each in ROUNDED["8 decimals written"]:
        ledger.apply(total(*each))

    assert round(queries.state()["cost"], 15) == D("0.0000248")
    queries.assert_sound()


# Totals of an inverse contract, and the price of the last step: what is worth the difference.
INVERSE = {
    "exact": ([("1", "50000"), ("2", "40000")], "33333.333333333333333333"),
    "rounded": ([("300", "101.27"), ("300.01", "101.26")], "101.26"),
}


@pytest.mark.parametrize(("totals", "price"), INVERSE.values(), ids=INVERSE)
@pytest.mark.parametrize("side", ["Buy", "Sell"])
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_an_order_of_an_inverse_contract_costs_what_its_total_is_worth(
    totals: list[tuple[str, str]],
    price: str,
    side: str,
    batched: bool,
    ledger: Ledger,
    queries: OwnerQueries,
) -> None:
    ledger.define("BTCUSDT", kind="inverse", multiplier="100")
    messages = [total(*each, side=side) for each in totals]
    for batch in [messages] if batched else [[each] for each in messages]:
        ledger.apply(*batch)

    held = queries.state()
    quantity, average = map(D, totals[-1])
    sign = 1 if side == "Buy" else -1
    assert held["size"] == sign * quantity
    assert abs(held["cost"] + sign * quantity * 100 / average) < D("1e-15")
    steps = queries.rows("SELECT e.price FROM pms.entries e ORDER BY e.id")
    assert steps[-1]["price"] == D(price)
    queries.assert_sound()


def test_executions_of_an_inverse_contract_keep_their_prices_beside_totals(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define("BTCUSDT", kind="inverse", multiplier="100")
    ledger.apply(total("1", "50000"))
    ledger.apply(fill("e1", "Buy", "1", "50000", order_id="o"))

    assert ledger.apply(fill("e2", "Buy", "1", "33333", order_id="o")) == ["applied"]

    steps = queries.rows("SELECT e.price FROM pms.entries e ORDER BY e.id")
    assert [row["price"] for row in steps] == [D(50000), D(33333)]
    queries.assert_sound()


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_a_total_that_contradicts_what_was_applied_counts_its_quantity(
    batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [total("0.5", "100"), total("0.6", "50")]
    batches = [messages] if batched else [[each] for each in messages]
    judged = [each for batch in batches for each in ledger.judge("apply_order_events", batch)]

    assert [(outcome, reason) for outcome, reason, _ in judged] == [
        ("applied", None), ("applied", "inconsistent_total"),
    ]  # fmt: skip
    assert judged[1][2] == (
        "order.average_price: implies an impossible price for the new part: -200"
    )
    # The new part costs the average.
    assert (queries.state()["size"], queries.state()["cost"]) == (D("0.6"), D(55))
    assert [(row["code"], row["source"]) for row in queries.rows(REVIEWS)] == [
        ("inconsistent_total", "order:o:0.6@1764618298")
    ]
    assert ledger.position()["needs_review"] is True
    assert ledger.apply(*messages) == ["duplicate", "duplicate"]


SETTLED = {
    "a later sound total": total("1", "105"),
    "a bust": bust(None, identity="order:o:0.6@1764618298"),
    "a correction": correction(None, identity="order:o:0.6@1764618298", execution_price="99"),
}


@pytest.mark.parametrize("message", SETTLED.values(), ids=SETTLED)
def test_a_contradicting_total_is_settled(
    message: dict[str, Any], ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("e1", "Buy", "0.5", "100", order_id="o"))
    ledger.apply(total("0.6", "50"), total("0.6", "50", order="p"))

    assert ledger.apply(message) == ["applied"]

    assert queries.rows(REVIEWS) == []
    assert ledger.position()["needs_review"] is False


def test_a_contradicting_total_is_settled_by_one_that_names_the_start_of_its_order(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(total("0.5", "100", created_at=None), total("0.6", "50", created_at=None))
    assert len(queries.rows(REVIEWS)) == 1

    assert ledger.apply(total("1", "105")) == ["applied"]

    assert queries.rows(REVIEWS) == []


def test_a_later_total_of_another_order_settles_nothing(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(total("0.5", "100"))
    ledger.apply(total("0.6", "50"))
    ledger.apply(total("1", "100", order="o2"), total("1", "100", created_at="2025-12-02T00:00:00"))

    assert len(queries.rows(REVIEWS)) == 1


def test_an_id_that_begins_like_another_one_settles_nothing(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(total("0.5", "100", order="o:1"), total("0.6", "50", order="o:1"))
    ledger.apply(total("1", "100"))

    assert len(queries.rows(REVIEWS)) == 1


def test_a_later_sound_total_has_the_cost_of_the_order(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(total("0.5", "100"), total("0.6", "50"), total("1", "105"))

    assert queries.state()["cost"] == D(105)


def test_an_order_id_that_restarts_is_another_order(ledger: Ledger, queries: OwnerQueries) -> None:
    monday, tuesday = "2026-01-05T09:00:00", "2026-01-06T09:00:00.5"
    messages = [
        total("1", "100", fees="1", created_at=monday),
        total("2", "100", fees="2", created_at=monday),
        total("1", "100", fees="1", created_at=tuesday),
        total("5", "100", fees="5", created_at=tuesday),
    ]
    for account, order in numbered(permutations(messages)):
        sent = [each | {"order": each["order"] | {"account": account}} for each in order]
        for each in sent:
            ledger.apply(each)
        held = queries.state(account=account)
        assert (held["size"], held["cost"], held["fees_open"]) == (D(7), D(700), D(7))
        assert ledger.apply(*sent) == ["duplicate"] * 4
        together = [each | {"order": each["order"] | {"account": f"{account}-b"}} for each in order]
        ledger.apply(*together)
        assert queries.state(account=f"{account}-b")["size"] == D(7)
    queries.assert_sound()


def test_the_created_at_of_an_order_may_be_written_in_any_way(ledger: Ledger) -> None:
    ledger.apply(total("1", "100", created_at="2026-01-05T09:00:00"))

    assert ledger.apply(total("1", "100", created_at="2026-01-05T10:00:00.000+01:00")) == [
        "duplicate"
    ]


@pytest.mark.parametrize("created", [None, "", "soon", "1970-01-01T00:00:00Z"])
def test_a_total_that_does_not_say_when_its_order_began_is_of_the_only_one(
    created: str | None, ledger: Ledger
) -> None:
    ledger.apply(total("1", "100", created_at="2025-12-05T09:00:00"))

    assert ledger.apply(total("1", "100", created_at=created)) == ["duplicate"]
    assert ledger.apply(total("2", "100", created_at=created)) == ["applied"]
    assert ledger.apply(total("2", "100", created_at="2025-12-05T09:00:00")) == ["duplicate"]
    assert ledger.position()["size"] == D(2)


def test_executions_are_of_the_order_of_their_time(ledger: Ledger, queries: OwnerQueries) -> None:
    messages = [
        total("1", "100", created_at="2026-01-05T09:00:00"),
        total("1", "100", created_at="2026-01-06T09:00:00"),
        fill("a", "Buy", "1", "100", order_id="o", at="2026-01-05T09:00:01Z"),
        fill("b", "Buy", "1", "100", order_id="o", at="2026-01-06T09:00:01Z"),
    ]
    # An execution cannot be known to be of an order that nothing has named yet.
    monday, tuesday, _, later = messages
    in_turn = (
        each
        for each in permutations(messages)
        if each.index(monday) < each.index(tuesday) < each.index(later)
    )
    for account, order in numbered(in_turn):
        for each in order:
            sent = {**each.get("order", each), "account": account}
            ledger.apply(each | {"order": sent} if "order" in each else sent)
        assert queries.state(account=account)["size"] == D(2), order


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_fees_of_totals_are_kept_per_currency(
    batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [
        total("0.4", "100", fees="0.01", fee_currency="BNB"),
        total("0.7", "100", fees="0.03", fee_currency="BNB"),
        total("0.8", "100", fees="0.2"),
        total("0.9", "100", fees="0"),
        total("1", "100", fees="0.5", fee_currency="USDT"),
        total("1.1", "100", fees="0.04", fee_currency="BNB"),
        total("1.2", "100", fees=None),
    ]
    batches = [messages] if batched else [[each] for each in messages]
    for batch in batches:
        assert set(ledger.apply(*batch)) == {"applied"}

    rows = queries.rows(FEES, account="main")
    assert {row["currency"]: row["fee"] for row in rows} == {"BNB": D("0.04"), "USDT": D("0.5")}
    assert ledger.apply(*messages) == ["duplicate"] * len(messages)


def test_fees_of_executions_and_totals_are_kept_per_currency(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [
        fill("a", "Buy", "0.4", "100", "0.01", order_id="o", fee_currency="BNB"),
        fill("b", "Buy", "0.6", "100", "0.3", order_id="o"),
        total("0.4", "100", fees="0.01", fee_currency="BNB"),
    ]
    for account, order in numbered(permutations(messages)):
        for each in order:
            if "order" in each:
                ledger.apply(each | {"order": each["order"] | {"account": account}})
            else:
                ledger.apply(each | {"account": account})
        rows = queries.rows(FEES, account=account)
        assert {row["currency"]: row["fee"] for row in rows} == {
            "BNB": D("0.01"), "USDT": D("0.3"),
        }, order  # fmt: skip
