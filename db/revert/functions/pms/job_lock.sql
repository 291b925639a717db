-- Revert position_manager:functions/pms/job_lock from pg

BEGIN;

DROP FUNCTION pms.job_lock;

COMMIT;
