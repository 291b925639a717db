"""A bust or correction without its fill flags the position that it names."""

from __future__ import annotations

import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill
from tests.helpers.reviews import flags, legs, reviews

PENDING = "SELECT a.identity FROM api.pending_amendments a ORDER BY 1"


def pending(ledger: Ledger) -> list[str]:
    """The busts and corrections that wait."""
    with ledger.operator.transaction():
        found = ledger.operator.execute(
            "SELECT a.identity FROM api.pending_amendments a ORDER BY 1"
        )
        return [row[0] for row in found]


@pytest.mark.parametrize("changed", [{"position_side": "net"}, {}])
def test_a_bust_flags_the_position_that_it_names_until_its_fill_comes(
    ledger: Ledger, changed: dict[str, str]
) -> None:
    assert ledger.apply(bust("a", asset="btcusdt", **changed)) == ["applied"]
    assert flags(ledger) == ["pending_fill"]
    assert len(pending(ledger)) == 1

    ledger.apply(fill("a", "Buy", "1", "100"))

    assert (flags(ledger), pending(ledger), ledger.position()["size"]) == ([], [], 0)


def test_an_amendment_of_the_batch_of_its_fill_waits_for_nothing(ledger: Ledger) -> None:
    ledger.apply(bust("a", asset="BTCUSDT"), fill("a", "Buy", "1", "100"))

    assert (reviews(ledger), pending(ledger)) == ([], [])


def test_all_legs_that_a_bust_may_name_are_settled_with_its_fill(ledger: Ledger) -> None:
    ledger.apply(
        fill("net", "Buy", "1", "100"),
        fill("long", "Buy", "1", "100", mode="hedge", position_side="long"),
    )
    ledger.apply(bust("a", asset="BTCUSDT"))
    assert len(legs(ledger)) == 2

    ledger.apply(fill("a", "Buy", "1", "100", mode="hedge", position_side="short"))

    assert legs(ledger) == []


def test_an_amendment_that_is_dropped_flags_nothing(ledger: Ledger) -> None:
    ledger.apply(correction("a", asset="BTCUSDT", execution_price="90"))
    (identity,) = pending(ledger)
    assert flags(ledger) == ["pending_fill"]

    assert ledger.call("drop_amendment", identity=identity)["outcome"] == "dropped"

    assert (reviews(ledger), pending(ledger)) == ([], [])
    assert ledger.call("drop_amendment", identity=identity)["error_code"] == "NOT_FOUND"
    ledger.apply(fill("a", "Buy", "1", "100"))
    assert ledger.position()["average_entry_price"] == 100


def test_an_amendment_that_names_no_position_is_counted(ledger: Ledger) -> None:
    ledger.apply(bust("a"))

    assert reviews(ledger) == []
    assert ledger.call("get_health")["pending_amendments"] == 1
