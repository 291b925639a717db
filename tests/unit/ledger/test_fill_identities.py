"""An execution is its account, asset, leg, side, order id and execution id together."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import islice, permutations
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, elsewhere, fill, numbered, status
from tests.helpers.owner_queries import OwnerQueries

FIRST = fill("1", "Buy", "2", "100")
OTHERS = {
    "asset": {"asset": "ETHUSDT", "execution_quantity": "3"},
    "the same content of an asset": {"asset": "ETHUSDT"},
    "side": {"side": "Sell"},
    "leg": {"position_side": "long"},
    "order": {"order_id": "other"},
    "order and content": {"order_id": "other", "execution_quantity": "1"},
}

# An execution with and without its order id, and the totals of its order.
HALVES = {
    "without": fill("e", "Buy", "1", "100", order_id=None),
    "with": fill("e", "Buy", "1", "100", order_id="o"),
    "first": status("o", "partially_filled", "1", "100"),
    "last": status("o", "filled", "2", "100"),
}
ORDERS = [order for order in permutations(HALVES) if order.index("first") < order.index("last")]


def without_order(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "order_id"}


def sizes(queries: OwnerQueries) -> dict[tuple[str, str], D]:
    rows = queries.rows("SELECT p.asset, p.leg, p.size FROM pms.positions p WHERE p.version > 0")
    return {(row["asset"], row["leg"]): row["size"] for row in rows if row["size"] != 0}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_fills_that_share_an_execution_id_all_count(
    other: dict[str, str], batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [FIRST, FIRST | other]
    if batched:
        assert ledger.apply(*messages) == ["applied", "applied"]
    else:
        assert [ledger.apply(each)[0] for each in messages] == ["applied", "applied"]

    # Sent again, together and alone, each is known.
    assert ledger.apply(*messages, *messages) == ["duplicate"] * 4
    assert [ledger.apply(each)[0] for each in messages] == ["duplicate", "duplicate"]
    price = {"execution_price": "7"}
    assert ledger.apply(messages[0] | price, messages[1] | price) == ["rejected", "rejected"]
    stored = queries.rows("SELECT e.account, e.identity FROM pms.ledger_entries e ORDER BY e.id")
    assert sorted(len(row["identity"]) for row in stored) == [11, 34]
    assert all(
        queries.value(
            "SELECT count(*) FROM pms.find_entry('main', %(identity)s)", identity=row["identity"]
        )
        == 1
        for row in stored
    )
    queries.assert_sound()


def test_both_sides_of_a_self_trade_count(ledger: Ledger) -> None:
    ledger.apply(fill("0", "Buy", "5", "90"))
    both = [
        fill("t", "Buy", "2", "100", "1", order_id="a"),
        fill("t", "Sell", "2", "100", "1", order_id="b"),
    ]

    assert ledger.apply(*both) == ["applied", "applied"]
    assert ledger.apply(*reversed(both)) == ["duplicate", "duplicate"]
    held = ledger.position()
    assert (held["size"], held["fees_paid"]) == (D(5), D(2))


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
@pytest.mark.parametrize("first", ["with", "without"])
def test_an_execution_with_and_without_its_order_id_is_one(
    first: str, batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [FIRST, without_order(FIRST)]
    if first == "without":
        messages.reverse()
    if batched:
        assert ledger.apply(*messages, *messages) == ["applied", *["duplicate"] * 3]
    else:
        outcomes = [ledger.apply(each)[0] for each in [*messages, *messages]]
        assert outcomes == ["applied", *["duplicate"] * 3]
    assert sizes(queries) == {("BTCUSDT", "net"): D(2)}


def test_an_execution_that_has_found_its_order_id_is_no_other_order(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(without_order(FIRST))
    ledger.apply(FIRST)

    other = FIRST | {"order_id": "other"}
    assert ledger.apply(other) == ["applied"]
    assert ledger.apply(other, FIRST) == ["duplicate", "duplicate"]
    assert sizes(queries) == {("BTCUSDT", "net"): D(4)}


def test_a_total_counts_an_execution_whose_order_id_came_later(ledger: Ledger) -> None:
    execution = fill("e", "Buy", "1", "100", "1", order_id="o")
    ledger.apply(without_order(execution))
    ledger.apply(execution)

    assert ledger.apply(status("o", "partially_filled", "1", "100", "1")) == ["duplicate"]
    assert ledger.apply(status("o", "filled", "3", "100", "3")) == ["applied"]
    held = ledger.position()
    assert (held["size"], held["fees_paid"]) == (D(3), D(3))


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_a_total_of_an_execution_in_another_asset_leaves_it_alone(
    batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [
        status("o", "partially_filled", "1", "100"),
        status("o", "partially_filled", "2", "10", asset="ETHUSDT"),
        fill("e", "Buy", "1", "100", order_id="o"),
        fill("e", "Buy", "2", "10", asset="ETHUSDT", order_id="o"),
    ]
    batches = [messages] if batched else [[each] for each in messages]
    outcomes = [outcome for batch in batches for outcome in ledger.apply(*batch)]
    assert outcomes == ["applied", "applied", "duplicate", "duplicate"]
    assert ledger.apply(*messages) == ["duplicate"] * 4
    assert sizes(queries) == {("BTCUSDT", "net"): D(1), ("ETHUSDT", "net"): D(2)}
    assert queries.value("SELECT count(*) FROM pms.subsumed_executions") == 2
    queries.assert_sound()


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_an_execution_that_finds_its_order_counts_alike_in_any_batches(
    order: tuple[str, ...], ledger: Ledger
) -> None:
    found = set()
    for account, sizes in numbered([(1, 1, 1, 1), (4,), (1, 3), (2, 2), (3, 1)]):
        messages = iter([elsewhere(HALVES[name], account) for name in order])
        for size in sizes:
            ledger.apply(*islice(messages, size))
        held = ledger.position(account=account)
        found.add((held["size"], held["needs_review"]))

    assert len(found) == 1
    # Where nothing said in time that the total counts the execution, a person decides.
    assert found <= {(D(2), False), (D(3), True)}


def test_a_liquidation_without_an_order_id_counts(ledger: Ledger) -> None:
    assert ledger.apply(without_order(FIRST)) == ["applied"]
    assert ledger.position()["size"] == D(2)


def test_fills_without_ids_are_of_their_asset_and_leg(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    nameless = {name: value for name, value in FIRST.items() if name != "execution_id"}
    messages = [nameless, nameless | {"asset": "ETHUSDT"}, nameless | {"position_side": "long"}]

    assert ledger.apply(*messages) == ["applied"] * 3
    assert ledger.apply(*messages) == ["duplicate"] * 3
    assert set(sizes(queries).values()) == {D(2)}
