-- Revert position_manager:functions/pms/schedule_jobs from pg

BEGIN;

DROP FUNCTION pms.schedule_jobs;

COMMIT;
