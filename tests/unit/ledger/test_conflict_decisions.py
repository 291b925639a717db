"""A message that contradicts the ledger flags its position until one of the versions is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, correction, fill, funding
from tests.helpers.reviews import flags, letters, refuse, reviews


def contradict(ledger: Ledger, *messages: Mapping[str, Any]) -> None:
    """Have messages that contradict the ledger refused as the worker does."""
    assert ledger.apply(*messages) == ["rejected"] * len(messages)
    refuse(ledger, *messages, reason="identity_conflict")


@pytest.mark.parametrize(
    ("decision", "size"), [("keep", "1"), ("take", "2"), ("drop the letter", "1")]
)
def test_a_conflict_is_a_reason_until_it_is_decided(
    ledger: Ledger, decision: str, size: str
) -> None:
    other = fill("twice", "Buy", "2", "100")
    ledger.apply(fill("twice", "Buy", "1", "100"))
    contradict(ledger, other)
    (review,) = reviews(ledger)
    assert review["code"] == "identity_conflict"
    assert review["remedy"] == f"conflicts keep or take {review['source']}"

    if decision == "drop the letter":
        ledger.call("drop_dead_letter", id=letters(ledger)[0])
    else:
        ledger.call("settle_conflict", id=review["source"], decision=decision)

    assert (flags(ledger), letters(ledger)) == ([], [])
    assert ledger.position()["size"] == Decimal(size)
    # Decided once and for all.
    contradict(ledger, other | {"trace_id": "again"})
    assert flags(ledger) == []
    answer = ledger.call("settle_conflict", id=review["source"], decision="keep")
    assert answer["error_code"] == "CONFLICT"


def test_a_conflict_settles_all_letters_with_it(ledger: Ledger) -> None:
    ledger.apply(fill("twice", "Buy", "1", "100"))
    other = fill("twice", "Buy", "2", "100")
    contradict(ledger, other, other | {"trace_id": "again"}, fill("twice", "Buy", "3", "100"))
    assert (len(reviews(ledger)), len(letters(ledger))) == (2, 3)

    ledger.call("settle_conflict", id=reviews(ledger)[0]["source"], decision="keep")

    assert (len(reviews(ledger)), len(letters(ledger))) == (1, 1)


@pytest.mark.parametrize("decision", ["keep", "take"])
def test_of_fills_with_one_id_the_contradicted_one_is_decided(
    ledger: Ledger, decision: str
) -> None:
    others = [
        fill("shared", "Sell", "2", "100", order_id="one"),
        fill("shared", "Buy", "5", "9", asset="ETHUSDT", order_id="one"),
    ]
    ledger.apply(*others, fill("shared", "Sell", "2", "100", order_id="two"))
    contradict(ledger, fill("shared", "Sell", "3", "100", order_id="two"))
    (conflict,) = ledger.operator.execute("SELECT id, recorded FROM api.conflicts").fetchall()
    recorded = conflict[1]
    assert (recorded["asset"], recorded["order_id"]) == ("BTCUSDT", "two")

    ledger.call("settle_conflict", id=conflict[0], decision=decision)

    counted = ledger.operator.execute(
        "SELECT asset, order_id, quantity FROM api.fills WHERE voided_by IS NULL"
    ).fetchall()
    assert sorted(counted) == [
        ("BTCUSDT", "one", Decimal(-2)),
        ("BTCUSDT", "two", Decimal(-3 if decision == "take" else -2)),
        ("ETHUSDT", "one", Decimal(5)),
    ]
    assert flags(ledger) == []


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (funding("f", "-1"), funding("f", "-2")),
        (correction("a", execution_price="90"), correction("a", execution_price="91")),
    ],
)
def test_what_is_no_fill_is_corrected_by_hand(
    ledger: Ledger, first: Mapping[str, Any], other: Mapping[str, Any]
) -> None:
    ledger.apply(fill("a", "Buy", "1", "100"), first)
    assert ledger.apply(other) == ["rejected"]
    (review,) = reviews(ledger)

    refused = ledger.call("settle_conflict", id=review["source"], decision="take")

    assert refused["message"] == "correct the recorded version by hand, and keep it"
    assert flags(ledger) == ["identity_conflict"]


def test_no_other_decision_is_taken(ledger: Ledger) -> None:
    for asked, code in [
        ({"id": 1, "decision": "guess"}, "VALIDATION_ERROR"),
        ({"id": 1, "decision": "keep"}, "NOT_FOUND"),
    ]:
        assert ledger.call("settle_conflict", **asked)["error_code"] == code
