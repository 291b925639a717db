"""The verification job: one run at a time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger
from tests.helpers.verification import HELD, LOCK, UNLOCK, call, one, trade, verify

if TYPE_CHECKING:
    from tests.conftest import Database


def waiting(owner: psycopg.Connection[Any], count: int) -> None:
    """Wait until this number of sessions waits for an advisory lock."""
    query = (
        "SELECT count(*) FROM pg_locks l INNER JOIN pg_database d ON l.database = d.oid"
        " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted"
    )
    deadline = time.monotonic() + 60
    while one(owner, query) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_concurrent_verifications_do_the_work_once(
    ledger: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    trade(ledger, 1)
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as other:
        other.execute(LOCK)
        assert call(owner) == "another session runs it"
        other.execute(UNLOCK)

    assert one(owner, "SELECT count(*) FROM pms.verified_legs") == 0
    assert call(owner).startswith("0 discrepancies; 1 changed legs verified")
    # It leaves the lock to the next.
    assert one(owner, HELD) == 0


def test_requests_during_a_verification_share_the_next_one(
    ledger: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    trade(ledger, 1)

    def ask() -> dict[str, Any]:
        with psycopg.connect(database.dsn("pms_operator")) as connection:
            return verify(Ledger(connection, connection))

    owner.execute(LOCK)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask) for _ in range(3)]
        waiting(owner, 3)
        owner.execute(UNLOCK)
        answers = [each.result(timeout=60) for each in asked]

    assert answers[0]["entries"] == 1
    assert answers == [answers[0]] * 3
    assert one(owner, "SELECT count(*) FROM pms.verifications") == 1
    # A later request gets a later verification.
    assert verify(ledger)["started_at"] > answers[0]["started_at"]


def test_an_interrupted_verification_does_not_count(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, 1)
    owner.execute("SELECT pms.continue_verification(pms.begin_verification(), NULL, 1)")

    known = one(owner, "SELECT pms.last_verification()")
    assert (known["ledger_verified_at"], known["ledger_discrepancies"]) == (None, None)
    verify(ledger)
    known = one(owner, "SELECT pms.last_verification()")
    assert (known["ledger_verified_at"] is None, known["ledger_discrepancies"]) == (False, 0)


def test_a_thousand_verifications_are_kept(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    owner.execute(
        "INSERT INTO pms.verifications (finished_at) SELECT now() FROM generate_series(1, 1005)"
    )

    verify(ledger)

    kept = owner.execute("SELECT count(*), min(id), max(id) FROM pms.verifications").fetchone()
    assert kept == (1000, 7, 1006)


def test_only_an_operator_may_verify(database: Database) -> None:
    for role in ("pms_worker", "pms_analyst", "pms_authenticator"):
        with (
            psycopg.connect(database.dsn(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT api.verify_ledger()")


def test_deploy_without_pg_cron_schedules_nothing_and_warns(
    owner: psycopg.Connection[Any],
) -> None:
    message = one(owner, "SELECT pms.schedule_jobs()")

    assert message == "no jobs are scheduled: pg_cron is not in this database"
    message = one(owner, "SELECT (pms.purge_job_runs()).done")
    assert message.startswith("0 runs of jobs and 0 notes of pg_cron from before ")
