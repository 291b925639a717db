"""Jobs of others in pg_cron are scheduled after a restoration, each on its own."""

from __future__ import annotations

import psycopg
import pytest

from position_manager.backup import restore
from position_manager.backup.archive import BackupError
from position_manager.deploy.database import DeploymentError
from position_manager.stack.context import StackError
from tests.unit.backup.conftest import Vault

# The role of backups may connect a few times to the whole server.
pytestmark = pytest.mark.xdist_group("backup")
# pg_cron is in one database of a server, which is not this one. As there, the schema belongs to an
# extension. A job records whether the service could connect when the job was scheduled.
CRON = """
    CREATE SCHEMA cron
        CREATE TABLE job (
            jobid bigint GENERATED ALWAYS AS IDENTITY,
            jobname text,
            schedule text DEFAULT '@daily',
            command text DEFAULT 'SELECT 1',
            database text DEFAULT current_database(),
            username text DEFAULT current_user,
            active boolean DEFAULT TRUE,
            is_served boolean
        );
    CREATE FUNCTION cron.schedule_in_database(text, text, text, text, text, boolean)
    RETURNS bigint
    LANGUAGE sql
    AS $$
        INSERT INTO cron.job (jobname, schedule, command, database, username, active, is_served)
        VALUES (
            $1, $2, $3, $4, $5::regrole, $6,
            has_database_privilege('pms_worker', current_database(), 'CONNECT')
        )
        RETURNING jobid
    $$;
    ALTER EXTENSION plpgsql ADD SCHEMA cron;
    ALTER EXTENSION plpgsql ADD TABLE cron.job;
    ALTER EXTENSION plpgsql ADD FUNCTION cron.schedule_in_database;
"""


def test_a_job_that_cannot_be_scheduled_holds_up_nothing(vault: Vault) -> None:
    vault.rows(CRON)
    vault.rows("INSERT INTO cron.job (jobname, username) VALUES ('a', 'gone'), ('b', DEFAULT)")
    backup = vault.back_up()
    vault.rows("DELETE FROM cron.job")

    restored = vault.restore(backup, replace=True)

    ((job, reason),) = restored.jobs_left_out.items()
    assert job.startswith("SELECT cron.schedule_in_database('a', '@daily', 'SELECT 1', ")
    assert 'role "gone" does not exist' in reason
    assert vault.rows("SELECT j.jobname, j.is_served FROM cron.job j") == [("b", True)]
    assert vault.rows("SELECT 1", "pms_worker") == [(1,)]


@pytest.mark.parametrize(
    "error", [psycopg.DataError("no"), DeploymentError("no"), StackError("no")]
)
def test_a_failure_after_the_restoration_says_that_the_content_is_there(error: Exception) -> None:
    with (
        pytest.raises(BackupError, match="is restored, but a later step failed: no\nFix the cause"),
        restore.after_restoring(StackError),
    ):
        raise error
