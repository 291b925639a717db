-- Deploy position_manager:functions/pms/run_job to pg
-- requires: functions/pms/begin_job
-- requires: functions/pms/continue_job
-- requires: functions/pms/job_lock

BEGIN;

-- A procedure: it commits after each step, so that a long run keeps neither locks nor old rows.
CREATE OR REPLACE PROCEDURE pms.run_job(
    job text,
    only_when_due boolean DEFAULT FALSE,
    INOUT done text DEFAULT NULL
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint;
    v_run pms.job_runs;
BEGIN
    SELECT b.run, b.said INTO v_id, done FROM pms.begin_job(job, only_when_due) b;

    IF v_id IS NULL THEN
        RETURN;
    END IF;

    LOOP
        COMMIT;
        EXIT WHEN v_run.status <> 'running';

        BEGIN
            v_run := pms.continue_job(v_id);
        EXCEPTION
            -- The session may live on, and with it the lock.
            WHEN query_canceled THEN
                PERFORM pg_advisory_unlock(pms.job_lock(job));
                RAISE;
        END;
    END LOOP;

    PERFORM pg_advisory_unlock(pms.job_lock(job));
    done := coalesce(v_run.result, format('failed: %s (%s)', v_run.error, v_run.error_code));
END
$$;

COMMENT ON PROCEDURE pms.run_job IS $$Run a job of pms.jobs to its end, step by step

Says what it did. Of two at once one does the work, and the other says so. only_when_due: not before
its interval has passed since its last success began. A job that fails is kept in pms.job_runs with
its error; it stops no other, and is due until it succeeds.$$;

COMMIT;
