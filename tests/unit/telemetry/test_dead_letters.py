"""Dead letters: retried once the cause is fixed, or dropped."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill

REJECT = "SELECT pms.record_rejected_messages(%s, %s, %s, %s, %s)"
# Deeper than PostgreSQL can parse: it raises 54001.
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
MARK = {"event_type": "ticker", "data": {"symbol": "BTCUSDT", "mark_price": "51000"}}
REPORT = {
    "event_type": "position",
    "data": {"symbol": "BTCUSDT", "side": "Buy", "size": "1", "avgPrice": "50000"},
}


def refuse(ledger: Ledger, feed: str, body: bytes, reason: str = "invalid_side") -> int:
    """Refuse a message as the worker does; its id among the dead letters."""
    with ledger.worker.transaction():
        ledger.worker.execute(REJECT, [feed, [body], [reason], ["a: detail"], ["trace-1"]])
    (letter,) = letters(ledger)
    return int(letter["id"])


def letters(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.operator.transaction():
        rows = ledger.operator.execute(
            "SELECT to_jsonb(d) FROM api.dead_letters d ORDER BY d.id"
        ).fetchall()
    return [row[0] for row in rows]


def test_a_dead_letter_is_shown_as_received(ledger: Ledger) -> None:
    refuse(ledger, "prices", b'{"a": "\xc3\xa4"}')
    refused = letters(ledger)[0]

    assert (refused["feed"], refused["reason"], refused["detail"]) == (
        "prices",
        "invalid_side",
        "a: detail",
    )
    assert refused["message"] == {"a": "ä"}
    assert refused["body"] == '{"a": "\\303\\244"}'
    assert (refused["bytes"], refused["times_seen"]) == (11, 1)


def test_a_retried_message_that_succeeds_leaves_the_dead_letters(ledger: Ledger) -> None:
    message = fill("late-defined", "Buy", "2", "100")
    letter = refuse(ledger, "order_events", json.dumps(message).encode())

    done = ledger.call("retry_dead_letter", id=letter)

    assert (done["id"], done["outcome"]) == (letter, "applied")
    assert letters(ledger) == []
    assert ledger.position()["size"] == Decimal(2)


def test_a_second_retry_finds_nothing(ledger: Ledger) -> None:
    message = fill("once", "Buy", "2", "100")
    letter = refuse(ledger, "order_events", json.dumps(message).encode())
    ledger.call("retry_dead_letter", id=letter)

    again = ledger.call("retry_dead_letter", id=letter)

    assert again["error_code"] == "NOT_FOUND"
    assert ledger.position()["size"] == Decimal(2)


def test_a_message_applied_before_its_retry_counts_once(ledger: Ledger) -> None:
    message = fill("both-ways", "Buy", "2", "100")
    ledger.apply(message)
    letter = refuse(ledger, "order_events", json.dumps(message).encode())

    assert ledger.call("retry_dead_letter", id=letter)["outcome"] == "duplicate"
    assert letters(ledger) == []
    assert ledger.position()["size"] == Decimal(2)


def test_concurrent_retries_apply_a_message_once(ledger: Ledger, database: Any) -> None:
    message = fill("raced", "Buy", "2", "100")
    letter = refuse(ledger, "order_events", json.dumps(message).encode())
    with psycopg.connect(database.dsn("pms_operator")) as other:
        ledger.operator.execute("SELECT api.retry_dead_letter(%s)", [letter])
        other.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT api.retry_dead_letter(%s)", [letter])
        ledger.operator.commit()

    assert ledger.position()["size"] == Decimal(2)


def test_a_failed_retry_stays_with_its_new_reason(ledger: Ledger) -> None:
    message = fill("wrong", "hold", "2", "100")
    letter = refuse(ledger, "order_events", json.dumps(message).encode(), "an_old_reason")

    done = ledger.call("retry_dead_letter", id=letter)

    (left,) = letters(ledger)
    assert (done["outcome"], done["reason"]) == ("rejected", "invalid_side")
    assert (left["id"], left["reason"], left["times_seen"]) == (letter, "invalid_side", 1)
    assert left["detail"] == done["detail"]


@pytest.mark.parametrize(("feed", "message"), [("prices", MARK), ("venue_positions", REPORT)])
def test_messages_of_every_feed_can_be_retried(
    ledger: Ledger, feed: str, message: dict[str, Any]
) -> None:
    letter = refuse(ledger, feed, json.dumps(message).encode())

    assert ledger.call("retry_dead_letter", id=letter)["outcome"] == "applied"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xfe", "invalid_side"),
        (b"not json", "invalid_side"),
        (b'{"a": "\\u0000"}', "invalid_side"),
        (DEEP, "invalid_side"),
        (DEEP, "too_deep"),
        (b'{"side": "buy", "side": "sell"}', "duplicate_key"),
        (b'{"cut": 1}', "too_large"),
    ],
)
def test_an_unreadable_message_can_only_be_dropped(
    ledger: Ledger, body: bytes, reason: str
) -> None:
    letter = refuse(ledger, "order_events", body, reason)
    assert letters(ledger)[0]["message"] is None

    refused = ledger.call("retry_dead_letter", id=letter)
    assert (refused["error_code"], refused["details"]["reason"]) == ("CONFLICT", reason)

    assert ledger.call("drop_dead_letter", id=letter) == {"id": letter, "outcome": "dropped"}
    assert letters(ledger) == []
    assert ledger.call("drop_dead_letter", id=letter)["error_code"] == "NOT_FOUND"


def test_the_size_and_the_digest_are_of_the_whole_message(ledger: Ledger) -> None:
    whole = b"x" * 10_000
    arguments = [[whole[:4096]], ["invalid_json"], ["d"], [None], [len(whole)]]
    record = "SELECT pms.record_rejected_messages('prices', %s, %s, %s, %s, %s, %s)"
    with ledger.worker.transaction():
        for _ in range(2):
            ledger.worker.execute(record, [*arguments, [sha256(whole).digest()]])

    (letter,) = letters(ledger)
    assert (letter["bytes"], letter["sha256"]) == (10_000, sha256(whole).hexdigest())
    assert (letter["body"], letter["times_seen"]) == ("x" * 4096, 2)


def purge(owner: psycopg.Connection[Any]) -> str:
    row = owner.execute("SELECT s.done FROM pms.purge_rejected_messages() s").fetchone()
    assert row is not None
    return str(row[0])


def forgotten(messages: int, conflicts: int) -> str:
    return f"{messages} rejected messages, {conflicts} conflicts and 0 suspected repeats forgotten"


def kept(ledger: Ledger) -> list[tuple[str, str]]:
    return [(letter["feed"], letter["body"][:1]) for letter in letters(ledger)]


def fill_up(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    """Refuse three messages of 100 kB in each of two feeds, and contradict a fill."""
    # Random: the limit is of the bytes that are stored, which are compressed.
    noise = random.Random(1).randbytes(50_000).hex().encode()
    for feed in ("order_events", "prices"):
        for place in (b"1", b"2", b"3"):
            with ledger.worker.transaction():
                ledger.worker.execute(REJECT, [feed, [place + noise], ["r"], ["d"], ["t"]])
    ledger.apply(fill("a", "Buy", "2", "100"))
    assert ledger.apply(fill("a", "Buy", "3", "100")) == ["rejected"]
    assert owner.execute("SELECT count(*) FROM pms.conflicts").fetchone() == (1,)


def test_what_a_feed_may_store_is_bounded_and_the_oldest_goes_first(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    fill_up(ledger, owner)
    assert purge(owner) == forgotten(0, 0)

    owner.execute("UPDATE pms.settings SET rejected_max_bytes = 250000")

    assert purge(owner) == forgotten(2, 0)
    assert kept(ledger) == [(f, n) for f in ("order_events", "prices") for n in ("2", "3")]

    owner.execute("UPDATE pms.settings SET rejected_max_bytes = 1")
    assert purge(owner) == forgotten(4, 1)


def test_old_rejected_messages_and_conflicts_are_forgotten(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    fill_up(ledger, owner)
    owner.execute(
        "UPDATE pms.rejected_messages SET last_seen_at = now() - interval '91 days'"
        " WHERE feed = 'prices'"
    )
    owner.execute("UPDATE pms.conflicts SET last_seen_at = now() - interval '91 days'")

    # Not while it waits to be decided.
    assert purge(owner) == forgotten(3, 0)
    assert {feed for feed, _ in kept(ledger)} == {"order_events"}

    owner.execute("UPDATE pms.conflicts SET status = 'kept'")
    assert purge(owner) == forgotten(0, 1)
