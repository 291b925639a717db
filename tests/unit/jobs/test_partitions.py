"""Monthly partitions are created in advance and dropped when expired, without loss of rows."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.concurrency import until_blocked
from tests.helpers.ledger import Ledger, fill
from tests.helpers.owner_queries import OwnerQueries

if TYPE_CHECKING:
    from tests.conftest import Database

KEEP = "SELECT s.done FROM pms.maintain_partitions(NULL) s"
PARTITIONS = """
    SELECT p.partition::text, p.since, p.until FROM pms.partitions_of('pms.snapshots') p
"""
# Copies of a real snapshot at given moments.
COPY_OF = """
    INSERT INTO pms.snapshots
    SELECT c.*
    FROM (SELECT s AS taken FROM pms.snapshots s ORDER BY s.created_at DESC LIMIT 1) t
    CROSS JOIN unnest(%s::timestamptz[]) m
    CROSS JOIN LATERAL jsonb_populate_record(
        t.taken, jsonb_build_object('created_at', m, 'id', gen_random_uuid())
    ) c
"""
WHERE = (
    "SELECT s.tableoid::regclass::text AS partition, s.created_at FROM pms.snapshots s ORDER BY 2"
)
AUDITED = """
    INSERT INTO pms.audit (recorded_at, role, command, arguments, outcome)
    SELECT %s + n * interval '1 microsecond', 'r', 'c', '{}', 'done'
    FROM generate_series(0, %s - 1) n
"""
OLD = timedelta(microseconds=2200)
MAINTAIN_AUDIT = """
    SELECT pms.maintain_table(t.parent, t.retention, t.max_bytes)
    FROM pms.partitioned_tables() t
    WHERE t.parent = 'pms.audit'::regclass
"""


def month(back: int, now: datetime) -> datetime:
    """The start of the month `back` months ago."""
    number = now.year * 12 + now.month - 1 - back
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def name(moment: datetime) -> str:
    return f"pms.snapshots_{moment:%Y_%m}"


@pytest.fixture
def now(queries: OwnerQueries) -> datetime:
    moment: datetime = queries.now()
    return moment.astimezone(UTC)


@pytest.fixture
def taken(ledger: Ledger) -> Ledger:
    """A ledger with one current snapshot."""
    ledger.apply(fill("a", "Buy", "1", "10"))
    ledger.call("create_snapshots")
    return ledger


def keep(owner: psycopg.Connection[Any]) -> str:
    row = owner.execute(KEEP).fetchone()
    assert row is not None
    return str(row[0])


def test_the_current_and_next_two_partitions_are_created_once(
    owner: psycopg.Connection[Any], queries: OwnerQueries, now: datetime
) -> None:
    months = [month(-ahead, now) for ahead in range(4)]

    messages = [keep(owner), keep(owner)]

    assert messages == [
        "pms.snapshots: added " + " ".join(f"{each:%Y-%m}" for each in months[:3]),
        "pms.snapshots: nothing to do",
    ]
    assert queries.rows(PARTITIONS) == [
        {"partition": name(each), "since": each, "until": after}
        for each, after in itertools.pairwise(months)
    ]


def test_vacuum_freezes_months_and_not_days(
    owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    for parent in ("pms.snapshots", "pms.event_log"):
        owner.execute("SELECT pms.create_partitions(%s, 0)", [parent])

    options = queries.rows("""
        SELECT i.inhparent::regclass::text AS parent, c.reloptions
        FROM pg_inherits i
        INNER JOIN pg_class c ON i.inhrelid = c.oid
        WHERE i.inhparent IN ('pms.snapshots'::regclass, 'pms.event_log'::regclass)
            AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
        ORDER BY 1 DESC
    """)

    assert options == [
        {"parent": "pms.snapshots", "reloptions": ["autovacuum_freeze_min_age=0"]},
        {"parent": "pms.event_log", "reloptions": None},
    ]


def test_a_partition_is_bounded_by_utc_months(
    taken: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries, now: datetime
) -> None:
    owner.execute("SET TIME ZONE 'Asia/Tokyo'")
    keep(owner)
    last, this, coming, after = (month(back, now) for back in (1, 0, -1, -2))
    tick = timedelta(microseconds=1)
    owner.execute(COPY_OF, [[this - tick, coming - tick, coming, after - tick]])

    def partitions() -> list[tuple[str, datetime]]:
        own = "SELECT max(p.last_snapshot_at) FROM pms.positions p"
        taken_at = queries.value(own)
        rows = queries.rows(WHERE)
        return [(each["partition"], each["created_at"]) for each in rows
                if each["created_at"] != taken_at]  # fmt: skip

    assert partitions()[1:] == [
        (name(this), coming - tick),
        (name(coming), coming),
        (name(coming), after - tick),
    ]
    assert partitions()[0] == ("pms.snapshots_default", this - tick)
    assert keep(owner) == f"pms.snapshots: added {last:%Y-%m}"
    assert partitions()[0] == (name(last), this - tick)


def test_rows_without_a_partition_are_stored_then_moved(
    taken: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries, now: datetime
) -> None:
    moments = [month(3, now), month(2, now) - timedelta(hours=1), month(-9, now)]
    owner.execute(COPY_OF, [moments])
    before = queries.rows("SELECT s.* FROM api.snapshots s ORDER BY s.created_at")
    assert {row["partition"] for row in queries.rows(WHERE)} == {"pms.snapshots_default"}

    keep(owner)

    assert queries.rows("SELECT s.* FROM api.snapshots s ORDER BY s.created_at") == before
    assert [row["partition"] for row in queries.rows(WHERE)] == [
        name(month(3, now)), name(month(3, now)), name(now), name(month(-9, now))
    ]  # fmt: skip
    assert keep(owner) == "pms.snapshots: nothing to do"


def test_retention_drops_only_expired_partitions(
    taken: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries, now: datetime
) -> None:
    owner.execute(COPY_OF, [[month(back, now) for back in range(1, 16)]])
    keep(owner)
    # To the second the month of back 4 is still within: it ends when back 3 begins.
    retention = now - month(3, now)
    others = "SELECT count(*) FROM pms.entries UNION ALL SELECT count(*) FROM pms.positions"
    untouched = queries.rows(others)

    def kept(longer: timedelta) -> list[str]:
        owner.execute("UPDATE pms.settings SET snapshot_retention = %s", [retention + longer])
        messages.append(keep(owner))
        return [row["partition"] for row in queries.rows(WHERE)][:-1]

    messages: list[str] = []
    before = kept(timedelta(hours=1))
    after = kept(timedelta(hours=-1))

    assert before == [name(month(back, now)) for back in range(4, 0, -1)]
    assert after == [name(month(back, now)) for back in range(3, 0, -1)]
    assert messages[1] == f"pms.snapshots: dropped {month(4, now):%Y-%m}"
    assert queries.rows(others) == untouched
    # The as-of state and the last snapshot time of a position do not depend on it.
    assert taken.position()["last_snapshot_at"] is not None
    assert keep(owner) == "pms.snapshots: nothing to do"


def test_maintenance_does_not_block_a_busy_table(
    taken: Ledger, owner: psycopg.Connection[Any], database: Database, queries: OwnerQueries
) -> None:
    with psycopg.connect(database.dsn("pms_owner")) as reader:
        reader.execute("SELECT count(*) FROM pms.snapshots")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            keep(owner)

    assert queries.rows(PARTITIONS) == []
    assert "added" in keep(owner)


def test_concurrent_runs_create_partitions_once(
    taken: Ledger, owner: psycopg.Connection[Any], database: Database, queries: OwnerQueries
) -> None:
    with (
        psycopg.connect(database.dsn("pms_owner")) as first,
        psycopg.connect(database.dsn("pms_owner"), autocommit=True) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        assert "added" in keep(first)
        waiting = pool.submit(keep, second)
        until_blocked(owner)
        first.commit()
        assert waiting.result(timeout=60) == "pms.snapshots: nothing to do"

    assert len(queries.rows(PARTITIONS)) == 3


def test_the_oldest_months_of_the_audit_log_are_dropped_when_it_is_too_large(
    owner: psycopg.Connection[Any], queries: OwnerQueries, now: datetime
) -> None:
    for back in (2, 1, 0):
        owner.execute(AUDITED, [month(back, now), 1000])
    months = (
        "SELECT DISTINCT date_trunc('month', a.recorded_at, 'UTC') AS month"
        " FROM pms.audit a ORDER BY 1"
    )
    owner.execute(MAINTAIN_AUDIT)
    # A row of these tests takes some 350 bytes.
    owner.execute("UPDATE pms.settings SET audit_max_bytes = 900000")

    owner.execute(MAINTAIN_AUDIT)
    assert [row["month"] for row in queries.rows(months)] == [month(1, now), month(0, now)]


def test_the_oldest_rows_of_the_present_month_are_deleted_when_it_is_too_large(
    owner: psycopg.Connection[Any], queries: OwnerQueries, now: datetime
) -> None:
    owner.execute(AUDITED, [month(0, now), 4000])
    oldest = "SELECT count(*) AS rows, min(a.recorded_at) AS since FROM pms.audit a"
    owner.execute(MAINTAIN_AUDIT)
    owner.execute("UPDATE pms.settings SET audit_max_bytes = 700000")

    (said,) = queries.rows(MAINTAIN_AUDIT)[0].values()

    (kept,) = queries.rows(oldest)
    assert said == f"pms.audit: deleted {4000 - kept['rows']} rows"
    # Nine tenths of the size, of some 350 bytes each.
    assert 1600 < kept["rows"] < 2000
    assert kept["since"] == month(0, now) + timedelta(microseconds=4000 - kept["rows"])
    # Its files are as large as before.
    assert queries.rows(MAINTAIN_AUDIT)[0].popitem()[1] == "pms.audit: nothing to do"


def test_a_month_whose_oldest_rows_were_deleted_outlives_its_end(
    owner: psycopg.Connection[Any], queries: OwnerQueries, now: datetime
) -> None:
    owner.execute(AUDITED, [month(1, now), 4000])
    owner.execute(MAINTAIN_AUDIT)
    owner.execute("UPDATE pms.settings SET audit_max_bytes = 700000")
    # As pms.shorten_table did while it was the present month: its files are as large as before.
    owner.execute("DELETE FROM pms.audit a WHERE a.recorded_at < %s", [month(1, now) + OLD])

    assert queries.rows(MAINTAIN_AUDIT)[0].popitem()[1] == "pms.audit: nothing to do"

    owner.execute(AUDITED, [month(0, now), 400])
    assert "dropped" in queries.rows(MAINTAIN_AUDIT)[0].popitem()[1]
