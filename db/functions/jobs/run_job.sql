CREATE OR REPLACE FUNCTION pms.job_lock(job text)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
RETURN hashtextextended('pms.jobs/' || job, 0);

COMMENT ON FUNCTION pms.job_lock IS
'The advisory lock of the session that runs a job: one at a time.';

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

    -- Behind the lock: of two at once the second sees the run of the first. A scheduler comes once
    -- a minute and not to the second: half of one counts as due.
    v_due_at := (
        SELECT max(r.started_at) + v_every - interval '30 seconds'
        FROM pms.job_runs r
        WHERE r.job = begin_job.job
            AND r.status = 'succeeded'
            -- Recorded before the clock was set back, a success says nothing about the present.
            AND r.started_at <= clock_timestamp()
    );

    IF only_when_due AND clock_timestamp() < v_due_at THEN
        PERFORM pg_advisory_unlock(pms.job_lock(job));
        said := 'not due before ' || pms.time_text(v_due_at);
        RETURN;
    END IF;

    -- The lock is free: its session has ended.
    UPDATE pms.job_runs r
    SET status = 'interrupted'
    WHERE r.job = begin_job.job
        AND r.status = 'running';

    INSERT INTO pms.job_runs (job, started_by)
    VALUES (begin_job.job, CASE WHEN only_when_due THEN 'schedule' ELSE 'hand' END)
    RETURNING id INTO run;
END
$$;

COMMENT ON FUNCTION pms.begin_job IS $$Start a run of a job unless one is running or it is not due

run: its id, to commit and then to continue; null when there is nothing to do, and said says why.
With a run the session holds pms.job_lock(job); it is to be given back after the last commit. Raises
22023 for a job that there is not.$$;

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

Reports its result. Of two at once one does the work, and the other reports that. only_when_due: not before
its interval has passed since its last success began. A job that fails is kept in pms.job_runs with
its error; it stops no other, and is due until it succeeds.$$;
