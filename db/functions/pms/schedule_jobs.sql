-- Deploy position_manager:functions/pms/schedule_jobs to pg
-- requires: functions/pms/forget_job_runs
-- requires: functions/pms/forget_prices
-- requires: functions/pms/verify_ledger

BEGIN;

CREATE OR REPLACE FUNCTION pms.schedule_jobs()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_cron regnamespace := to_regnamespace('cron');
    v_job text;
    v_schedule text;
    v_command text;
    v_jobs text[] := ARRAY[]::text[];
BEGIN
    IF v_cron IS NULL THEN
        RETURN 'no jobs are scheduled: pg_cron is not in this database';
    END IF;

    FOR v_job, v_schedule, v_command IN
        VALUES
        -- How often it does something is a setting.
        ('verify_ledger', '* * * * *', 'CALL pms.verify_ledger(only_when_due => TRUE)'),
        ('forget_prices', '17 3 * * *', 'SELECT pms.forget_prices()'),
        ('forget_job_runs', '27 3 * * *', 'SELECT pms.forget_job_runs()')
    LOOP
        EXECUTE format('SELECT %s.schedule($1, $2, $3)', v_cron)
        USING v_job, v_schedule, v_command;
        v_jobs := v_jobs || v_job;
    END LOOP;

    RETURN format('scheduled: %s', array_to_string(v_jobs, ', '));
END
$$;

COMMENT ON FUNCTION pms.schedule_jobs IS $$Have pg_cron run the jobs of the service, as who calls

Safe to repeat. Does nothing where pg_cron is absent, and says so.$$;

COMMIT;
