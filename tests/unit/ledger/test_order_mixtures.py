"""Orders with both totals and executions: nothing counts twice, in any order."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, elsewhere, fill, numbered, status
from tests.helpers.owner_queries import OwnerQueries

# Two executions and the order's total after each: 0.4 at one price, then 0.6 at another.
PRICES = {
    "near": ("100", "110", "106"),
    # The rest of the second, once the first total is counted, would have a price below zero.
    "far": ("1000", "10", "406"),
    "far up": ("10", "1000", "604"),
}


def example(first: str, second: str, average: str) -> list[dict[str, Any]]:
    return [
        fill("e1", "Buy", "0.4", first, "1", order_id="o"),
        fill("e2", "Buy", "0.6", second, "2", order_id="o"),
        status("o", "partially_filled", "0.4", first, "1"),
        status("o", "filled", "1", average, "3"),
    ]


def to(account: str, message: dict[str, Any]) -> dict[str, Any]:
    if "order" in message:
        return message | {"order": elsewhere(message["order"], account)}
    return elsewhere(message, account)


@pytest.mark.parametrize("prices", PRICES.values(), ids=PRICES)
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_all_orders_of_arrival_end_alike(
    prices: tuple[str, str, str], batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    cost = D(prices[2])
    for account, order in numbered(permutations(example(*prices))):
        messages = [to(account, each) for each in order]
        batches = [messages] if batched else [[each] for each in messages]
        outcomes = [outcome for batch in batches for outcome in ledger.apply(*batch)]

        held = queries.state(account=account)
        assert (held["size"], held["cost"], held["fees_open"]) == (D(1), cost, D(3))
        assert set(outcomes) <= {"applied", "duplicate"}
        # Sent again, all of it is known.
        assert ledger.apply(*messages) == ["duplicate"] * 4
        assert queries.leg(account=account)["version"] == outcomes.count("applied")
    queries.assert_sound()


def test_an_execution_already_in_a_total_stays_a_duplicate(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(status("o", "filled", "1", "100", "3"))
    covered = fill("e1", "Buy", "0.4", "100", "1", order_id="o")

    [(outcome, reason, _)] = ledger.judge("apply_order_events", [covered])
    assert (outcome, reason) == ("duplicate", "already_in_total")
    assert ledger.apply(covered, covered) == ["duplicate", "duplicate"]
    assert ledger.apply(covered | {"execution_price": "99"}) == ["rejected"]
    # Once only, or the order would have executed 1.2.
    assert ledger.apply(fill("e2", "Buy", "0.6", "100", "2", order_id="o")) == ["duplicate"]
    assert (ledger.position()["size"], ledger.position()["version"]) == (D(1), 1)
    queries.assert_sound()


def test_an_execution_partly_in_a_total_applies_the_rest(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(status("o", "partially_filled", "0.5", "100", "1"))
    first = fill("e1", "Buy", "0.4", "100", "0.8", order_id="o")
    second = fill("e2", "Buy", "0.6", "110", "1.2", order_id="o")

    assert ledger.apply(first, second) == ["duplicate", "applied"]

    # As both executions say: 0.4 at 100 and 0.6 at 110.
    held = queries.state()
    assert (held["size"], held["cost"], held["fees_open"]) == (D(1), D(106), D(2))
    assert ledger.apply(first, second) == ["duplicate", "duplicate"]
    assert ledger.apply(second | {"execution_quantity": "0.5"}) == ["rejected"]
    assert ledger.apply(status("o", "filled", "1", "106", "2")) == ["duplicate"]
    queries.assert_sound()


def test_a_first_total_after_executions_adds_the_difference(ledger: Ledger) -> None:
    ledger.apply(fill("e1", "Buy", "0.4", "100", "1", order_id="o"))

    assert ledger.apply(status("o", "filled", "1", "106", "3")) == ["applied"]

    held = ledger.position()
    assert (held["size"], held["cost_basis"], held["fees_paid"]) == (D(1), D(106), D(3))


def test_executions_of_an_order_without_totals_count_in_full(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    executions = [fill(f"e{place}", "Buy", "1", "100", order_id="o") for place in range(3)]

    assert ledger.apply(*executions) == ["applied"] * 3
    assert queries.value("SELECT count(*) FROM pms.subsumed_executions") == 0


@pytest.mark.parametrize(
    "other",
    [{"side": "Sell"}, {"position_side": "long"}],
    ids=lambda other: next(iter(other)),
)
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_an_execution_of_another_leg_or_side_for_an_order_with_totals_is_rejected(
    other: dict[str, str], batched: bool, ledger: Ledger
) -> None:
    total = status("o", "partially_filled", "0.4", "100")
    stray = fill("e1", "Buy", "0.4", "100", order_id="o") | other

    if batched:
        outcomes = ledger.judge("apply_order_events", [total, stray])
    else:
        ledger.apply(total)
        outcomes = ledger.judge("apply_order_events", [stray])
    outcome, reason, detail = outcomes[-1]
    assert (outcome, reason) == ("rejected", "order_conflict")
    assert detail.startswith("order_id: ")
    # It has not become one of the executions of the order.
    assert ledger.apply(fill("e1", "Buy", "0.4", "100", order_id="o")) == ["duplicate"]


def test_a_cancelled_order_applies_the_difference_to_its_executions(ledger: Ledger) -> None:
    ledger.apply(fill("e1", "Buy", "0.4", "100", "1", order_id="o"))

    assert ledger.apply(status("o", "cancelled", "0.5", "102", "1.5")) == ["applied"]
    assert ledger.apply(status("o", "cancelled", "0.5", "102", "1.5")) == ["duplicate"]

    held = ledger.position()
    assert (held["size"], held["cost_basis"], held["fees_paid"]) == (D("0.5"), D(51), D("1.5"))


def test_a_dry_run_order_has_no_effect(ledger: Ledger) -> None:
    dry = status("o", "filled", "1", "106", "3", is_dry_run=True)

    assert ledger.apply(dry, fill("e1", "Buy", "0.4", "100", order_id="o"), dry) == [
        "ignored", "applied", "ignored",
    ]  # fmt: skip
    assert ledger.position()["size"] == D("0.4")


def test_an_order_id_is_unique_within_its_account_only(ledger: Ledger) -> None:
    total = status("o", "filled", "1", "100")
    execution = fill("e1", "Buy", "1", "100", order_id="o")

    assert ledger.apply(total, to("second", execution)) == ["applied", "applied"]
    assert ledger.apply(execution, to("second", total)) == ["duplicate", "duplicate"]


def test_a_sale_reported_both_ways_realizes_once(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(fill("held", "Buy", "2", "100"))
    sold = [
        status("o", "partially_filled", "1", "110", "1", side="Sell"),
        fill("e2", "Sell", "1", "130", "1", order_id="o"),
        fill("e1", "Sell", "1", "110", "1", order_id="o"),
        status("o", "filled", "2", "120", "2", side="Sell"),
    ]
    ledger.apply(*sold)

    held = ledger.position()
    assert (held["size"], held["realized_pnl"], held["fees_paid"]) == (D(0), D(38), D(2))
    queries.assert_sound()
