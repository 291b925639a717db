CREATE OR REPLACE VIEW pms.job_status AS
SELECT
    j.job,
    j.purpose,
    j.every,
    l.status AS last_status,
    l.started_at AS last_started_at,
    l.finished_at AS last_finished_at,
    l.steps AS last_steps,
    l.result AS last_result,
    l.error AS last_error,
    l.error_code AS last_error_code,
    s.started_at AS last_success_at,
    s.started_at + j.every AS next_due_at,
    -- The scheduler starts due jobs once a minute.
    coalesce(s.started_at + j.every + interval '2 minutes' < clock_timestamp(), TRUE)
        AS is_overdue
FROM pms.jobs j
LEFT JOIN LATERAL (
    SELECT r.*
    FROM pms.job_runs r
    WHERE r.job = j.job
        AND r.started_at <= clock_timestamp()
    ORDER BY r.started_at DESC
    LIMIT 1
) l ON TRUE
LEFT JOIN LATERAL (
    SELECT r.started_at
    FROM pms.job_runs r
    WHERE r.job = j.job
        AND r.status = 'succeeded'
        AND r.started_at <= clock_timestamp()
    ORDER BY r.started_at DESC
    LIMIT 1
) s ON TRUE;

COMMENT ON VIEW pms.job_status IS $$The jobs, the last run of each, and when it is due

Runs of the future, from before the clock was set back, are left out. is_overdue: due two minutes
ago and not succeeded since, or never succeeded.$$;
