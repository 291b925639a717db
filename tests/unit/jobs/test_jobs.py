"""The job runner: steps, due times, and the record of every run."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.helpers.analyst import Analyst
from tests.helpers.jobs import add_job, define_step
from tests.helpers.verification import one

if TYPE_CHECKING:
    from tests.conftest import Database

PATIENCE = 60.0
Owner = psycopg.Connection[Any]

# Counts to three, a step each, and leaves a row each time.
COUNTING = """
    INSERT INTO pms.counted VALUES (coalesce((progress ->> 'n')::integer, 0) + 1);
    IF coalesce((progress ->> 'n')::integer, 0) = 2 THEN
        {last}
    END IF;
    RETURN (
        jsonb_build_object('n', coalesce((progress ->> 'n')::integer, 0) + 1), NULL
    )::pms.job_step;
"""
END = "RETURN (NULL, 'counted to 3')::pms.job_step;"
LOCK = "SELECT pg_advisory_lock(pms.job_lock('count'))"
UNLOCK = "SELECT pg_advisory_unlock(pms.job_lock('count'))"
DUE = "'count', only_when_due => TRUE"


@pytest.fixture
def counting(owner: Owner) -> Owner:
    """A job ``count`` of three steps, due every five minutes."""
    owner.execute("CREATE TABLE pms.counted (n integer)")
    body = COUNTING.format(last=END)
    add_job(owner, "count", body, "5 minutes")
    return owner


def run(connection: Owner, arguments: str = "'count'") -> str:
    return str(one(connection, f"CALL pms.run_job({arguments})"))


def runs(connection: Owner, job: str = "count") -> list[dict[str, Any]]:
    """The runs of a job, the oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        query = "SELECT r.* FROM pms.job_runs r WHERE r.job = %s ORDER BY r.id"
        return cursor.execute(query, [job]).fetchall()


def counted(connection: Owner) -> int:
    return int(one(connection, "SELECT count(*) FROM pms.counted"))


def wait_for(connection: Owner, query: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not one(connection, query):
        assert time.monotonic() < deadline, query
        time.sleep(0.02)


def move_runs_back(owner: Owner, minutes: float) -> None:
    """Move all runs into the past by this interval."""
    owner.execute(
        "UPDATE pms.job_runs SET started_at = started_at - %(passed)s,"
        " finished_at = finished_at - %(passed)s",
        {"passed": timedelta(minutes=minutes)},
    )


def test_a_job_runs_to_completion_and_its_run_is_recorded(counting: Owner) -> None:
    assert run(counting) == "counted to 3"

    (kept,) = runs(counting)
    assert (kept["status"], kept["steps"], kept["result"], kept["error"], kept["started_by"]) == (
        "succeeded", 3, "counted to 3", None, "hand",
    )  # fmt: skip
    assert kept["started_at"] < kept["finished_at"]
    assert counted(counting) == 3


def test_each_step_is_committed_before_the_next(counting: Owner, database: Database) -> None:
    # The last step waits for the lock: the steps before it are visible.
    body = COUNTING.format(last=f"PERFORM pg_advisory_xact_lock(1); {END}")
    define_step(counting, "count", body)
    counting.execute("SELECT pg_advisory_lock(1)")

    def job() -> str:
        with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as other:
            return run(other)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(job)
        wait_for(counting, "SELECT count(*) = 2 FROM pms.counted")
        assert [(each["status"], each["steps"]) for each in runs(counting)] == [("running", 2)]
        counting.execute("SELECT pg_advisory_unlock(1)")
        assert done.result(timeout=PATIENCE) == "counted to 3"


def test_a_failed_run_is_recorded_with_its_error_and_progress(
    counting: Owner, analyst: Analyst
) -> None:
    body = COUNTING.format(last="RAISE division_by_zero USING MESSAGE = 'no';")
    define_step(counting, "count", body)

    assert run(counting) == "failed: no (22012)"

    assert counted(counting) == 2
    (kept,) = runs(counting)
    assert (kept["status"], kept["error"], kept["error_code"]) == ("failed", "no", "22012")
    assert kept["finished_at"] is not None
    (shown,) = analyst.view("jobs", job="count")
    assert (shown["last_status"], shown["last_error"]) == ("failed", "no (22012)")
    assert (shown["last_success_at"], shown["is_overdue"]) == (None, True)
    # It is due until it succeeds, and stops no other.
    assert run(counting, DUE) == "failed: no (22012)"
    assert run(counting, "'check_limits'") == "0 limits watched, 0 breached"


def test_a_job_is_due_one_interval_after_the_start_of_its_last_success(counting: Owner) -> None:
    assert run(counting, DUE) == "counted to 3"
    assert run(counting, DUE).startswith("not due before ")
    # A runner starts about once a minute.
    move_runs_back(counting, 4 + 25 / 60)
    assert run(counting, DUE).startswith("not due before ")
    move_runs_back(counting, 10 / 60)
    assert run(counting, DUE) == "counted to 3"

    assert [each["started_by"] for each in runs(counting)] == ["schedule", "schedule"]
    # A manual run ignores the due time.
    assert run(counting) == "counted to 3"


def test_concurrent_runners_do_the_work_once(counting: Owner, database: Database) -> None:
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as other:
        other.execute(LOCK)
        assert run(counting) == "another session runs it"
        other.execute(UNLOCK)

    def job() -> str:
        with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as other:
            return run(other, DUE)

    with ThreadPoolExecutor(4) as pool:
        messages = [each.result(timeout=PATIENCE) for each in [pool.submit(job) for _ in range(8)]]

    assert messages.count("counted to 3") == 1, messages
    assert {text.split()[0] for text in messages} <= {"counted", "another", "not"}
    assert counted(counting) == 3


def test_an_interrupted_run_is_detected_and_repeated(counting: Owner, database: Database) -> None:
    with psycopg.connect(database.dsn("pms_operator")) as gone:
        begun = one(gone, "SELECT api.begin_job('count')")
        gone.commit()
        one(gone, f"SELECT api.continue_job({begun['run']})")
        gone.commit()
    wait_for(counting, "SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'pms_operator'"
                       " AND datname = current_database()")  # fmt: skip

    assert run(counting, DUE) == "counted to 3"

    assert [(each["status"], each["steps"]) for each in runs(counting)] == [
        ("interrupted", 1),
        ("succeeded", 3),
    ]


def test_a_canceled_run_leaves_the_job_to_the_next_runner(
    counting: Owner, database: Database
) -> None:
    body = COUNTING.format(last=f"PERFORM pg_sleep(60); {END}")
    define_step(counting, "count", body)
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as other:
        other.execute("SET statement_timeout = '2s'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            run(other)
        # Its session lives on.
        assert run(counting, "'check_limits'").startswith("0 limits watched")
        counting.execute("DROP TABLE pms.counted")
        assert run(counting).startswith("failed: relation ")

    assert [each["status"] for each in runs(counting)] == ["interrupted", "failed"]


def test_an_operator_runs_a_job_step_by_step(counting: Owner, database: Database) -> None:
    with psycopg.connect(database.dsn("pms_operator"), autocommit=True) as operator:
        begun = one(operator, "SELECT api.begin_job('count')")
        found = [one(operator, f"SELECT api.continue_job({begun['run']})") for _ in range(4)]

        # No other session runs the job while this session lasts.
        assert run(counting) == "another session runs it"

    assert [each["status"] for each in found] == ["running", "running", "succeeded", "succeeded"]
    assert found[2] == found[3]
    assert (found[3]["steps"], found[3]["result"]) == (3, "counted to 3")


def test_a_session_cannot_continue_the_run_of_another(counting: Owner, database: Database) -> None:
    with psycopg.connect(database.dsn("pms_operator"), autocommit=True) as operator:
        begun = one(operator, "SELECT api.begin_job('count')")

        with pytest.raises(psycopg.errors.ObjectInUse, match="another session runs count"):
            one(counting, f"SELECT (pms.continue_job({begun['run']})).status")


def test_an_unknown_job_is_refused_with_the_list_of_jobs(counting: Owner) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="no job fold") as refused:
        run(counting, "'fold'")

    assert "count, divide_ledger, maintain_partitions, " in str(refused.value.diag.message_hint)


def test_the_view_shows_the_state_of_each_job(counting: Owner, analyst: Analyst) -> None:
    (before,) = analyst.view("jobs", job="count")
    assert (before["last_status"], before["next_due_at"], before["is_overdue"]) == (
        None, None, True,
    )  # fmt: skip

    run(counting)
    (shown,) = analyst.view("jobs", job="count")

    (kept,) = runs(counting)
    assert shown["interval_seconds"] == 300
    assert shown["last_success_at"] == shown["last_started_at"] == kept["started_at"]
    assert shown["last_finished_at"] == kept["finished_at"]
    took = (kept["finished_at"] - kept["started_at"]) // timedelta(milliseconds=1)
    assert shown["last_duration_ms"] == took
    assert (shown["last_steps"], shown["last_result"]) == (3, "counted to 3")
    assert shown["next_due_at"] == kept["started_at"] + timedelta(minutes=5)
    # Two minutes of grace.
    for passed, overdue in ((6.5, False), (1, True)):
        move_runs_back(counting, passed)
        assert analyst.view("jobs", job="count")[0]["is_overdue"] is overdue


def test_health_and_metrics_report_the_age_of_each_job(counting: Owner) -> None:
    run(counting)
    move_runs_back(counting, 8)

    for function in ("get_health", "get_metrics"):
        found = one(counting, f"SELECT api.{function}()")["jobs"]
        assert found["verify_ledger"] == {"age_seconds": None, "overdue": True}
        assert found["count"]["overdue"] is True
        assert 480 <= found["count"]["age_seconds"] < 600

    lines = str(one(counting, "SELECT api.get_metrics_text()")).splitlines()
    assert 'position_manager_job_overdue{name="count"} 1' in lines
    assert 'position_manager_job_overdue{name="verify_ledger"} 1' in lines
    ages = [line for line in lines if line.startswith("position_manager_job_age_seconds")]
    assert [line.split("{")[1].split("}")[0] for line in ages] == ['name="count"']


def test_runs_are_purged_after_a_week_except_the_last_success(counting: Owner) -> None:
    for _ in range(2):
        run(counting)
    move_runs_back(counting, 8 * 1440)
    counting.execute(
        "INSERT INTO pms.job_runs (job, started_by, status, started_at)"
        " VALUES ('count', 'hand', 'failed', now() - interval '8 days'),"
        " ('count', 'hand', 'failed', now() - interval '6 days')"
    )

    messages = run(counting, "'purge_job_runs'")

    assert messages.startswith("2 runs of jobs and 0 notes of pg_cron from before ")
    assert [each["id"] for each in runs(counting)] == [2, 4]


@pytest.mark.parametrize(
    ("every", "version", "schedule"),
    [
        ("1 second", "1.4-1", "* * * * *"),
        ("1 second", "1.5", "1 seconds"),
        ("59 seconds", "1.10", "59 seconds"),
        ("1 minute", "1.6", "* * * * *"),
        ("1 second", None, "* * * * *"),
    ],
)
def test_pg_cron_starts_a_job_in_seconds_where_it_can(
    owner: Owner, every: str, version: str | None, schedule: str
) -> None:
    found = owner.execute("SELECT pms.job_schedule(%s, %s)", [every, version]).fetchone()

    assert found == (schedule,)


def test_only_an_operator_runs_jobs(counting: Owner, database: Database) -> None:
    for role in ("pms_worker", "pms_analyst", "pms_authenticator"):
        with psycopg.connect(database.dsn(role), autocommit=True) as connection:
            for query in ("SELECT api.begin_job('count')", "SELECT api.continue_job(1)",
                          "CALL pms.run_job('count')"):  # fmt: skip
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(query)
