CREATE OR REPLACE FUNCTION pms.job_schedule(every interval, cron_version text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN every < interval '1 minute'
        AND string_to_array(substring(cron_version FROM '^\d+\.\d+'), '.')::integer[] >= '{1,5}'
        THEN extract(EPOCH FROM every)::integer::text || ' seconds'
    ELSE '* * * * *'
END;

COMMENT ON FUNCTION pms.job_schedule IS $$When pg_cron starts a job, as its version can express it

Once a minute: begin_job decides whether the job is due. From version 1.5 on a job with a shorter
interval is started at that interval.$$;

CREATE OR REPLACE FUNCTION pms.schedule_jobs()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_cron regnamespace := to_regnamespace('cron');
    v_jobs text[] := ARRAY(SELECT j.job FROM pms.jobs j ORDER BY j.job);
    v_version text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'pg_cron');
    v_job text;
    v_schedule text;
BEGIN
    IF v_cron IS NULL THEN
        RETURN 'no jobs are scheduled: pg_cron is not in this database';
    END IF;

    FOR v_job, v_schedule IN
        SELECT j.job, pms.job_schedule(j.every, v_version) FROM pms.jobs j
    LOOP
        EXECUTE format('SELECT %s.schedule($1, $2, $3)', v_cron)
        USING v_job, v_schedule, format('CALL pms.run_job(%L, only_when_due => TRUE)', v_job);
    END LOOP;

    -- Those of an earlier release.
    EXECUTE format(
        $query$
            SELECT %1$s.unschedule(c.jobid)
            FROM %1$s.job c
            WHERE c.username = current_user
                AND c.command LIKE 'CALL pms.run_job(%%'
                AND c.jobname <> ALL ($1)
        $query$,
        v_cron
    )
    USING v_jobs;

    RETURN format('scheduled: %s', array_to_string(v_jobs, ', '));
END
$$;

COMMENT ON FUNCTION pms.schedule_jobs IS $$Schedule the jobs in pg_cron, as the caller

Safe to repeat. Without pg_cron it does nothing and reports that: there the command line runs
them.$$;
