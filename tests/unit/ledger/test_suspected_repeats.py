"""Fills that may be repeats wait until somebody counts or drops them."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, fill, status
from tests.helpers.owner_queries import OwnerQueries

NAMELESS = {
    name: value
    for name, value in fill("1", "Buy", "2", "100", "1", order_id="o").items()
    if name != "execution_id"
}
TWIN = NAMELESS | {"trace_id": "another"}
WAITING = "SELECT s.* FROM api.suspected_repeats s WHERE s.status = 'waiting' ORDER BY s.id"


def waiting(queries: OwnerQueries) -> list[int]:
    return [row["id"] for row in queries.rows(WAITING)]


def settle(ledger: Ledger, repeat: int, decision: str) -> dict[str, Any]:
    return ledger.call("settle_suspected_repeat", id=repeat, decision=decision)


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_two_equal_fills_without_ids_in_two_messages_are_a_suspected_repeat(
    batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    batches = [[NAMELESS, TWIN]] if batched else [[NAMELESS], [TWIN]]
    judged = [each for batch in batches for each in ledger.judge("apply_order_events", batch)]

    assert [(outcome, reason) for outcome, reason, _ in judged] == [
        ("applied", None), ("quarantined", "suspected_repeat"),
    ]  # fmt: skip
    assert judged[1][2] == (
        "fill:o:buy:2:100:1767225600.000000: an equal fill came in another message"
    )
    held = ledger.position()
    assert (held["size"], held["needs_review"]) == (D(2), True)
    [repeat] = queries.rows(WAITING)
    assert (repeat["message"], repeat["trace_id"], repeat["quantity"]) == (TWIN, "another", D(2))
    reviews = queries.rows("SELECT r.code, r.source FROM pms.reviews r")
    assert reviews == [{"code": "suspected_repeat", "source": str(repeat["id"])}]
    queries.assert_sound()


def test_the_same_message_again_is_a_duplicate(ledger: Ledger, queries: OwnerQueries) -> None:
    assert ledger.apply(NAMELESS, NAMELESS) == ["applied", "duplicate"]
    assert ledger.apply(NAMELESS) == ["duplicate"]
    bare = {name: value for name, value in NAMELESS.items() if name != "trace_id"}
    assert ledger.apply(bare | {"order_id": "p"}, bare | {"order_id": "p"}) == [
        "applied", "duplicate",
    ]  # fmt: skip
    assert waiting(queries) == []


def test_a_waiting_repeat_that_comes_again_waits_once(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(NAMELESS)
    assert ledger.apply(TWIN, TWIN) == ["quarantined", "quarantined"]
    assert ledger.apply(TWIN) == ["quarantined"]

    [repeat] = queries.rows(WAITING)
    assert repeat["times_seen"] == 3
    third = NAMELESS | {"trace_id": "third"}
    assert ledger.apply(third) == ["quarantined"]
    assert len(waiting(queries)) == 2


@pytest.mark.parametrize(
    ("decision", "outcome", "size"), [("count", "applied", 4), ("drop", "dropped", 2)]
)
def test_a_repeat_is_counted_or_dropped(
    decision: str, outcome: str, size: int, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(NAMELESS, TWIN)
    [repeat] = waiting(queries)

    done = settle(ledger, repeat, decision)
    assert (done["id"], done["outcome"]) == (repeat, outcome)
    held = ledger.position()
    assert (held["size"], held["needs_review"]) == (D(size), False)
    assert waiting(queries) == []

    assert ledger.apply(NAMELESS, TWIN, TWIN) == ["duplicate"] * 3
    assert settle(ledger, repeat, decision)["error_code"] == "CONFLICT"
    assert ledger.position()["size"] == D(size)
    queries.assert_sound()


def test_a_decision_is_one_of_two_about_a_repeat_that_exists(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    assert settle(ledger, 1, "keep")["error_code"] == "VALIDATION_ERROR"
    assert settle(ledger, 1, "count")["error_code"] == "NOT_FOUND"
    assert settle(ledger, 1, "drop")["error_code"] == "NOT_FOUND"


def test_a_counted_repeat_that_a_total_counted_before_adds_nothing(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(NAMELESS, TWIN, status("o", "filled", "4", "100", "2"))
    [repeat] = waiting(queries)

    done = settle(ledger, repeat, "count")
    assert (done["outcome"], done["reason"]) == ("duplicate", "already_in_total")
    held = ledger.position()
    assert (held["size"], held["fees_paid"], held["needs_review"]) == (D(4), D(2), False)
    assert ledger.apply(NAMELESS, TWIN) == ["duplicate", "duplicate"]


# Executions with one id, with and without an order: what fits none, or several.
FIRST = fill("1", "Buy", "2", "100", order_id="o")
OTHER = FIRST | {"order_id": "p"}
BARE = {name: value for name, value in FIRST.items() if name != "order_id"}
UNCLEAR = {
    "no order fits": ([FIRST], BARE | {"execution_quantity": "3"}),
    "several orders fit": ([FIRST, OTHER], BARE),
    "it fits no order": ([BARE], FIRST | {"execution_quantity": "3"}),
    "a total may count it": ([BARE, status("o", "filled", "2", "100")], FIRST),
}
DETAILS = {
    "a total may count it": "counts without its order id, and in a total of its order;"
    " bust execution:1, then count this",
}


@pytest.mark.parametrize("case", UNCLEAR)
@pytest.mark.parametrize("decision", ["count", "drop"])
def test_an_execution_that_may_be_another_one_is_a_suspected_repeat(
    case: str,
    decision: str,
    ledger: Ledger,
    queries: OwnerQueries,
) -> None:
    before, unclear = UNCLEAR[case]
    assert ledger.apply(*before) == ["applied"] * len(before)
    size = ledger.position()["size"]

    [(outcome, reason, detail)] = ledger.judge("apply_order_events", [unclear])
    assert (outcome, reason) == ("quarantined", "suspected_repeat")
    usual = "fills with and without an order id have this execution id"
    assert detail == f"execution:1: {DETAILS.get(case, usual)}"
    assert ledger.apply(unclear | {"trace_id": "again"}) == ["quarantined"]
    assert ledger.position()["needs_review"] is True

    [repeat] = waiting(queries)
    settle(ledger, repeat, decision)
    assert ledger.position()["needs_review"] is False
    assert ledger.apply(unclear, unclear | {"trace_id": "again"}) == ["duplicate", "duplicate"]
    if decision == "drop":
        assert ledger.position()["size"] == size
    assert ledger.apply(*before) == ["duplicate"] * len(before)
    queries.assert_sound()


@pytest.mark.parametrize("filled", ["1", "2", "3"])
def test_an_execution_that_a_total_counts_as_well_counts_once_when_it_is_settled(
    filled: str, ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(BARE, status("o", "partially_filled", filled, "100"))
    assert ledger.apply(FIRST) == ["quarantined"]
    [repeat] = waiting(queries)

    ledger.apply(bust(None, identity="execution:1"))
    settle(ledger, repeat, "count")

    assert ledger.position()["size"] == max(D(2), D(filled))
    assert ledger.position()["needs_review"] is False
    assert ledger.apply(status("o", "filled", "4", "100")) == ["applied"]
    assert ledger.position()["size"] == D(4)
    assert ledger.apply(BARE, FIRST) == ["duplicate", "duplicate"]
    queries.assert_sound()


def test_a_forgotten_repeat_is_settled_by_dropping_it(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(NAMELESS, TWIN)
    [repeat] = waiting(queries)
    queries.owner.execute("UPDATE pms.settings SET rejected_max_bytes = 1")
    queries.owner.execute("SELECT pms.purge_rejected_messages()")
    assert waiting(queries) == []
    assert ledger.position()["needs_review"] is True

    assert settle(ledger, repeat, "count")["error_code"] == "NOT_FOUND"
    assert settle(ledger, repeat, "drop")["outcome"] == "dropped"
    assert ledger.position()["needs_review"] is False


def test_a_settled_repeat_is_kept_as_long_as_rejected_messages(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(NAMELESS, TWIN, NAMELESS | {"trace_id": "third"})
    first, second = waiting(queries)
    settle(ledger, first, "drop")
    queries.owner.execute("UPDATE pms.suspected_repeats SET last_seen_at = '2026-01-01Z'")
    queries.owner.execute("SELECT pms.purge_rejected_messages()")

    assert [row["id"] for row in queries.rows("SELECT * FROM api.suspected_repeats")] == [second]
