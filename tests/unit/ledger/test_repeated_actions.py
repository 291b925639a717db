"""The same corporate action under two ids."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.ledger import Ledger, action, bust, fill

pytestmark = pytest.mark.usefixtures("verified")

BUY = fill("buy", "Buy", "10", "300", at="2026-01-01T01:00:00Z")
TERMS: list[tuple[str, dict[str, str]]] = [
    ("split", {"ratio": "10"}),
    ("contract", {"multiplier": "2", "ratio": "1:2"}),
    ("distribution", {"amount": "0.5"}),
]
ANOTHER_DAY = "2026-01-02T12:00:00Z"


def held(ledger: Ledger) -> tuple[object, ...]:
    position = ledger.position()
    return position["size"], position["cost_basis"], position["funding"]


@pytest.mark.parametrize(("kind", "terms"), TERMS, ids=lambda value: str(value))
@pytest.mark.parametrize("at", ["2026-01-01T12:00:00Z", "2026-01-02T11:59:59.999999Z"])
@pytest.mark.parametrize("together", [False, True])
def test_equal_terms_within_a_day_are_a_suspected_repeat(
    kind: str, terms: dict[str, str], at: str, together: bool, ledger: Ledger
) -> None:
    ledger.apply(BUY)
    first, again = action("one", kind, **terms), action("two", kind, at, **terms)
    if not together:
        ledger.apply(first)
    once = held(ledger)

    judged = ledger.judge("apply_order_events", [first, again] if together else [again])

    assert judged[-1] == (
        "rejected", "suspected_repeat",
        "action_id: action:one has the same terms, at 2026-01-01T12:00:00.000000Z; "
        "send it with is_another if both count",
    )  # fmt: skip
    if not together:
        assert held(ledger) == once
    assert ledger.apply(first) == ["duplicate"]


@pytest.mark.parametrize(
    "other",
    [
        action("two", "split", ANOTHER_DAY, ratio="10"),
        action("two", "split", ratio="2"),
        {**action("two", "split", ratio="10"), "is_another": True},
        {**action("two", "split", ratio="10"), "is_another": "true"},
    ],
    ids=["a day later", "other terms", "said to be another", "by hand"],
)
def test_another_action_counts(other: dict[str, Any], ledger: Ledger) -> None:
    ledger.apply(BUY, action("one", "split", ratio="10"))

    assert ledger.apply(other) == ["applied"]
    assert ledger.apply(other) == ["duplicate"]

    assert ledger.position()["size"] == (200 if other["ratio"] == "2" else 1000)


def test_a_busted_action_is_no_obstacle_to_its_successor(ledger: Ledger) -> None:
    ledger.apply(BUY, action("one", "split", ratio="10"), bust(None, identity="action:one"))

    assert ledger.apply(action("two", "split", ratio="10")) == ["applied"]

    assert ledger.position()["size"] == 100


def test_a_second_settlement_or_rename_finds_nothing_left(ledger: Ledger) -> None:
    ledger.apply(BUY, action("one", "settlement", price="310"))
    assert ledger.apply(action("two", "settlement", price="310")) == ["applied"]
    assert (ledger.position()["size"], ledger.position()["realized_pnl"]) == (0, 100)

    move = {"asset": "ETHUSDT", "to_asset": "NEWUSDT"}
    ledger.apply(
        {**BUY, "execution_id": "eth", "order_id": "eth", "asset": "ETHUSDT"},
        action("three", "rename", **move),
        action("four", "rename", **move),
    )
    assert ledger.position("NEWUSDT")["size"] == 10


def test_the_answer_to_a_suspected_repeat_names_the_other_action(ledger: Ledger) -> None:
    ledger.apply(BUY, action("one", "split", ratio="10"))
    asked = {
        "action": "split", "asset": "BTCUSDT", "ratio": "10:1",
        "effective_at": "2026-01-01T13:00:00Z", "action_id": "two",
    }  # fmt: skip

    answer = ledger.call("record_corporate_action", **asked)

    assert answer["error_code"] == "CONFLICT"
    assert "action:one" in answer["details"]["detail"]
    counted = ledger.call("record_corporate_action", **asked, is_another="true")
    assert counted["outcome"] == "applied"
    refused = ledger.call("record_corporate_action", **asked, is_another="yes")
    assert refused["details"]["field"] == "is_another"
