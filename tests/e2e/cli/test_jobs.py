"""``position-manager jobs``, without pg_cron."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.helpers.commands import Cli
from tests.helpers.jobs import add_job

if TYPE_CHECKING:
    from tests.conftest import Database

STEPS = """
    IF progress IS NULL THEN RETURN ('1'::jsonb, NULL)::pms.job_step; END IF;
    RETURN (NULL, 'done in two')::pms.job_step;
"""


@pytest.fixture
def jobs(database: Database) -> Cli:
    """The commands of an operator on a database without pg_cron."""
    return Cli({"DATABASE_URL": database.dsn("pms_operator")})


def add(database: Database, job: str, body: str) -> None:
    with psycopg.connect(database.dsn("pms_owner")) as owner:
        add_job(owner, job, body)


def test_a_job_runs_at_once_and_is_listed(jobs: Cli, database: Database) -> None:
    add(database, "a_test", STEPS)
    before = jobs("jobs", "list")

    shown = jobs("jobs", "run", "a_test")
    after = jobs("jobs", "list")

    assert (shown.exit_code, shown.stdout) == (0, "a_test: done in two\n"), shown.stderr
    assert before.stdout.splitlines()[2].split() == ["a_test", "1", "min", "-", "-", "-", "-"]
    line = after.stdout.splitlines()[2].split()
    assert line[:3] == ["a_test", "1", "min"]
    assert (line[5], line[-3:]) == ("succeeded", ["done", "in", "two"])


def test_run_due_runs_every_due_job_though_one_fails(jobs: Cli, database: Database) -> None:
    add(database, "a_test", "RAISE 'on purpose, at %', progress;")

    first = jobs("jobs", "run", "--due")
    second = jobs("jobs", "run", "--due")

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert first.stderr == "a_test: failed: on purpose, at <NULL> (P0001)\n"
    outcomes = dict(line.split(": ", 1) for line in first.stdout.splitlines())
    assert outcomes["verify_ledger"].startswith("0 discrepancies; 0 changed legs verified")
    # The others are not due again; what failed is.
    assert second.stderr == first.stderr
    again = dict(line.split(": ", 1) for line in second.stdout.splitlines())
    assert again.keys() == outcomes.keys()
    assert all(text.startswith("not due before ") for text in again.values()), again


def test_json_output_is_complete(jobs: Cli, database: Database) -> None:
    ran = jobs("jobs", "run", "verify_ledger", "--json")
    listed = jobs("jobs", "list", "--json")

    (run,) = json.loads(ran.stdout)["runs"]
    assert (run["job"], run["status"], run["steps"]) == ("verify_ledger", "succeeded", 1)
    found = {each["job"]: each for each in json.loads(listed.stdout)["jobs"]}
    assert found["verify_ledger"]["last_result"] == run["result"]
    assert found["verify_ledger"]["last_started_at"] == run["started_at"]
    assert (found["verify_ledger"]["is_overdue"], found["purge_price_bars"]["is_overdue"]) == (
        False,
        True,
    )


def test_an_unknown_job_is_refused(jobs: Cli) -> None:
    nameless, unknown = jobs("jobs", "run"), jobs("jobs", "run", "nothing")

    assert (nameless.exit_code, unknown.exit_code) == (1, 1)
    assert "jobs list" in nameless.stderr
    assert "there is no job nothing" in unknown.stderr
    assert "verify_ledger" in unknown.stderr
