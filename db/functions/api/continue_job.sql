-- Deploy position_manager:functions/api/continue_job to pg
-- requires: functions/pms/continue_job
-- requires: functions/pms/time_text

BEGIN;

CREATE OR REPLACE FUNCTION api.continue_job(run bigint)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT jsonb_build_object(
    'run', c.id,
    'job', c.job,
    'status', c.status,
    'started_at', pms.time_text(c.started_at),
    'finished_at', pms.time_text(c.finished_at),
    'steps', c.steps,
    'result', c.result,
    'error', c.error,
    'error_code', c.error_code
)
FROM pms.continue_job(continue_job.run) c
$$;

COMMENT ON FUNCTION api.continue_job IS $$Take the next step of a run that begin_job has begun

Answers {run, job, status, started_at, finished_at, steps, result, error, error_code}. While status
is running there is more to do: commit, and call it again. failed: error says why, and what the
steps before have done stays. A run that is over is answered as it ended.

Refuses with:
- 55006 when another session runs the job$$;

GRANT EXECUTE ON FUNCTION api.continue_job TO pms_operator;

COMMIT;
