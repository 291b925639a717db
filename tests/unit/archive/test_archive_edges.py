"""What happens at the edges of an archived period, and between the steps of its archive."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.archives import DIGEST, LOCATION, archive, call, restore
from tests.helpers.concurrency import until_blocked
from tests.helpers.ledger import Ledger, action, bust, fill, ticker
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.venue import snake
from tests.unit.archive.test_archive_ledger import FINDINGS, FIRST, LEGS, SECOND

if TYPE_CHECKING:
    from tests.conftest import Database

SIZES = """
    SELECT p.account, p.asset, p.size, p.cost FROM pms.positions p ORDER BY 1, 2
"""
CHANGES = """
    SELECT c.quarter_hour, c.size, c.cost, c.realized
    FROM pms.pnl_changes(ARRAY[%(account)s], %(asset)s, '-infinity') c
    ORDER BY 1
"""
AS_OF = """
    SELECT c.quarter_hour, c.size, c.cost, c.realized
    FROM pms.pnl_changes_as_of(ARRAY[%(account)s], %(asset)s, %(at)s, %(known_at)s) c
    ORDER BY 1
"""
KNOWN = """
    SELECT l.size FROM pms.legs_as_of('2026-02-11', %(known_at)s, 'main') l WHERE l.asset = 'VUSDT'
"""
PERIODS = """
    SELECT p.*
    FROM pms.period_pnl(%(accounts)s, NULL, 'day', 'UTC', '2026-01-07', '2026-03-12') p
    ORDER BY 1
"""
NEW_CONTRACT = action("c", "contract", asset="ETHUSDT", multiplier="10", at="2026-01-20T00:00:00Z")
OF_A_NEW_LEG = fill("n", "Buy", "1", "50", asset="ETHUSDT", at="2026-03-05T00:00:00Z")
OF_A_BOOK = fill("s", "Buy", "1", "95", at="2026-03-11T00:00:00Z", strategy="alpha")


def begin(operator: psycopg.Connection[Any]) -> int:
    """Close and prepare the first partition; return the number of its archive."""
    closed = call(operator, "close_ledger_partition", FIRST)
    call(operator, "prepare_ledger_archive", FIRST)
    return int(closed["archive_id"])


def end(operator: psycopg.Connection[Any], number: int) -> None:
    """Let the ledger begin after the first partition, drop it."""
    call(operator, "finish_ledger_archive", FIRST, number, LOCATION, DIGEST)
    call(operator, "drop_archived_partition", FIRST)


def test_what_only_voided_entries_knew_is_refused(years: Ledger, queries: OwnerQueries) -> None:
    years.apply(fill("v", "Buy", "4", "10", asset="VUSDT", at="2026-01-05T00:00:00Z"))
    known = queries.now()
    years.apply(bust("v"))
    rows = archive(years.operator, FIRST)

    with pytest.raises(psycopg.Error, match="known_at: the ledger before"):
        queries.rows(KNOWN, known_at=known)
    queries.owner.rollback()
    assert queries.rows(FINDINGS) == []

    restore(years.operator, FIRST, rows)
    assert [row["size"] for row in queries.rows(KNOWN, known_at=known)] == [4]
    assert queries.rows(FINDINGS) == []


def test_a_leg_that_begins_meanwhile_changes_nothing_in_a_closed_period(
    years: Ledger, queries: OwnerQueries
) -> None:
    years.apply(NEW_CONTRACT)
    number = begin(years.operator)

    assert years.apply(OF_A_NEW_LEG | {"account": "other"}) == ["applied"]
    before = queries.rows(LEGS)
    end(years.operator, number)

    assert queries.leg(asset="ETHUSDT", account="other")["cost"] == 500
    assert queries.rows(LEGS) == before
    assert queries.rows(FINDINGS) == []


def test_a_leg_that_began_after_the_archive_is_right_when_it_is_restored(
    years: Ledger, queries: OwnerQueries
) -> None:
    years.apply(NEW_CONTRACT)
    rows = archive(years.operator, FIRST)
    # At the moment at which the ledger begins.
    first = OF_A_NEW_LEG | {"account": "other", "executed_at": "2026-02-01T00:00:00Z"}
    assert years.apply(first) == ["applied"]
    before = queries.rows(LEGS)

    restore(years.operator, FIRST, rows)

    assert queries.leg(asset="ETHUSDT", account="other")["cost"] == 500
    assert queries.rows(LEGS) == before
    assert queries.rows(FINDINGS) == []


def test_the_first_book_of_an_account_reopens_what_is_not_archived_yet(
    years: Ledger, queries: OwnerQueries
) -> None:
    number = begin(years.operator)

    assert years.apply(OF_A_BOOK) == ["applied"]

    with pytest.raises(psycopg.Error, match="is neither closed nor archived"):
        end(years.operator, number)
    rows = archive(years.operator, FIRST)
    restore(years.operator, FIRST, rows)
    assert queries.rows(FINDINGS) == []


def test_a_book_that_begins_before_the_rows_are_dropped_begins_after_the_archive(
    years: Ledger, queries: OwnerQueries
) -> None:
    number = begin(years.operator)
    call(years.operator, "finish_ledger_archive", FIRST, number, LOCATION, DIGEST)
    assert years.apply(OF_A_BOOK) == ["applied"]

    with pytest.raises(psycopg.Error, match="has been divided off"):
        call(years.operator, "reopen_ledger_partition", FIRST)
    call(years.operator, "drop_archived_partition", FIRST)

    assert queries.rows(FINDINGS) == []
    changes = queries.rows(CHANGES, account="main|unassigned", asset="BTCUSDT")
    assert sum(row["size"] for row in changes) == 2


def test_an_archive_that_was_not_dropped_is_reopened(years: Ledger, queries: OwnerQueries) -> None:
    before = queries.rows(LEGS)
    number = begin(years.operator)
    call(years.operator, "finish_ledger_archive", FIRST, number, LOCATION, DIGEST)

    call(years.operator, "reopen_ledger_partition", FIRST)

    assert queries.rows(LEGS) == before
    assert queries.rows(FINDINGS) == []
    assert years.apply(bust("e")) == ["applied"]


def test_a_partition_that_has_changed_is_not_dropped(
    years: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    number = begin(years.operator)
    owner.execute("UPDATE pms.entries SET fee = fee + 1 WHERE identity = 'a'")
    with pytest.raises(psycopg.Error, match="has changed since it was prepared"):
        end(years.operator, number)
    assert queries.value("SELECT count(*) FROM pms.entries") == 8


def test_a_partition_without_something_brought_forward_is_not_dropped(
    years: Ledger, owner: psycopg.Connection[Any]
) -> None:
    number = begin(years.operator)
    owner.execute("DELETE FROM pms.checkpoints WHERE asset = 'ETHUSDT'")
    with pytest.raises(psycopg.Error, match="has changed since it was prepared"):
        end(years.operator, number)


def test_one_command_archives_at_a_time(years: Ledger, database: Database) -> None:
    call(years.operator, "close_ledger_partition", FIRST)
    with (
        psycopg.connect(database.dsn("pms_operator")) as second,
        pytest.raises(psycopg.Error, match="another command archives or restores"),
    ):
        call(second, "close_ledger_partition", FIRST)


@pytest.mark.parametrize("accounts", [None, ["main"]])
def test_periods_that_begin_within_the_archive_stay(
    years: Ledger, queries: OwnerQueries, accounts: list[str] | None
) -> None:
    before = queries.rows(PERIODS, accounts=accounts)
    archive(years.operator, FIRST)
    assert queries.rows(PERIODS, accounts=accounts) == before


def test_a_book_takes_no_profit_of_another_book(years: Ledger, queries: OwnerQueries) -> None:
    at = "2026-02-11T00:00:00Z"
    years.apply(
        fill("x", "Buy", "1", "10", asset="XUSDT", at="2026-01-05T00:00:00Z"),
        fill("y", "Sell", "1", "11", asset="XUSDT", at="2026-01-06T00:00:00Z"),
    )
    archive(years.operator, FIRST)
    years.apply(
        fill("s", "Buy", "1", "95", asset="XUSDT", at=at, strategy="alpha"),
        fill("t", "Sell", "1", "99", asset="XUSDT", at=at, strategy="alpha"),
    )
    books = ("main|unassigned", "main|alpha")
    before = [queries.rows(CHANGES, account=book, asset="XUSDT") for book in books]

    archive(years.operator, SECOND)

    assert [queries.rows(CHANGES, account=book, asset="XUSDT") for book in books] == before


def test_the_profit_of_a_book_as_of_a_moment_is_that_of_now(
    years: Ledger, queries: OwnerQueries
) -> None:
    archive(years.operator, FIRST)
    years.apply(OF_A_BOOK)
    book = {"account": "main|unassigned", "asset": "BTCUSDT"}

    as_of = queries.rows(AS_OF, **book, at="infinity", known_at="infinity")

    assert as_of == queries.rows(CHANGES, **book)


def test_profit_as_of_an_archived_moment_is_refused(years: Ledger, queries: OwnerQueries) -> None:
    archive(years.operator, FIRST)
    with pytest.raises(psycopg.Error, match=r"2026-01-06.*: the ledger before"):
        queries.rows(AS_OF, account="main", asset="BTCUSDT", at="2026-01-06", known_at="infinity")


def test_an_old_report_stops_no_adoption_while_a_period_is_closed(
    years: Ledger, queries: OwnerQueries, owner: psycopg.Connection[Any]
) -> None:
    for asset in ("ETHUSDT", "NEWUSDT"):
        report = snake("-9", "50", 0, asset=asset)
        report["payload"]["timestamp"] = "2026-01-30T00:00:00Z"
        years.judge("apply_venue_positions", [report])
    owner.execute(
        "UPDATE pms.venue_positions SET recorded_at = recorded_at - interval '1 hour',"
        " unexplained_since = unexplained_since - interval '1 hour'"
    )
    before = queries.rows(SIZES)
    call(years.operator, "close_ledger_partition", FIRST)

    with years.worker.transaction():
        years.worker.execute("SELECT pms.adopt_unexplained_positions()")

    assert queries.rows(SIZES) == before


def test_a_fee_that_comes_while_the_period_is_closed_is_seen(
    years: Ledger, queries: OwnerQueries, database: Database
) -> None:
    late = fill("f", "Buy", "1", "1", "1", at="2026-01-09T00:00:00Z", fee_currency="BNB")
    with psycopg.connect(database.dsn("pms_operator")) as second, ThreadPoolExecutor(1) as pool:
        with years.worker.transaction():
            years.apply(late)
            closing = pool.submit(call, second, "close_ledger_partition", FIRST)
            until_blocked(queries.owner)
        with pytest.raises(psycopg.Error, match="1 fees have no rate yet"):
            closing.result()

    years.price(ticker("600", "2026-03-20T00:00:00Z", "BNBUSDT"))
    queries.owner.execute("SELECT pms.convert_late_fees()")
    call(years.operator, "close_ledger_partition", FIRST)


def test_an_id_of_another_asset_is_another_fill(years: Ledger, queries: OwnerQueries) -> None:
    years.apply(fill("77", "Buy", "4", "100", at="2026-01-05T00:00:00Z"))
    archive(years.operator, FIRST)
    other = fill("77", "Buy", "1", "10", asset="ETHUSDT", at="2026-03-05T00:00:00Z")
    side = fill("77", "Sell", "1", "10", at="2026-03-05T00:00:00Z")
    again = fill("77", "Buy", "4", "100", at="2026-03-05T00:00:00Z")

    assert years.apply(other, side, again) == ["applied", "applied", "rejected"]

    assert years.apply(bust("77", asset="ETHUSDT", side="Buy")) == ["applied"]
    assert queries.leg(asset="ETHUSDT")["size"] == -2
    ((outcome, reason, _),) = years.judge("apply_order_events", [bust("77")])
    assert (outcome, reason) == ("rejected", "archived_period")


def test_a_suspected_repeat_is_decided_before(
    years: Ledger, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        """
        INSERT INTO pms.suspected_repeats (
            account, identity, asset, mode, leg, quantity, price, fee, executed_at, message,
            source, first_seen_at, last_seen_at
        )
        VALUES (
            'main', 'execution:r', 'BTCUSDT', 'one-way', 'net', 1, 1, 0, '2026-01-09', '{}',
            'order_execution', now(), now()
        )
        """
    )
    with pytest.raises(psycopg.Error, match="1 suspected repeats wait"):
        call(years.operator, "close_ledger_partition", FIRST)


def test_the_job_that_thins_checkpoints_is_waited_for(
    years: Ledger, database: Database, queries: OwnerQueries
) -> None:
    call(years.operator, "close_ledger_partition", FIRST)
    with (
        psycopg.connect(database.dsn("pms_owner")) as job,
        psycopg.connect(database.dsn("pms_operator")) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        job.execute("SELECT pg_advisory_xact_lock(pms.job_lock('thin_checkpoints'))")
        preparing = pool.submit(call, second, "prepare_ledger_archive", FIRST)
        until_blocked(queries.owner)
        job.commit()
        assert preparing.result()["entries"] == 5


def test_a_number_may_be_written_with_zeros_behind_it(
    years: Ledger, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("UPDATE pms.entries SET quantity = 4.000, fee = 1.10 WHERE identity = 'a'")
    rows = archive(years.operator, FIRST)
    restore(years.operator, FIRST, rows)


def test_a_restoration_that_does_not_end_is_taken_back(years: Ledger) -> None:
    rows = archive(years.operator, FIRST)
    call(years.operator, "begin_ledger_restore", FIRST)
    call(years.operator, "restore_ledger_entries", FIRST, json.dumps(rows[1:]))
    with pytest.raises(psycopg.Error, match="ledger reopen entries_first"):
        call(years.operator, "close_ledger_partition", SECOND)

    call(years.operator, "reopen_ledger_partition", FIRST)

    with pytest.raises(psycopg.Error, match="is archived; restore it"):
        call(years.operator, "reopen_ledger_partition", FIRST)
    call(years.operator, "close_ledger_partition", SECOND)


def test_the_gateway_learns_why_an_archived_moment_is_refused(
    years: Ledger, queries: OwnerQueries
) -> None:
    archive(years.operator, FIRST)
    with pytest.raises(psycopg.Error) as refused:
        queries.rows(AS_OF, account="main", asset="BTCUSDT", at="2026-01-06", known_at="infinity")

    answer = json.loads(refused.value.diag.message_detail or "")
    assert (refused.value.sqlstate, answer["status"]) == ("PGRST", 409)
    envelope = json.loads(answer["headers"]["X-Refusal"])
    assert envelope["error_code"] == "CONFLICT"
    assert "the ledger before 2026-02-01T00:00:00Z is archived" in envelope["message"]
