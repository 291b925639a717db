"""Messages of accounts that another shard has come back, and leave nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import (
    Ledger,
    action,
    bust,
    correction,
    elsewhere,
    fill,
    funding,
    status,
)
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.reviews import letters, refuse, reviews
from tests.helpers.shard_maps import set_map, shard_map
from tests.helpers.venue import camel, snake

Message = dict[str, Any]

# All that a message may leave.
LEFT = """
    SELECT
        (SELECT count(*) FROM pms.entries),
        (SELECT count(*) FROM pms.legs),
        (SELECT count(*) FROM pms.amendments),
        (SELECT count(*) FROM pms.venue_positions),
        (SELECT count(*) FROM pms.reviews),
        (SELECT count(*) FROM pms.conflicts),
        (SELECT count(*) FROM pms.suspected_repeats),
        (SELECT count(*) FROM pms.outbox)
"""
RETRY = "SELECT pms.retry_future_events(NULL)"
NOT_SHARDED: tuple[Any, ...] = ("applied", None, None)
ELSEWHERE: tuple[Any, ...] = ("misdirected", None, "3")


@pytest.fixture
def shard(ledger: Ledger) -> Ledger:
    """A shard on which all accounts are but two."""
    set_map(ledger.operator, shard_map(away=3, far=4))
    return ledger


def with_account(report: Message, account: str) -> Message:
    """A report of the venue about an account."""
    name = "payload" if "payload" in report else "data"
    return report | {name: report[name] | {"account": account}}


@pytest.mark.parametrize(
    "message",
    [
        elsewhere(fill("a", "Buy", "1", "100"), "away"),
        elsewhere(fill("a", "Buy", "1", "100"), " away "),
        elsewhere(fill("a", "Buy", "1", "100", strategy="alpha"), "away"),
        elsewhere(fill("a", "Buy", "-1", "100"), "away"),
        elsewhere(fill("a", "Buy", "1", "100", is_dry_run=True), "away"),
        elsewhere(fill("a", "Buy", "1", "100", at="9999-01-01T00:00:00Z"), "away"),
        status("o", "filled", "1", "100", account="away"),
        elsewhere(status("o", "filled", "1", "100"), "away"),
        elsewhere(funding("f", "1"), "away"),
        elsewhere(bust("a"), "away"),
        elsewhere(correction("a", execution_price="2"), "away"),
        elsewhere(correction("a"), "away"),
    ],
)
def test_an_order_event_of_another_shard_comes_back(
    shard: Ledger, queries: OwnerQueries, message: Message
) -> None:
    before = queries.rows(LEFT)

    assert shard.judge("apply_order_events", [message]) == [ELSEWHERE]

    assert queries.rows(LEFT) == before
    assert (letters(shard), reviews(shard)) == ([], [])


@pytest.mark.parametrize("shape", [snake, camel])
def test_a_report_of_the_venue_of_another_shard_comes_back(
    shard: Ledger, queries: OwnerQueries, shape: Callable[..., Message]
) -> None:
    before = queries.rows(LEFT)
    reports = [with_account(shape("1", "90", 1, markPrice="91"), "away"), shape("2", "90", 1)]

    assert shard.judge("apply_venue_positions", reports[:1]) == [ELSEWHERE]
    assert queries.rows(LEFT) == before
    assert queries.rows("SELECT * FROM pms.prices") == []

    assert [outcome for outcome, *_ in shard.judge("apply_venue_positions", reports)] == [
        "misdirected", "applied",
    ]  # fmt: skip


def test_of_a_mixed_batch_exactly_those_of_others_come_back(
    shard: Ledger, queries: OwnerQueries
) -> None:
    batch = [
        fill("a", "Buy", "1", "100"),
        elsewhere(fill("a", "Buy", "2", "100"), "away"),
        elsewhere(fill("a", "Buy", "4", "100"), "near"),
        elsewhere(fill("a", "Buy", "8", "100"), "far"),
        fill("b", "Buy", "-1", "100"),
        elsewhere(bust("a"), "away"),
        bust("a"),
        fill("c", "Buy", "16", "100", strategy="alpha"),
        elsewhere(fill("d", "Buy", "1", "100"), "no|name"),
        elsewhere(fill("d", "Buy", "1", "100"), "x" * 65),
    ]

    found = shard.judge("apply_order_events", batch)

    assert [(outcome, reason) for outcome, reason, _ in found] == [
        ("applied", None), ("misdirected", None), ("applied", None), ("misdirected", None),
        ("rejected", "invalid_quantity"), ("misdirected", None), ("applied", None),
        ("applied", None), ("rejected", "invalid_account"), ("rejected", "invalid_account"),
    ]  # fmt: skip
    assert [found[place][2] for place in (1, 3, 5)] == ["3", "4", "3"]
    assert (shard.position()["size"], shard.position(account="near")["size"]) == (16, 4)
    assert queries.rows("SELECT l.account FROM pms.legs l WHERE l.account IN ('away', 'far')") == []
    assert reviews(shard) == []


def test_a_batch_that_is_repeated_on_the_right_shard_counts_once(shard: Ledger) -> None:
    batch = [fill("a", "Buy", "1", "100"), elsewhere(fill("a", "Buy", "2", "100"), "away")]
    assert shard.apply(*batch) == ["applied", "misdirected"]

    set_map(shard.operator, shard_map(2, main=3))

    assert shard.apply(*batch) == ["misdirected", "applied"]
    assert shard.apply(*batch) == ["misdirected", "duplicate"]
    assert (shard.position()["size"], shard.position(account="away")["size"]) == (1, 2)


def test_a_corporate_action_is_of_all_shards(shard: Ledger) -> None:
    set_map(shard.operator, shard_map(2, main=3))
    shard.apply(elsewhere(fill("a", "Buy", "1", "100"), "near"))
    split = action("s", "split", ratio="2")

    assert shard.apply(split, elsewhere(bust("a"), "main")) == ["applied", "misdirected"]
    assert shard.position(account="near")["size"] == 2
    assert shard.apply(bust(None, identity="action:s")) == ["applied"]
    assert shard.position(account="near")["size"] == 1


def test_without_a_map_every_account_is_taken(ledger: Ledger) -> None:
    assert ledger.judge("apply_order_events", [elsewhere(fill("a", "Buy", "1", "9"), "away")]) == [
        NOT_SHARDED
    ]
    assert ledger.judge("apply_venue_positions", [with_account(snake("1", "9", 1), "away")]) == [
        NOT_SHARDED
    ]


def test_an_unreadable_message_of_another_shard_flags_nothing_here(
    shard: Ledger, queries: OwnerQueries
) -> None:
    refuse(shard, elsewhere(fill("a", "Buy", "x", "100"), "away"), reason="too_deep")

    assert len(letters(shard)) == 1
    assert reviews(shard) == []
    assert queries.rows("SELECT * FROM pms.legs") == []


def test_a_dead_letter_of_an_account_that_moved_away_stays_with_its_reason(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=70)).isoformat()
    refuse(
        ledger, elsewhere(fill("a", "Buy", "1", "10", at=soon), "away"),
        fill("b", "Buy", "2", "10", at=soon), reason="time_in_future",
    )  # fmt: skip
    owner.execute("UPDATE pms.settings SET clock_skew_limit = '80 seconds'")
    set_map(ledger.operator, shard_map(away=3))

    assert "1 order events accepted" in str(queries.value(RETRY) or queries.value(RETRY))

    (letter,) = letters(ledger)
    refused = ledger.call("retry_dead_letter", id=letter)
    assert (refused["error_code"], refused["message"]) == ("CONFLICT", "its account is on shard 3")
    assert letters(ledger) == [letter]

    set_map(ledger.operator, shard_map(2))
    assert ledger.call("retry_dead_letter", id=letter)["outcome"] == "applied"
    assert ledger.position(account="away")["size"] == 1


def test_a_decision_that_would_book_for_another_shard_is_refused(ledger: Ledger) -> None:
    first = elsewhere(fill("a", "Buy", "1", "10"), "away")
    unclear = first | {"order_id": None, "execution_quantity": "8"}
    assert ledger.apply(first) == ["applied"]
    assert ledger.apply(first | {"execution_quantity": "7"}) == ["rejected"]
    assert ledger.apply(unclear) == ["quarantined"]
    with ledger.operator.transaction():
        (conflict,) = ledger.operator.execute("SELECT id FROM api.conflicts").fetchall()
        (repeat,) = ledger.operator.execute("SELECT id FROM api.suspected_repeats").fetchall()
    set_map(ledger.operator, shard_map(away=3))

    for function, (id_,), decision in (
        ("settle_conflict", conflict, "take"),
        ("settle_suspected_repeat", repeat, "count"),
    ):
        answer = ledger.call(function, id=id_, decision=decision)
        assert answer["error_code"] == "CONFLICT"
        assert answer["details"] == {"id": id_, "reason": "misdirected", "detail": "3"}

    set_map(ledger.operator, shard_map(2))
    assert ledger.call("settle_conflict", id=conflict[0], decision="take")["outcome"] == "taken"
    assert ledger.call("settle_suspected_repeat", id=repeat[0], decision="count")["outcome"] == (
        "applied"
    )
