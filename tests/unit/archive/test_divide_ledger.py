"""The ledger is divided by the time of its entries, and counts as one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.concurrency import until_blocked
from tests.helpers.ledger import Ledger, bust, fill
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.partitions import divide

if TYPE_CHECKING:
    from tests.conftest import Database

MEBIBYTE = 2**20
FEBRUARY, MARCH = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
JANUARY_FILL, FEBRUARY_FILL = "2026-01-31T23:59:59.999999Z", FEBRUARY
PLACES = """
    SELECT e.tableoid::regclass::text AS partition, e.identity FROM pms.entries e ORDER BY e.id
"""
SPANS = "SELECT p.partition, p.since::text, p.until::text FROM pms.ledger_partitions p ORDER BY 2"
CONSTRAINED = """
    SELECT count(*) FROM pg_constraint c WHERE c.conname = 'entries_in_partition'
"""
NEXT = "SELECT pms.next_boundary(%(bytes)s, %(at)s) AT TIME ZONE 'UTC' AS boundary"


@pytest.fixture
def divided(ledger: Ledger, owner: psycopg.Connection[Any]) -> Ledger:
    """A ledger of three partitions: before February 2026, February, later."""
    divide(owner, [FEBRUARY, MARCH])
    return ledger


def step(owner: psycopg.Connection[Any], name: str | None, boundary: datetime) -> Any:
    """Take a step of the job; return its progress and what it did."""
    progress = None if name is None else {"step": name, "boundary": boundary.isoformat()}
    given = psycopg.types.json.Jsonb(progress)
    return owner.execute("SELECT s.* FROM pms.divide_ledger(%s) s", [given]).fetchone()


def test_an_entry_is_in_the_partition_of_its_event_time(
    divided: Ledger, queries: OwnerQueries
) -> None:
    divided.apply(
        fill("late", "Buy", "1", "10", at=JANUARY_FILL),
        fill("first", "Buy", "1", "10", at=FEBRUARY_FILL),
        fill("march", "Sell", "1", "10", at="2026-07-01T00:00:00Z"),
    )

    assert {(row["identity"], row["partition"]) for row in queries.rows(PLACES)} == {
        ("late", "pms.entries_first"),
        ("first", "pms.entries_2026_02"),
        ("march", "pms.entries_2026_03"),
    }


def test_a_repeat_is_known_whatever_time_it_says(divided: Ledger) -> None:
    message = fill("a", "Buy", "1", "10", at=JANUARY_FILL)
    assert divided.apply(message) == ["applied"]

    assert divided.apply(message) == ["duplicate"]
    assert divided.apply(message | {"executed_at": "2026-02-03T00:00:00Z"}) == ["duplicate"]
    assert divided.apply(message | {"execution_price": "11", "executed_at": MARCH}) == ["rejected"]
    assert divided.position()["size"] == 1


def test_a_bust_finds_its_fill_in_any_partition(divided: Ledger) -> None:
    divided.apply(
        fill("a", "Buy", "1", "10", at=JANUARY_FILL), fill("b", "Buy", "2", "10", at=MARCH)
    )

    assert divided.apply(bust("a")) == ["applied"]

    assert divided.position()["size"] == 2


def test_two_writers_cannot_give_one_identity_to_fills_in_two_partitions(
    divided: Ledger, database: Database, queries: OwnerQueries
) -> None:
    divided.apply(fill("b", "Buy", "1", "10", asset="BTCUSDT"))
    divided.apply(fill("e", "Buy", "1", "10", asset="ETHUSDT"))
    with psycopg.connect(database.dsn("pms_worker")) as other:
        second = Ledger(other, other)
        with ThreadPoolExecutor(1) as pool, divided.worker.transaction():
            first = divided.apply(fill("x", "Buy", "1", "10", asset="BTCUSDT", at=JANUARY_FILL))
            later = pool.submit(
                second.apply, fill("x", "Buy", "1", "10", asset="ETHUSDT", at=FEBRUARY_FILL)
            )
            until_blocked(divided.operator)
        assert (first, later.result()) == (["applied"], ["applied"])
    identities = queries.rows("SELECT e.identity FROM pms.ledger_entries e WHERE e.id > 2")
    # The second fill with the id has seen the first.
    assert len({row["identity"].partition(":")[0] for row in identities}) == 2


def test_writers_of_the_present_partition_do_not_wait_for_each_other(
    divided: Ledger, database: Database
) -> None:
    now = datetime.now(UTC)
    messages = [
        fill(asset, "Buy", "1", "10", asset=asset, at=now.isoformat())
        for asset in ("BTCUSDT", "ETHUSDT")
    ]
    for one in messages:
        divided.apply(one | {"execution_id": "begins", "order_id": "begins"})
    with psycopg.connect(database.dsn("pms_worker")) as other:
        other.execute("SET lock_timeout = '1s'")
        with divided.worker.transaction():
            assert divided.apply(messages[0]) == ["applied"]
            assert Ledger(other, other).apply(messages[1]) == ["applied"]


def test_a_repeat_in_a_former_partition_is_counted_beside_fills_of_the_present(
    divided: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    twin = fill("", "Buy", "1", "10", order_id="twin", at=JANUARY_FILL)
    divided.apply(twin)
    divided.apply(twin | {"trace_id": "another"})
    repeat = queries.value("SELECT s.id FROM api.suspected_repeats s")
    now = datetime.now(UTC).isoformat()
    with ThreadPoolExecutor(1) as pool:
        with divided.worker.transaction():
            divided.apply(fill("e", "Buy", "1", "10", asset="ETHUSDT", at=now))
            counted = pool.submit(
                divided.call, "settle_suspected_repeat", id=repeat, decision="count"
            )
            until_blocked(owner)

            assert divided.apply(fill("b", "Buy", "1", "10", at=now)) == ["applied"]
        counted.result()
    assert divided.position()["size"] == 3


def test_no_role_but_that_of_backups_reads_a_partition_past_the_ledger(
    divided: Ledger, queries: OwnerQueries
) -> None:
    granted = """
        SELECT r.rolname, p.partition
        FROM pms.ledger_partitions p
        CROSS JOIN pg_roles r
        WHERE starts_with(r.rolname, 'pms_') AND r.rolname NOT IN ('pms_owner', 'pms_backup')
            AND has_table_privilege(r.rolname, 'pms.' || p.partition, 'SELECT, INSERT')
    """

    assert queries.rows(granted) == []


def test_the_job_makes_the_next_partition_step_by_step(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "1", "10", at=JANUARY_FILL))
    boundary = datetime(2026, 2, 1, tzinfo=UTC)
    name, done = "constrain", None
    while done is None:
        progress, done = step(owner, name, boundary)
        name = progress and progress["step"]

    assert done == "added entries_2026_02"
    assert queries.value(CONSTRAINED) == 0
    assert [tuple(row.values()) for row in queries.rows(SPANS)] == [
        ("entries_first", "-infinity", "2026-02-01 00:00:00+00"),
        ("entries_2026_02", "2026-02-01 00:00:00+00", "infinity"),
    ]


def test_no_partition_is_read_while_the_ledger_is_locked(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    divide(owner, [FEBRUARY])
    ledger.apply(fill("a", "Buy", "1", "10", at=FEBRUARY_FILL))
    boundary = datetime(2026, 3, 1, tzinfo=UTC)
    step(owner, "constrain", boundary)
    step(owner, "validate", boundary)
    said: list[str | None] = []
    owner.add_notice_handler(lambda notice: said.append(notice.message_primary))
    owner.execute("SET client_min_messages = debug1")

    step(owner, "divide", boundary)

    assert (
        'partition constraint for table "entries_2026_02" is implied by existing constraints'
        in said
    )


def test_a_job_that_has_nothing_to_do_waits_for_no_reader(
    divided: Ledger, owner: psycopg.Connection[Any]
) -> None:
    with divided.operator.transaction():
        divided.operator.execute("SELECT count(*) FROM api.fills")

        assert step(owner, None, datetime(2026, 2, 1, tzinfo=UTC)) == (None, "nothing to do")


def test_a_run_that_did_not_end_refuses_nothing_for_long(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    step(owner, "constrain", datetime(2026, 2, 1, tzinfo=UTC))

    assert step(owner, None, datetime(2026, 2, 1, tzinfo=UTC)) == (None, "nothing to do")

    assert ledger.apply(fill("a", "Buy", "1", "10", at=MARCH)) == ["applied"]


def test_a_partition_with_entries_beyond_the_boundary_is_not_ended(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "1", "10", at=FEBRUARY_FILL))

    with pytest.raises(psycopg.errors.CheckViolation):
        divide(owner, [FEBRUARY])

    assert queries.value("SELECT count(*) FROM pms.entries") == 1
    assert queries.value("SELECT count(*) FROM pms.ledger_partitions") == 1


def test_there_are_never_more_than_twelve_partitions(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    divide(owner, [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(11)])
    owner.execute("ALTER FUNCTION pms.next_boundary RENAME TO former_boundary")
    owner.execute(
        "CREATE FUNCTION pms.next_boundary(bigint, timestamptz) RETURNS timestamptz"
        " LANGUAGE sql RETURN '2027-01-01Z'::timestamptz"
    )

    progress, done = step(owner, None, datetime(2027, 1, 1, tzinfo=UTC))

    assert progress is None
    assert done == "there are twelve partitions: the newest one grows on"


@pytest.mark.parametrize(
    ("mebibytes", "at", "boundary"),
    [
        (511, "2026-11-28T12:00:00Z", None),
        (512, "2026-11-28T12:00:00Z", "2026-12-01 00:00:00"),
        (512, "2026-11-26T23:59:59Z", None),
        (512, "2026-11-27T00:00:00Z", "2026-12-01 00:00:00"),
        (512, "2026-11-30T00:00:00Z", "2026-12-01 00:00:00"),
        (512, "2026-11-30T00:00:01Z", None),
        (10 * 1024, "2026-11-11T12:00:00Z", None),
        (10 * 1024, "2026-11-13T12:00:00Z", "2026-11-16 00:00:00"),
    ],
)
def test_a_large_partition_ends_with_its_month_and_a_huge_one_with_its_week(
    mebibytes: int, at: str, boundary: str | None, queries: OwnerQueries
) -> None:
    found = queries.value(NEXT, bytes=mebibytes * MEBIBYTE, at=at)

    assert str(found) == str(boundary)
