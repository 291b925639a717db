-- Revert position_manager:functions/pms/forget_job_runs from pg

BEGIN;

DROP FUNCTION pms.forget_job_runs;

COMMIT;
