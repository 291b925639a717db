"""A message that contradicts the ledger under the same identity is stored with both versions."""

from __future__ import annotations

import random
import string
from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, correction, elsewhere, fill, funding, status
from tests.helpers.owner_queries import OwnerQueries

CONFLICTS = """
    SELECT c.account, c.identity, c.recorded, c.received, c.seen_count, c.trace_id
    FROM pms.conflicts c
    ORDER BY c.account, c.id
"""
ONE = fill("1", "Buy", "2", "100")
PAIRS = {
    "fill": (ONE, ONE | {"execution_price": "101"}, "execution:1"),
    "funding": (
        funding("f", "-1"),
        funding("f", "-2"),
        "funding:BTCUSDT:one-way:net:1767254400.000000:f",
    ),
    "correction": (
        correction("1", execution_price="90"),
        correction("1", execution_price="91"),
        "correction:c",
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_both_versions_are_stored_and_the_first_counts(
    pair: tuple[dict[str, Any], dict[str, Any], str],
    batched: bool,
    ledger: Ledger,
    queries: OwnerQueries,
) -> None:
    first, other, identity = pair
    if batched:
        outcomes = ledger.apply(first, other)
    else:
        outcomes = [*ledger.apply(first), *ledger.apply(other)]
    assert outcomes == ["applied", "rejected"]

    (kept,) = queries.rows(CONFLICTS)
    assert (kept["account"], kept["identity"], kept["seen_count"]) == ("main", identity, 1)
    assert kept["recorded"]["identity"] == identity
    assert kept["received"] == {k: v for k, v in other.items() if k != "trace_id"}
    assert kept["trace_id"] == other["trace_id"]


def test_a_repeated_conflict_is_counted_and_a_new_one_stored(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    other, third = ONE | {"execution_price": "101"}, ONE | {"execution_price": "102"}
    ledger.apply(ONE)
    ledger.apply(other)
    ledger.apply(other | {"trace_id": "again"}, third)
    ledger.apply(other, other)

    kept = queries.rows(CONFLICTS)
    assert [(each["received"]["execution_price"], each["seen_count"]) for each in kept] == [
        ("101", 4), ("102", 1),
    ]  # fmt: skip


def test_each_account_has_its_own_conflicts(ledger: Ledger, queries: OwnerQueries) -> None:
    other = ONE | {"execution_price": "101"}
    ledger.apply(ONE, elsewhere(ONE, "second"), other, elsewhere(other, "second"))

    assert [each["account"] for each in queries.rows(CONFLICTS)] == ["main", "second"]


def test_an_equal_message_is_not_a_conflict(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(ONE)

    again = ONE | {"execution_quantity": "2.000", "side": "BUY", "trace_id": "x"}
    assert ledger.apply(again) == ["duplicate"]
    assert queries.rows(CONFLICTS) == []


def test_an_execution_that_contradicts_a_counted_one_is_a_conflict(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    covered = fill("e1", "Buy", "0.4", "100", order_id="o")
    ledger.apply(status("o", "filled", "1", "100"), covered)

    assert ledger.apply(covered | {"execution_quantity": "0.5"}) == ["rejected"]

    (kept,) = queries.rows(CONFLICTS)
    assert D(str(kept["recorded"]["quantity"])) == D("0.4")
    assert kept["received"]["execution_quantity"] == "0.5"


def test_a_conflict_of_any_size_does_not_affect_its_batch(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    # Larger than an index holds, however it is compressed.
    noise = "".join(random.Random(1).choices(string.ascii_letters, k=20_000))
    ledger.apply(ONE)

    other = ONE | {"execution_price": "7", "note": noise}
    assert ledger.apply(other, fill("2", "Buy", "1", "1")) == ["rejected", "applied"]
    assert len(queries.rows(CONFLICTS)) == 1


def test_a_conflict_with_a_refused_message_does_not_affect_its_batch(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(status("o", "partially_filled", "0.4", "100"))
    stray = fill("1", "Sell", "1", "100", order_id="o")

    assert ledger.apply(stray, stray | {"execution_quantity": "2"}, fill("2", "Buy", "1", "1")) == [
        "rejected",
        "rejected",
        "applied",
    ]
    assert queries.rows(CONFLICTS) == []
