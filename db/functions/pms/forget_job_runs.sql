-- Deploy position_manager:functions/pms/forget_job_runs to pg
-- requires: functions/pms/time_text

BEGIN;

CREATE OR REPLACE FUNCTION pms.forget_job_runs()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_cron regnamespace := to_regnamespace('cron');
    v_since timestamptz := now() - interval '7 days';
    v_forgotten bigint := 0;
BEGIN
    IF v_cron IS NOT NULL THEN
        EXECUTE format('DELETE FROM %s.job_run_details WHERE end_time < $1', v_cron)
        USING v_since;
        GET DIAGNOSTICS v_forgotten = ROW_COUNT;
    END IF;

    RETURN format('%s runs of jobs from before %s forgotten', v_forgotten, pms.time_text(v_since));
END
$$;

COMMENT ON FUNCTION pms.forget_job_runs IS $$Delete what pg_cron noted a week ago and earlier

It notes every run of every job and forgets none. Says what it did.$$;

COMMIT;
