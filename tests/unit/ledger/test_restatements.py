"""A change of a position's past is published with its cause, before and after."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill
from tests.helpers.owner_queries import OwnerQueries

OPEN = fill("open", "Buy", "2", "100", at="2026-01-01T00:00:00Z")
CLOSE = fill("close", "Sell", "2", "130", "2", at="2026-01-01T02:00:00Z")
LATE = fill("late", "Sell", "1", "110", at="2026-01-01T01:00:00Z")

CHANGES = [
    ("late", LATE, D(58), D(39)),
    ("bust", bust("open"), D(58), D(0)),
    ("correction", correction("open", execution_price="90"), D(58), D(78)),
]


@pytest.mark.parametrize(
    ("cause", "message", "before", "after"), CHANGES, ids=[each[0] for each in CHANGES]
)
def test_a_restatement_records_realized_pnl_before_and_after(
    cause: str, message: dict[str, Any], before: D, after: D, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(OPEN, CLOSE)
    assert ledger.position()["realized_pnl"] == before

    ledger.apply(message)

    assert queries.restatements() == [(cause, before, after)]
    assert ledger.position()["realized_pnl"] == after
    queries.assert_sound()


@pytest.mark.parametrize(
    ("cause", "message", "before", "after"), CHANGES, ids=[each[0] for each in CHANGES]
)
def test_a_restatement_and_its_position_are_published_once(
    cause: str, message: dict[str, Any], before: D, after: D, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(OPEN, CLOSE)
    queries.forget_events()

    ledger.apply(message)

    (restated,) = queries.events("position_restated")
    assert restated["cause"] == cause
    assert (restated["account"], restated["asset"], restated["mode"], restated["leg"]) == (
        "main", "BTCUSDT", "one-way", "net",
    )  # fmt: skip
    assert [D(restated[f"realized_pnl_{name}"]) for name in ("before", "after", "change")] == [
        before, after, after - before,
    ]  # fmt: skip
    assert restated["trace_id"] == message["trace_id"]
    (updated,) = queries.events("position_updated")
    assert D(updated["realized_pnl"]) == after
    assert updated["position_id"] == restated["position_id"]
    assert updated["version"] == ledger.position()["version"]


def test_a_fill_in_order_restates_nothing(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(OPEN)
    ledger.apply(LATE)
    ledger.apply(CLOSE)
    # At the time of the newest: after it.
    ledger.apply(fill("same", "Buy", "1", "100", at="2026-01-01T02:00:00Z"))

    assert queries.restatements() == []
    assert queries.events("position_restated") == []


def test_a_fill_in_order_batched_with_a_late_one_is_not_restated(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(OPEN, CLOSE)

    ledger.apply(
        LATE, fill("next", "Buy", "1", "100", "7", at="2026-01-01T03:00:00Z"),
    )  # fmt: skip

    # The new fill closes the short at a gain of 30, and costs 7.
    assert queries.restatements() == [("late", D(58), D(39))]
    assert ledger.position()["realized_pnl"] == D(62)


def test_a_batch_of_changes_is_one_restatement_with_the_gravest_cause(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(OPEN, CLOSE)

    ledger.apply(LATE, correction("close", execution_fees="0"), bust("open"))

    assert [cause for cause, _, _ in queries.restatements()] == ["bust"]
    assert len(queries.events("position_restated")) == 1
    queries.assert_sound()


def test_each_leg_is_restated_separately(ledger: Ledger, queries: OwnerQueries) -> None:
    legs = [fill(side, "Buy", "1", "100", position_side=side) for side in ("long", "short")]
    ledger.apply(*legs)
    queries.forget_events()

    ledger.apply(bust("long"), bust("short"))

    assert [event["leg"] for event in queries.events("position_restated")] == ["long", "short"]
    assert len(queries.events("position_updated")) == 1


def test_a_position_flattened_by_a_bust_is_closed(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(OPEN)
    queries.forget_events()

    ledger.apply(bust("open"))

    assert [event["event_type"] for event in queries.events()] == [
        "position_restated", "position_updated", "position_closed",
    ]  # fmt: skip


def test_a_pending_bust_changes_and_publishes_nothing(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(OPEN)
    queries.forget_events()

    ledger.apply(bust("unknown"), correction("unknown", execution_price="1"))

    assert queries.events() == []
    assert ledger.position()["version"] == 1


@pytest.mark.parametrize("message", [each[1] for each in CHANGES], ids=[e[0] for e in CHANGES])
def test_former_knowledge_stays_available(
    message: dict[str, Any], ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(OPEN, CLOSE)
    then = queries.now()
    before = queries.state()

    ledger.apply(message)

    assert {name: queries.moment(known_at=then)[name] for name in before} == before
    assert {name: queries.moment()[name] for name in before} == queries.state() != before
