"""Messages that were applied under the former identities are known when they are sent again."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill, status
from tests.helpers.owner_queries import OwnerQueries

# As the former release stored them: a total without the time of its order, an execution that it had
# counted without currency and time.
ENTRY = """
    SELECT pms.post_entries(ARRAY[pms.new_entry(
        'main', 'BTCUSDT', 'one-way', 'net', 'trade', %(identity)s, %(quantity)s,
        '2026-01-01T00:00:00Z',
        pms.lock_legs(ARRAY[('main', 'BTCUSDT', 'one-way', 'net')::pms.leg_key]),
        'order_execution', %(trace)s, order_id => %(order)s, price => 100, fee => 1
    )])
"""
SUBSUMED = """
    INSERT INTO pms.subsumed_executions (
        account, identity, order_id, asset, leg, quantity, price, fee, counted_quantity,
        counted_price, counted_fee, recorded_at, trace_id
    )
    VALUES ('main', 'execution:s', 'o', 'BTCUSDT', 'net', 0.4, 100, 1, 0, 0, 0, now(), 's')
"""
EXECUTION = fill("e", "Buy", "2", "100", "1", order_id="x")
NAMELESS = {
    name: value
    for name, value in fill("n", "Buy", "3", "100", "1", order_id="y").items()
    if name != "execution_id"
}
TOTAL = status("o", "partially_filled", "0.4", "100", "1")
COUNTED = fill("s", "Buy", "0.4", "100", "1", order_id="o", fee_currency="BNB")
SENT: dict[str, dict[str, Any]] = {
    "execution": EXECUTION,
    "execution in another trace": EXECUTION | {"trace_id": "again"},
    "execution without its order": EXECUTION | {"order_id": None},
    "fill without an id": NAMELESS,
    "total": TOTAL,
    "total without the time of its order": status(
        "o", "partially_filled", "0.4", "100", "1", created_at=None
    ),
    "execution of the total": COUNTED,
}


@pytest.fixture
def former(ledger: Ledger, owner: psycopg.Connection[Any]) -> Ledger:
    """A ledger that the former release filled."""
    for identity, quantity, order, trace in (
        ("execution:e", 2, "x", "trace-e"),
        ("fill:y:buy:3:100:1767225600.000000", 3, "y", "trace-n"),
        ("order:o:0.4", D("0.4"), "o", "trace"),
    ):
        given = {"identity": identity, "quantity": quantity, "order": order, "trace": trace}
        owner.execute(ENTRY.encode(), given)
    owner.execute(SUBSUMED.encode())
    return ledger


@pytest.mark.parametrize("message", SENT.values(), ids=SENT)
def test_a_message_that_was_applied_is_a_duplicate(
    message: dict[str, Any], former: Ledger, queries: OwnerQueries
) -> None:
    assert former.apply(message) == ["duplicate"]
    assert former.apply(message, message) == ["duplicate", "duplicate"]
    assert queries.state()["size"] == D("5.4")


def test_an_order_goes_on(former: Ledger, queries: OwnerQueries) -> None:
    assert former.apply(status("o", "filled", "1", "100", "3")) == ["applied"]
    assert former.apply(fill("t", "Buy", "0.6", "100", "2", order_id="o")) == ["duplicate"]
    held = queries.state()
    assert (held["size"], held["fees_open"]) == (D(6), D(5))
    queries.assert_sound()


def test_an_order_that_restarts_is_another_one(former: Ledger, queries: OwnerQueries) -> None:
    assert former.apply(TOTAL) == ["duplicate"]
    assert former.apply(status("o", "partially_filled", "0.6", "100", "1")) == ["applied"]
    restarted = status("o", "filled", "1", "100", created_at="2026-01-05T00:00:00")
    assert former.apply(restarted) == ["applied"]
    assert queries.state()["size"] == D("6.6")


def test_a_fill_that_shares_an_id_counts(former: Ledger, queries: OwnerQueries) -> None:
    assert former.apply(EXECUTION | {"asset": "ETHUSDT"}, EXECUTION) == ["applied", "duplicate"]


def test_an_entry_is_busted_and_corrected_by_its_identity(
    former: Ledger, queries: OwnerQueries
) -> None:
    assert (
        former.apply(
            bust("e"),
            bust(None, identity="order:o:0.4"),
            correction(None, identity="fill:y:buy:3:100:1767225600.000000", execution_price="90"),
        )
        == ["applied"] * 3
    )
    held = queries.state()
    assert (held["size"], held["cost"]) == (D(3), D(270))
