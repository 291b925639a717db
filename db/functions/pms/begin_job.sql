-- Deploy position_manager:functions/pms/begin_job to pg
-- requires: functions/pms/job_lock
-- requires: functions/pms/time_text
-- requires: migrations/jobs
-- requires: views/pms/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.begin_job(
    job text,
    only_when_due boolean,
    OUT run bigint,
    OUT said text
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_every interval := (SELECT j.every FROM pms.jobs j WHERE j.job = begin_job.job);
    v_due_at timestamptz;
BEGIN
    IF v_every IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('there is no job %s', coalesce(job, 'without a name')),
            HINT = (
                SELECT 'There are: ' || string_agg(j.job, ', ' ORDER BY j.job) FROM pms.jobs j
            );
    END IF;

    -- Of the session, because it has to outlast the commit of each step.
    IF NOT pg_try_advisory_lock(pms.job_lock(job)) THEN
        said := 'another session runs it';
        RETURN;
    END IF;

    -- Behind the lock: of two at once the second sees what the first has done. Who asks comes once
    -- a minute and not to the second: half of one counts as due.
    v_due_at := (
        SELECT max(r.started_at) + v_every - interval '30 seconds'
        FROM pms.job_runs r
        WHERE r.job = begin_job.job
            AND r.status = 'succeeded'
    );

    IF only_when_due AND clock_timestamp() < v_due_at THEN
        PERFORM pg_advisory_unlock(pms.job_lock(job));
        said := 'not due before ' || pms.time_text(v_due_at);
        RETURN;
    END IF;

    -- Nobody has the lock: whoever had it is gone.
    UPDATE pms.job_runs r
    SET status = 'broken_off'
    WHERE r.job = begin_job.job
        AND r.status = 'running';

    INSERT INTO pms.job_runs (job, started_by)
    VALUES (begin_job.job, CASE WHEN only_when_due THEN 'schedule' ELSE 'hand' END)
    RETURNING id INTO run;
END
$$;

COMMENT ON FUNCTION pms.begin_job IS $$Begin a run of a job, unless it is run or not due

run: its id, to commit and then to continue; null when there is nothing to do, and said says why.
With a run the session holds pms.job_lock(job); it is to be given back after the last commit. Raises
22023 for a job that there is not.$$;

COMMIT;
