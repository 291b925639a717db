"""pg_cron really runs the jobs, as the owner of the schema."""

from __future__ import annotations

import psycopg
import pytest

from position_manager.cli.stack import deploy
from position_manager.cli.stack.processes import wait
from position_manager.cli.stack.stack import Stack

# pg_cron looks once a minute.
PATIENCE = 100.0
JOBS = "SELECT j.jobname, j.username, j.active FROM cron.job j ORDER BY j.jobname"
RUNS = """
    SELECT r.status, r.return_message
    FROM cron.job_run_details r
    INNER JOIN cron.job j ON r.jobid = j.jobid
    WHERE j.jobname = 'verify_ledger' AND r.status IN ('succeeded', 'failed')
"""


def query(stack: Stack, statement: str, role: str = "postgres") -> list[tuple[object, ...]]:
    with psycopg.connect(stack.context.dsn(role), autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_the_jobs_are_scheduled_once_however_often_it_is_deployed(stack: Stack) -> None:
    deploy.schedule_jobs(stack.context)

    assert query(stack, JOBS) == [
        ("forget_job_runs", "pms_owner", True),
        ("forget_prices", "pms_owner", True),
        ("verify_ledger", "pms_owner", True),
    ]


def test_the_ledger_is_verified_by_itself(stack: Stack) -> None:
    def has_run() -> bool:
        return len(query(stack, RUNS)) > 0

    assert wait(has_run, PATIENCE)
    assert {status for status, _ in query(stack, RUNS)} == {"succeeded"}
    finished = "SELECT count(*) FROM pms.verifications v WHERE v.finished_at IS NOT NULL"
    assert query(stack, finished) != [(0,)]


@pytest.mark.parametrize("job", ["forget_job_runs", "forget_prices"])
def test_a_daily_job_does_what_it_says_when_its_time_comes(stack: Stack, job: str) -> None:
    ((command,),) = query(stack, f"SELECT j.command FROM cron.job j WHERE j.jobname = '{job}'")

    ((said,),) = query(stack, str(command), "pms_owner")

    assert " forgotten" in str(said)


def test_what_pg_cron_noted_is_forgotten_after_a_week(stack: Stack) -> None:
    for days in (6, 8):
        query(
            stack,
            "INSERT INTO cron.job_run_details (runid, username, command, end_time) VALUES"
            f" (-{days}, 'pms_owner', 'nothing', now() - interval '{days} days') RETURNING 1",
        )

    query(stack, "SELECT pms.forget_job_runs()", "pms_owner")

    left = query(stack, "DELETE FROM cron.job_run_details WHERE runid < 0 RETURNING runid")
    assert left == [(-6,)]
