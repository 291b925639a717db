-- Deploy position_manager:functions/pms/continue_job to pg
-- requires: functions/pms/job_lock
-- requires: migrations/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.continue_job(run bigint)
RETURNS pms.job_runs
LANGUAGE plpgsql
AS $$
DECLARE
    v_run pms.job_runs;
BEGIN
    SELECT r.* INTO v_run FROM pms.job_runs r WHERE r.id = continue_job.run FOR UPDATE;

    IF v_run.status IS DISTINCT FROM 'running' THEN
        RETURN v_run;
    END IF;

    IF NOT pg_try_advisory_xact_lock(pms.job_lock(v_run.job)) THEN
        RAISE object_in_use USING MESSAGE = format('another session runs %s', v_run.job);
    END IF;

    BEGIN
        EXECUTE format('SELECT s.progress, s.done FROM pms.%I($1) s', v_run.job)
        INTO v_run.progress, v_run.result
        USING v_run.progress;

        v_run.status := CASE WHEN v_run.progress IS NULL THEN 'succeeded' ELSE 'running' END;
    EXCEPTION
        -- Whatever it is, it is this job's alone: here it is kept for people to read.
        WHEN OTHERS THEN
            v_run.status := 'failed';
            v_run.result := NULL;
            v_run.error := SQLERRM;
            v_run.error_code := SQLSTATE;
            RAISE WARNING 'job % failed: % (%)', v_run.job, SQLERRM, SQLSTATE;
    END;

    UPDATE pms.job_runs r
    SET status = v_run.status,
        steps = r.steps + 1,
        progress = v_run.progress,
        result = v_run.result,
        error = v_run.error,
        error_code = v_run.error_code,
        finished_at = CASE WHEN v_run.status <> 'running' THEN clock_timestamp() END
    WHERE r.id = v_run.id
    RETURNING r.* INTO v_run;

    RETURN v_run;
END
$$;

COMMENT ON FUNCTION pms.continue_job IS $$Take the next step of a run and keep what it came to

Returns the run: to be committed, and to be continued while its status is running. A step that
raises changes nothing; the run has failed then, and says why. Raises 55006 when another session
runs the job.$$;

COMMIT;
