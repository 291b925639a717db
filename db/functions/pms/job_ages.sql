-- Deploy position_manager:functions/pms/job_ages to pg
-- requires: views/api/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.job_ages()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    jsonb_object_agg(
        j.job,
        jsonb_build_object(
            'age_seconds', floor(extract(EPOCH FROM clock_timestamp() - j.last_success_at)),
            'overdue', j.is_overdue
        )
    ),
    '{}'
)
FROM api.jobs j
$$;

COMMENT ON FUNCTION pms.job_ages IS $$How long ago each job last succeeded, for health and metrics

Of each {age_seconds, overdue}; age_seconds is null before its first success.$$;

COMMIT;
