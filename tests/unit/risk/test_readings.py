"""Totals are read again if anything that they depend on has changed, and only then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.concurrency import PATIENCE
from tests.helpers.ledger import Ledger, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

if TYPE_CHECKING:
    from tests.conftest import Database

READERS = "announcement", "history", "limits"
READ = "SELECT r.totals IS NOT NULL FROM pms.read_portfolio(%(reader)s, now() + %(later)s) r"
HISTORY = "SELECT h.net_pnl FROM pms.portfolio_history h WHERE h.account = 'main' ORDER BY 1"
LIMIT = (
    "INSERT INTO pms.limits (account, metric, breach_level) VALUES ('main', 'gross_exposure', 15)"
)
CHANGES = {
    "a limit is set": LIMIT,
    "capital is set": "INSERT INTO pms.capital VALUES ('main', now() - interval '1 day', 5)",
    "an instrument is redefined": "UPDATE pms.instruments SET multiplier = 2",
    "a fee is left unconverted": (
        "INSERT INTO pms.unconverted_fees SELECT account, asset, mode, leg, 1 FROM pms.positions"
    ),
    "a price arrives": "UPDATE pms.prices SET mark_price = 13",
    "a leg changes": "UPDATE pms.positions SET realized = realized + 1",
    "a leg is deleted": "DELETE FROM pms.positions WHERE asset = 'OTHER'",
    "a setting changes": "UPDATE pms.settings SET snapshot_interval = '2 hours'",
    "code is loaded": "UPDATE pms.loaded_code SET digest = 'other'",
}


@pytest.fixture
def settled(ledger: Ledger, owner: psycopg.Connection[Any]) -> Ledger:
    """A ledger with a position, which every reader has seen."""
    ledger.apply(fill("a", "Buy", "1", "10"), fill("b", "Buy", "1", "10", asset="OTHER"))
    ledger.price(ticker("12", "2026-01-01T00:01:00Z"))
    settle(owner)
    return ledger


def record(owner: psycopg.Connection[Any]) -> None:
    owner.execute("SELECT pms.capture_portfolio(clock_timestamp())")
    owner.execute("SELECT pms.publish_portfolio()")


def settle(owner: psycopg.Connection[Any]) -> None:
    """Record until nothing is to be read: transactions of other tests may be under way."""
    deadline = time.monotonic() + PATIENCE
    while True:
        record(owner)
        if not any(reads(owner)):
            return
        assert time.monotonic() < deadline, "totals are read although nothing changes"


def reads(owner: psycopg.Connection[Any], later: str = "0 s") -> list[bool]:
    """Whether each reader would read the totals."""
    found = [
        owner.execute(READ, {"reader": reader, "later": later}).fetchone() for reader in READERS
    ]
    return [row[0] for row in found if row is not None]


def test_nothing_is_read_again_without_a_change(
    settled: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    assert reads(owner) == [False, False, False]
    before = queries.rows("SELECT r.* FROM pms.portfolio_readings r ORDER BY r.reader")

    for _ in range(3):
        record(owner)
        owner.execute("CALL pms.run_job('check_limits')")
        owner.execute("CALL pms.run_job('record_portfolio_history')")

    assert queries.rows("SELECT r.* FROM pms.portfolio_readings r ORDER BY r.reader") == before


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_read(settled: Ledger, owner: psycopg.Connection[Any], change: str) -> None:
    owner.execute(CHANGES[change].encode())

    assert reads(owner) == [True, True, True]
    settle(owner)


def test_new_marks_are_read_by_the_limits(settled: Ledger, owner: psycopg.Connection[Any]) -> None:
    owner.execute("UPDATE pms.equity_marks SET peak_net_pnl = 100")

    assert reads(owner) == [True, False, True]


def test_capital_is_read_when_it_takes_effect(
    settled: Ledger, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "INSERT INTO pms.capital SELECT 'main', clock_timestamp() + interval '1 second', 5"
    )
    settle(owner)

    assert reads(owner, "2 s") == [True, True, True]


def test_a_new_day_is_read(settled: Ledger, owner: psycopg.Connection[Any]) -> None:
    assert reads(owner, "1 day") == [True, True, True]


@pytest.mark.parametrize("nesting", ["SELECT 1", "SAVEPOINT inner_one"])
def test_a_change_that_commits_late_is_read(
    settled: Ledger,
    owner: psycopg.Connection[Any],
    database: Database,
    queries: OwnerQueries,
    nesting: str,
) -> None:
    with psycopg.connect(database.dsn("pms_owner")) as other:
        (late,) = other.execute("SELECT pg_current_xact_id()").fetchone() or ("",)
        other.execute(nesting.encode())
        other.execute("UPDATE pms.positions SET realized = 30 WHERE asset = 'BTCUSDT'")
        # Seen by transactions that are younger than the change, and have ended before it.
        settled.apply(fill("c", "Buy", "1", "10", account="third"))
        record(owner)
        first = queries.value("SELECT max(r.seen_before) FROM pms.portfolio_readings r")
        other.commit()

    assert int(first) <= int(late)
    assert reads(owner) == [True, True, True]
    record(owner)
    assert queries.rows(HISTORY) == [{"net_pnl": 32}]


def test_a_limit_that_is_removed_is_read(
    settled: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    owner.execute(LIMIT.replace("15", "5").encode())
    owner.execute("SELECT pms.check_limits()")
    owner.execute("DELETE FROM pms.limits")

    owner.execute("SELECT pms.check_limits()")

    assert [event["metric"] for event in queries.events("limit_cleared")] == ["gross_exposure"]


def test_the_announcement_does_not_rely_on_the_limits(
    settled: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    settled.price(ticker("13", "2026-01-01T00:02:00Z"))
    owner.execute("SELECT pms.check_limits()")

    assert queries.value("SELECT pms.publish_portfolio()") is True
    assert queries.value("SELECT pms.publish_portfolio()") is False


@pytest.mark.parametrize("seen_before", ["3", "90000000000"])
def test_a_reading_of_another_server_does_not_count(
    settled: Ledger, owner: psycopg.Connection[Any], seen_before: str
) -> None:
    owner.execute("UPDATE pms.portfolio_readings SET seen_before = %s::xid8", [seen_before])

    assert reads(owner) == [True, True, True]


def test_a_reading_changes_with_its_transaction(
    settled: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    with psycopg.connect(database.dsn("pms_owner")) as other:
        other.execute("UPDATE pms.prices SET mark_price = 14")
        record(other)
        assert reads(other) == [True, True, True]
        other.rollback()

    assert reads(owner) == [False, False, False]


def keeps(session: psycopg.Connection[Any], account: str | None = None) -> bool:
    """Whether the session would return the totals that it has kept."""
    before = summary(session, account)
    session.execute("SELECT set_config('pms.summary_by_asset', 'kept', FALSE)")
    found = bool(summary(session, account)["by_asset"] == "kept")
    session.execute(
        "SELECT set_config('pms.summary_by_asset', %s, FALSE)", [str(before["by_asset"])]
    )
    return found


def summary(session: psycopg.Connection[Any], account: str | None = None) -> dict[str, Any]:
    row = session.execute(
        "SELECT s.by_asset, to_jsonb(s.total) FROM pms.current_summary(%s) s", [account]
    ).fetchone()
    assert row is not None
    return {"by_asset": row[0], "total": row[1]}


def settle_session(session: psycopg.Connection[Any]) -> None:
    """Sum until the totals are kept: transactions of other tests may be under way."""
    deadline = time.monotonic() + PATIENCE
    while not keeps(session):
        assert time.monotonic() < deadline, "totals are summed although nothing changes"


def newly_summed(database: Database, account: str | None = None) -> dict[str, Any]:
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as session:
        return summary(session, account)


def test_a_session_keeps_totals_until_a_change(
    settled: Ledger, owner: psycopg.Connection[Any]
) -> None:
    settle_session(owner)

    assert keeps(owner)


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_summed_by_a_session(
    settled: Ledger, owner: psycopg.Connection[Any], database: Database, change: str
) -> None:
    settle_session(owner)
    owner.execute("SELECT set_config('pms.summary_by_asset', 'kept', FALSE)")
    with psycopg.connect(database.dsn("pms_owner")) as other:
        other.execute(CHANGES[change].encode())

    assert summary(owner) == newly_summed(database)


def test_a_session_keeps_totals_of_one_account_or_scope(
    settled: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    settled.apply(fill("c", "Buy", "1", "10", account="third"))
    settle_session(owner)
    everything = summary(owner)

    assert summary(owner, "third") == newly_summed(database, "third") != everything
    owner.execute("SELECT set_config('pms.account_scope', 'third', FALSE)")
    assert summary(owner)["by_asset"] == newly_summed(database, "third")["by_asset"]
    owner.execute("SELECT set_config('pms.account_scope', '', FALSE)")
    assert summary(owner) == everything


def test_a_session_sums_a_change_that_commits_late(
    settled: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    with psycopg.connect(database.dsn("pms_owner")) as other:
        other.execute("UPDATE pms.positions SET realized = 30 WHERE asset = 'BTCUSDT'")
        # Seen by transactions that are younger than the change, and have ended before it.
        settled.apply(fill("c", "Buy", "1", "10", account="third"))
        before = summary(owner)
        other.commit()

    assert before != summary(owner) == newly_summed(database)


def test_a_session_forgets_totals_of_a_transaction_that_rolls_back(
    settled: Ledger, owner: psycopg.Connection[Any]
) -> None:
    settle_session(owner)
    before = summary(owner)
    with owner.transaction(force_rollback=True):
        owner.execute("UPDATE pms.prices SET mark_price = 14")
        assert summary(owner) != before

    assert summary(owner) == before
