CREATE OR REPLACE FUNCTION api.begin_job(job text, only_when_due boolean DEFAULT FALSE)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    begun record;
BEGIN
    SELECT b.run, b.said
    INTO STRICT begun
    FROM pms.begin_job(begin_job.job, begin_job.only_when_due) b;

    -- A scheduler tries every job once a minute.
    IF begun.run IS NOT NULL THEN
        PERFORM pms.audit_command(
            'begin_job', jsonb_build_object('job', begin_job.job, 'run', begun.run)
        );
    END IF;

    RETURN jsonb_build_object('run', begun.run, 'said', begun.said);
END
$$;

COMMENT ON FUNCTION api.begin_job IS
$$Begin a run of a job, unless another session does or it is not due

Answers {run, said}. Commit, then hand run to continue_job, and commit, until its status is not
running; nobody else runs the job until this session ends. run null: there is nothing to do, and
said says why. job: as api.jobs lists them. only_when_due: not before its interval has passed since
its last success began.

Refuses with:
- 22023 when there is no such job$$;

GRANT EXECUTE ON FUNCTION api.begin_job TO pms_operator;

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
