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

COMMENT ON VIEW api.jobs IS $$The jobs of the service, when each ran last and when it is due next

Run by pg_cron where it is, else by `position-manager jobs run --due` of a crontab.$$;

COMMENT ON COLUMN api.jobs.job IS 'Its name.';

COMMENT ON COLUMN api.jobs.purpose IS 'What it is there for.';

COMMENT ON COLUMN api.jobs.interval_seconds IS 'How often it is due, to the minute.';

COMMENT ON COLUMN api.jobs.last_status IS
'Of the last run: running, succeeded, failed or interrupted (its session was gone); null before the
first.';

COMMENT ON COLUMN api.jobs.last_started_at IS 'When the last run began.';

COMMENT ON COLUMN api.jobs.last_finished_at IS 'When it ended; null while it runs.';

COMMENT ON COLUMN api.jobs.last_duration_ms IS 'Milliseconds it took.';

COMMENT ON COLUMN api.jobs.last_steps IS 'In how many steps; each is committed by itself.';

COMMENT ON COLUMN api.jobs.last_result IS 'What it did, in words.';

COMMENT ON COLUMN api.jobs.last_error IS 'Why it failed, with the SQLSTATE.';

COMMENT ON COLUMN api.jobs.last_success_at IS 'When the last run that succeeded began.';

COMMENT ON COLUMN api.jobs.next_due_at IS
'When it is due, or was: an interval after that; null is now.';

COMMENT ON COLUMN api.jobs.is_overdue IS
'It was due two minutes ago and has not succeeded since, or never has.';

GRANT SELECT ON api.jobs TO pms_reader, pms_trader, pms_operator, pms_analyst;
