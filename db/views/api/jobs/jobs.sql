CREATE OR REPLACE VIEW api.jobs AS
SELECT
    j.job,
    j.purpose,
    floor(extract(EPOCH FROM j.every))::bigint AS interval_seconds,
    j.last_status,
    j.last_started_at,
    j.last_finished_at,
    floor(extract(EPOCH FROM j.last_finished_at - j.last_started_at) * 1000)::bigint
        AS last_duration_ms,
    j.last_steps,
    j.last_result,
    CASE
        WHEN j.last_error IS NOT NULL THEN j.last_error || ' (' || j.last_error_code || ')'
    END AS last_error,
    j.last_success_at,
    j.next_due_at,
    j.is_overdue
FROM pms.job_status j;

COMMENT ON VIEW api.jobs IS $$The scheduled jobs, with the last run and the next due time of each

pg_cron runs them if it is installed, else `position-manager jobs run --due` from a crontab.$$;

COMMENT ON COLUMN api.jobs.job IS 'The name of the job.';

COMMENT ON COLUMN api.jobs.purpose IS 'What the job does.';

COMMENT ON COLUMN api.jobs.interval_seconds IS 'Seconds between runs; jobs start on the minute.';

COMMENT ON COLUMN api.jobs.last_status IS
'Status of the last run: running, succeeded, failed or interrupted (its session ended); null before
the first.';

COMMENT ON COLUMN api.jobs.last_started_at IS 'When the last run started.';

COMMENT ON COLUMN api.jobs.last_finished_at IS 'When the last run ended; null while it is running.';

COMMENT ON COLUMN api.jobs.last_duration_ms IS 'Duration of the last run in milliseconds.';

COMMENT ON COLUMN api.jobs.last_steps IS
'Count: steps of the last run; each step commits separately.';

COMMENT ON COLUMN api.jobs.last_result IS 'Summary of the last run.';

COMMENT ON COLUMN api.jobs.last_error IS 'The error of the last run, with its SQLSTATE.';

COMMENT ON COLUMN api.jobs.last_success_at IS 'When the last successful run started.';

COMMENT ON COLUMN api.jobs.next_due_at IS 'One interval after last_success_at; null means now.';

COMMENT ON COLUMN api.jobs.is_overdue IS
'The job has been due for two minutes without success, or has never succeeded.';

GRANT SELECT ON api.jobs TO pms_reader, pms_trader, pms_operator, pms_analyst;
