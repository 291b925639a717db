CREATE OR REPLACE FUNCTION pms.schedule_jobs()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_cron regnamespace := to_regnamespace('cron');
    v_jobs text[] := ARRAY(SELECT j.job FROM pms.jobs j ORDER BY j.job);
    v_job text;
BEGIN
    IF v_cron IS NULL THEN
        RETURN 'no jobs are scheduled: pg_cron is not in this database';
    END IF;

    -- pg_cron asks each job once a minute; how often that does something is a setting.
    FOREACH v_job IN ARRAY v_jobs
    LOOP
        EXECUTE format('SELECT %s.schedule($1, $2, $3)', v_cron)
        USING v_job, '* * * * *', format('CALL pms.run_job(%L, only_when_due => TRUE)', v_job);
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
