"""What a read of the log costs, and where it begins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.helpers.owner_queries import OwnerQueries

FILL = """
    INSERT INTO pms.outbox (aggregatetype, aggregateid, type, payload)
    SELECT 'position', a.account, 'position_updated', jsonb_build_object('account', a.account)
    FROM (SELECT %(account)s::text AS account) a
    CROSS JOIN generate_series(1, %(count)s)
"""
LOG = "SELECT e.logged FROM pms.log_events(0, 100000) e"
AGE = "UPDATE pms.event_log SET logged_at = logged_at - %s"
READ = """
    SELECT sum(s.seq_tup_read + s.idx_tup_fetch)::integer
    FROM pg_stat_xact_user_tables s
    WHERE s.relname ~ '^event_log_(default|[0-9])'
"""
IN_SCOPE = "SELECT e.number FROM pms.events_in_scope(%(accounts)s, %(types)s, 0, 10) e"
NEWEST = "SELECT pms.newest_event_in_scope(%(accounts)s, 0)"
KEEP = "SELECT pms.create_partitions('pms.event_log', 2)"


def log(queries: OwnerQueries, account: str, count: int) -> None:
    queries.owner.execute(FILL, {"account": account, "count": count})
    queries.rows(LOG)


def get(queries: OwnerQueries, **asked: object) -> dict[str, Any]:
    named = ", ".join(f"{name} => %({name})s" for name in asked)
    body: dict[str, Any] = queries.value(f"SELECT api.get_events({named})", **asked)
    return body


def test_a_read_costs_the_events_that_it_asks_for_only(queries: OwnerQueries) -> None:
    queries.rows(KEEP)
    # A plan of an empty log is kept.
    for _ in range(6):
        queries.rows(IN_SCOPE, accounts=["own", "too"], types=None)
        queries.rows(IN_SCOPE, accounts=None, types=["limit_breached"])
    for _ in range(3):
        log(queries, "foreign", 1000)
        log(queries, "own", 1)
        log(queries, "too", 1)

    for statement, values, most in (
        (IN_SCOPE, {"accounts": ["own", "too"], "types": None}, 6),
        (IN_SCOPE, {"accounts": ["own"], "types": ["limit_breached"]}, 3),
        (NEWEST, {"accounts": ["own", "too"]}, 2),
        # The first page of all, and no more.
        (IN_SCOPE, {"accounts": None, "types": None}, 10),
        (IN_SCOPE, {"accounts": None, "types": ["limit_breached"]}, 0),
    ):
        with queries.owner.transaction():
            before = queries.value(READ)
            queries.rows(statement, **values)
            assert queries.value(READ) - before <= most, (statement, values)


def test_a_day_ends_for_readers_whether_or_not_it_is_dropped(queries: OwnerQueries) -> None:
    log(queries, "own", 2)
    old = get(queries, account="own")
    queries.owner.execute(AGE, [timedelta(days=8)])

    # It is the newest event of the log, or another account has a newer one.
    for foreign in (0, 5):
        if foreign:
            log(queries, "foreign", foreign)
        refused = get(queries, account="own", after=old["next_cursor"])
        assert refused["error_code"] == "CURSOR_EXPIRED"
        kept = get(queries, account="own")
        assert (kept["events"], kept["next_cursor"], kept["has_more"]) == ([], None, False)

    log(queries, "own", 1)
    new = get(queries, account="own")
    assert len(new["events"]) == 1
    assert get(queries, account="own", after=new["next_cursor"])["events"] == []


def test_a_page_begins_after_any_cursor_of_the_log(queries: OwnerQueries) -> None:
    log(queries, "own", 1)
    log(queries, "foreign", 1)
    foreign = get(queries, account="foreign")["next_cursor"]

    # It does not go back to the last event of its own.
    nothing = {"events": [], "next_cursor": foreign, "has_more": False}
    assert get(queries, account="own", after=foreign) == nothing
    log(queries, "own", 1)
    assert len(get(queries, account="own", after=foreign)["events"]) == 1
