"""pg_cron really runs the jobs, as the owner of the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb

from position_manager.stack import deploy, postgres
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers.discrepancy_cases import FIFTY, assert_validated, everything, introduce
from tests.helpers.jobs import add_job
from tests.helpers.ledger import Ledger
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.venue import Venue

# pg_cron looks once a minute.
PATIENCE = 100.0
FAILING = "fail_on_purpose"
# In seconds; pg_cron before 1.5 starts jobs once a minute.
SHORT = {"snapshot_interval": 1, "validation_interval": 1, "verification_interval": 60}
JOBS = """
    SELECT c.jobname, c.username, c.active, c.schedule, c.command
    FROM cron.job c
    ORDER BY c.jobname
"""
# The scheduled runs of each job since a moment.
RUNS = """
    SELECT j.job, r.status
    FROM api.jobs j
    LEFT JOIN pms.job_runs r ON j.job = r.job AND r.started_by = 'schedule'
    ORDER BY j.job, r.id
"""

# One minute is waited for, not one in each process. No test schedules the jobs before the errors
# are there: a minute that begins in between would validate the account without them.
pytestmark = [pytest.mark.xdist_group("jobs"), pytest.mark.usefixtures("wrong")]

ERRORS = """
    SELECT r.job, r.status, r.error, r.error_code
    FROM pms.job_runs r
    WHERE r.status <> 'succeeded'
    ORDER BY r.id
"""


def query(stack: Stack, statement: str, role: str = "postgres") -> list[tuple[object, ...]]:
    with psycopg.connect(stack.context.dsn(role), autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="module")
def stack(run_folder: Path) -> Iterator[Stack]:
    """A separate database with scheduled jobs, one of which fails."""
    stack = prepared_stack(run_folder.with_name(f"{run_folder.name}-jobs"))
    # Without a relay the jobs' events stay in the outbox.
    stack.up(["postgres"])
    try:
        deploy.load_settings(stack.context)
        deploy.maintain_partitions(stack.context)
        with psycopg.connect(stack.context.dsn("pms_owner"), autocommit=True) as owner:
            owner.execute("SELECT pms.load_settings(%s)", [Jsonb(SHORT)])
            add_job(owner, FAILING, "RAISE 'on purpose, at %', progress;")
        yield stack
    finally:
        stack.down(delete=True)


@pytest.fixture(scope="module")
def venue(stack: Stack) -> Iterator[Venue]:
    """An account in which the venue disagrees, seen from a client of the database."""
    dsn = stack.context.dsn
    with (
        psycopg.connect(dsn("pms_worker")) as worker,
        psycopg.connect(dsn("pms_operator")) as operator,
        psycopg.connect(dsn(), autocommit=True) as conn,
    ):
        yield Venue(Ledger(worker, operator), conn, "scheduled")


@pytest.fixture(scope="module")
def wrong(stack: Stack, venue: Venue) -> dict[str, list[str]]:
    """The errors introduced in fifty positions; from here on the jobs run on schedule."""
    introduced = introduce(venue)
    deploy.schedule_jobs(stack.context)
    return introduced


def test_every_job_is_scheduled_once_after_repeated_deploys(stack: Stack) -> None:
    # One of an earlier release.
    query(stack, "SELECT cron.schedule('gone', '* * * * *', 'CALL pms.run_job(''gone'')')",
          "pms_owner")  # fmt: skip
    deploy.schedule_jobs(stack.context)
    deploy.schedule_jobs(stack.context)

    jobs = query(
        stack,
        "SELECT j.job, pms.job_schedule(j.every, e.extversion) FROM pms.jobs j, pg_extension e"
        " WHERE e.extname = 'pg_cron' ORDER BY j.job",
    )
    assert query(stack, JOBS) == [
        (job, "pms_owner", True, schedule, f"CALL pms.run_job('{job}', only_when_due => TRUE)")
        for job, schedule in jobs
    ]
    assert len(jobs) > 1


def test_pg_cron_runs_every_job_though_one_fails(stack: Stack) -> None:
    def done() -> dict[object, set[object]]:
        found: dict[object, set[object]] = {}
        for job, status in query(stack, RUNS):
            found.setdefault(job, set()).add(status)
        return found

    def all_jobs_ran() -> bool:
        return all(
            ("failed" if job == FAILING else "succeeded") in statuses
            for job, statuses in done().items()
        )

    assert wait(all_jobs_ran, PATIENCE), query(stack, ERRORS)

    came_to = done()
    assert came_to.pop(FAILING) == {"failed"}
    assert set().union(*came_to.values()) <= {"succeeded", "running"}
    error = f"SELECT DISTINCT r.error FROM pms.job_runs r WHERE r.job = '{FAILING}'"
    assert query(stack, error) == [("on purpose, at <NULL>",)]
    verified = "SELECT v.verified_at IS NOT NULL FROM pms.verification_progress v"
    assert query(stack, verified) == [(True,)]


def test_a_scheduled_validation_is_complete_and_idempotent(
    stack: Stack, venue: Venue, wrong: dict[str, list[str]]
) -> None:
    ours = "SELECT v.id FROM pms.validations v WHERE v.finished_at IS NOT NULL"
    assert wait(lambda: query(stack, ours) != [], PATIENCE)
    assert_validated(venue, wrong)
    before = everything(venue)

    query(stack, "CALL pms.run_job('validate_positions')", "pms_owner")

    assert everything(venue) == before
    # Every position has a snapshot, and the account has its totals.
    assert query(stack, "SELECT count(*) FROM api.snapshots s WHERE s.account = 'scheduled'") >= [
        (FIFTY,)
    ]
    assert query(
        stack, "SELECT count(*) FROM pms.portfolio_history h WHERE h.account = 'scheduled'"
    ) != [(0,)]


def test_pg_cron_runs_after_up_when_it_had_ended(stack: Stack) -> None:
    assert stack.up(["postgres"]) == []
    # As it does when its database is dropped: before pg_cron 1.6.1, for good.
    query(
        stack,
        "SELECT pg_terminate_backend(a.pid, 10000) FROM pg_stat_activity a"
        " WHERE a.backend_type = 'pg_cron launcher'",
    )

    stack.up(["postgres"])

    assert postgres.runs_jobs(stack.context)
    assert stack.up(["postgres"]) == []


def test_pg_cron_run_details_are_purged_after_a_week(stack: Stack) -> None:
    for days in (6, 8):
        query(
            stack,
            "INSERT INTO cron.job_run_details (runid, username, command, end_time) VALUES"
            f" (-{days}, 'pms_owner', 'nothing', now() - interval '{days} days') RETURNING 1",
        )

    query(stack, "CALL pms.run_job('purge_job_runs')", "pms_owner")

    left = query(stack, "DELETE FROM cron.job_run_details WHERE runid < 0 RETURNING runid")
    assert left == [(-6,)]
