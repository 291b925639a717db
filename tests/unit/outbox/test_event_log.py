"""The log of events: numbers without gaps, cursors that say nothing, pointers, retention."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.helpers.outbox import WAITING
from tests.helpers.owner_queries import OwnerQueries

PUBLISH = """
    SELECT pms.publish_events(ARRAY(
        SELECT ('position', coalesce(a.account, 'all'), %(type)s, 'trace',
                jsonb_build_object('account', a.account, 'asset', a.account || 'USDT')
        )::pms.outbox_event
        FROM unnest(%(accounts)s::text[]) a (account)
    ))
"""
LOG = "SELECT e.* FROM pms.log_events(%(after)s, %(limit)s) e"
LOGGED = "SELECT e.* FROM pms.logged_events(%(after)s, 10000) e"
UNSENT = "SELECT e.number, e.type FROM pms.unsent_events(10000) e"
NUMBER = "SELECT pms.cursor_number(%(cursor)s)"
KEEP = """
    SELECT pms.maintain_table(t.parent, t.retention)
    FROM pms.partitioned_tables() t
    WHERE t.parent = 'pms.event_log'::regclass
"""
AGE = "UPDATE pms.event_log SET logged_at = logged_at - %(by)s, created_at = created_at - %(by)s"
DAYS = "SELECT p.partition::text AS day FROM pms.partitions_of('pms.event_log') p"


def publish(queries: OwnerQueries, *accounts: str | None, type: str = "position_updated") -> None:
    queries.rows(PUBLISH, accounts=list(accounts), type=type)


def log(queries: OwnerQueries, after: int = 0, limit: int = 10_000) -> dict[str, Any]:
    (row,) = queries.rows(LOG, after=after, limit=limit)
    return row


def logged(queries: OwnerQueries, after: int = 0) -> list[dict[str, Any]]:
    return queries.rows(LOGGED, after=after)


def age(queries: OwnerQueries, by: timedelta) -> None:
    """Make everything that is logged older."""
    queries.owner.execute(AGE, {"by": by})


def sent(queries: OwnerQueries, number: int) -> None:
    queries.rows("SELECT pms.note_sent_events(%(number)s)", number=number)


@pytest.fixture
def other(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn) as connection:
        yield connection


def test_events_move_from_the_outbox_into_the_log_with_their_account(
    queries: OwnerQueries,
) -> None:
    publish(queries, "main", "desk", None)
    written = queries.events()

    batch = log(queries)

    assert (batch["logged"], batch["positions_changed"]) == (3, True)
    assert queries.events() == []
    rows = logged(queries)
    assert [(row["number"], row["account"], row["asset"]) for row in rows] == [
        (1, "main", "mainUSDT"), (2, "desk", "deskUSDT"), (3, None, None)
    ]  # fmt: skip
    payloads = queries.rows("SELECT l.payload FROM pms.event_log l ORDER BY l.number")
    assert [row["payload"] for row in payloads] == [
        event | {"cursor": row["cursor"]} for event, row in zip(written, rows, strict=True)
    ]


def test_a_batch_has_a_limit_and_only_events_after_a_sequence(queries: OwnerQueries) -> None:
    publish(queries, "a", "b", "c")
    first = log(queries, limit=2)
    assert first["logged"] == 2
    assert log(queries, after=first["last_sequence"] + 1)["logged"] == 0

    assert log(queries, after=first["last_sequence"])["first_sequence"] == 3
    assert log(queries) == {
        "logged": 0, "first_sequence": None, "last_sequence": None, "positions_changed": None
    }  # fmt: skip


def test_a_lower_sequence_that_is_committed_later_gets_the_next_number(
    queries: OwnerQueries, other: psycopg.Connection[Any]
) -> None:
    other.execute(PUBLISH, {"accounts": ["late"], "type": "position_updated"})
    publish(queries, "early")
    log(queries)
    other.commit()
    publish(queries, "last")
    log(queries)

    assert [(row["number"], row["account"]) for row in logged(queries)] == [
        (1, "early"), (2, "late"), (3, "last")
    ]  # fmt: skip


def test_a_batch_that_is_rolled_back_leaves_no_gap(queries: OwnerQueries) -> None:
    publish(queries, "a", "b")
    with queries.owner.transaction(force_rollback=True):
        log(queries)
    assert logged(queries) == []

    log(queries, limit=1)
    log(queries)
    assert [(row["number"], row["account"]) for row in logged(queries)] == [(1, "a"), (2, "b")]


def test_a_reader_that_reads_on_misses_nothing_and_sees_nothing_twice(
    queries: OwnerQueries, dsn: str
) -> None:
    """Writers commit in another order than that of their sequences."""

    def write(name: str) -> None:
        chance = random.Random(name)
        with psycopg.connect(dsn) as connection:
            for place in range(40):
                values = {"accounts": [f"{name}-{place}"], "type": "position_updated"}
                connection.execute(PUBLISH, values)
                connection.execute("SELECT pg_sleep(%s)", [chance.random() / 200])
                connection.commit()

    writers = [threading.Thread(target=write, args=[f"w{number}"]) for number in range(6)]
    seen: list[tuple[int, str]] = []
    for writer in writers:
        writer.start()
    while True:
        done = not any(writer.is_alive() for writer in writers)
        log(queries, limit=7)
        after = seen[-1][0] if seen else 0
        found = logged(queries, after)
        seen += [(row["number"], row["account"]) for row in found]
        if done and not found:
            break

    assert [number for number, _ in seen] == list(range(1, 241))
    accounts = [account for _, account in seen]
    assert len(set(accounts)) == 240
    for number in range(6):
        own = [account for account in accounts if account.startswith(f"w{number}-")]
        assert own == [f"w{number}-{place}" for place in range(40)]


def test_a_cursor_leads_back_to_its_number_and_says_nothing(queries: OwnerQueries) -> None:
    publish(queries, *"abcdefgh")
    log(queries)
    cursors = [row["cursor"] for row in logged(queries)]

    assert [queries.value(NUMBER, cursor=cursor) for cursor in cursors] == list(range(1, 9))
    assert all(len(cursor) == 32 for cursor in cursors)
    # No two share a block, and they are in no order.
    assert len({cursor[start : start + 8] for cursor in cursors for start in (0, 8, 16, 24)}) == 32
    assert cursors != sorted(cursors) != cursors[::-1]


def test_nobody_makes_a_cursor_without_the_key(queries: OwnerQueries) -> None:
    publish(queries, "a", "b")
    log(queries)
    first, second = (row["cursor"] for row in logged(queries))
    forged = [
        None, "", "1", first[:-1], first + "A", first[:-1] + "!", second[:16] + first[16:],
        first[:-1] + ("A" if first[-1] != "A" else "B"), "A" * 32, f"{first}\n",
    ]  # fmt: skip

    assert [queries.value(NUMBER, cursor=cursor) for cursor in forged] == [None] * len(forged)
    queries.owner.execute("UPDATE pms.cursor_key SET secret = sha256('another database')")
    assert queries.value(NUMBER, cursor=first) is None


def test_a_restored_log_refuses_cursors_of_events_that_it_lost(queries: OwnerQueries) -> None:
    publish(queries, "kept")
    log(queries)
    # A backup is taken here, and these come after it; then it is restored.
    publish(queries, "lost", "lost")
    log(queries)
    sent(queries, 3)
    kept, *lost = (row["cursor"] for row in logged(queries))
    queries.owner.execute("DELETE FROM pms.event_log WHERE number > 1")
    queries.owner.execute("UPDATE pms.event_epoch SET number = number + 1")
    lost_before = [queries.value(NUMBER, cursor=cursor) for cursor in lost]

    publish(queries, "new", "new", "new")
    log(queries)

    assert lost_before == [-1, -1]
    assert [queries.value(NUMBER, cursor=cursor) for cursor in lost] == [-1, -1]
    # An event of both is read on from.
    assert queries.value(NUMBER, cursor=kept) == 1
    new = logged(queries, 1)
    assert [row["number"] for row in new] == [2, 3, 4]
    assert [queries.value(NUMBER, cursor=row["cursor"]) for row in new] == [2, 3, 4]
    assert new[0]["cursor"] != lost[0]
    # A dump has a later value of the pointer than its rows: nothing new is taken for sent.
    assert [row["number"] for row in queries.rows(UNSENT)] == [2, 3, 4]


def test_only_the_newest_of_the_announcements_that_wait_is_sent(queries: OwnerQueries) -> None:
    for type in ("portfolio_updated", "position_updated", "portfolio_updated",
                 "limit_breached", "portfolio_updated", "position_updated"):  # fmt: skip
        publish(queries, "main" if type == "position_updated" else None, type=type)
    log(queries)

    assert [(row["number"], row["type"]) for row in queries.rows(UNSENT)] == [
        (2, "position_updated"), (4, "limit_breached"),
        (5, "portfolio_updated"), (6, "position_updated"),
    ]  # fmt: skip
    # In the log all stay.
    assert len(logged(queries)) == 6


def test_the_pointer_of_the_relay_never_falls(queries: OwnerQueries) -> None:
    publish(queries, "a", "b", "c")
    log(queries)
    assert [row["number"] for row in queries.rows(UNSENT)] == [1, 2, 3]

    sent(queries, 2)
    sent(queries, 1)

    assert [row["number"] for row in queries.rows(UNSENT)] == [3]


def test_events_wait_for_the_broker_in_outbox_and_log(queries: OwnerQueries) -> None:
    ages = "SELECT pms.outbox_since() = %(oldest)s"
    publish(queries, "a", "b")
    log(queries, limit=1)
    ((oldest,),) = (row.values() for row in queries.rows("SELECT created_at FROM pms.event_log"))
    assert (queries.value(WAITING), queries.value(ages, oldest=oldest)) == (2, True)

    sent(queries, 1)
    ((oldest,),) = (row.values() for row in queries.rows("SELECT created_at FROM pms.outbox"))
    assert (queries.value(WAITING), queries.value(ages, oldest=oldest)) == (1, True)

    log(queries)
    sent(queries, 2)
    assert (queries.value(WAITING), queries.value("SELECT pms.outbox_since()")) == (0, None)


def test_readers_of_the_log_are_notified_when_it_grows(queries: OwnerQueries, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as listener:
        listener.execute("LISTEN pms_event_log")

        log(queries)
        assert list(listener.notifies(timeout=0.1)) == []

        publish(queries, "a", "b")
        log(queries)
        assert len(list(listener.notifies(timeout=10, stop_after=1))) == 1


def test_the_time_of_the_log_does_not_go_back(queries: OwnerQueries) -> None:
    publish(queries, "a", "b")
    log(queries, limit=1)
    age(queries, timedelta(days=-3))
    log(queries)

    first, second = (row["logged_at"] for row in logged(queries))
    assert first == second


def test_whole_days_are_dropped_but_what_waits_and_the_newest_event(
    queries: OwnerQueries,
) -> None:
    for account in "abc":
        publish(queries, account)
        log(queries)
        age(queries, timedelta(days=1))
    queries.rows(KEEP)
    days = [row["day"] for row in queries.rows(DAYS)]
    assert len(days) == 6
    assert all(day.startswith("pms.event_log_20") and len(day) == 24 for day in days)

    def kept(retention: timedelta) -> list[int]:
        queries.owner.execute("UPDATE pms.settings SET event_retention = %s", [retention])
        queries.rows(KEEP)
        return [row["number"] for row in logged(queries)]

    # The broker has none of them.
    assert kept(timedelta(days=1)) == [1, 2, 3]
    sent(queries, 1)
    assert kept(timedelta(days=1)) == [2, 3]
    sent(queries, 3)
    assert kept(timedelta(days=30)) == [2, 3]
    assert kept(timedelta(days=1)) == [3]

    publish(queries, "d")
    log(queries)
    assert kept(timedelta(days=1)) == [3, 4]
    age(queries, timedelta(days=1))
    queries.rows(KEEP)
    assert kept(timedelta(days=1)) == [4]


def test_an_empty_log_has_bounds(queries: OwnerQueries) -> None:
    assert queries.rows("SELECT b.* FROM pms.log_bounds() b") == [{"first": 1, "last": 0}]
