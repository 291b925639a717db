-- Revert position_manager:functions/pms/job_ages from pg

BEGIN;

DROP FUNCTION pms.job_ages;

COMMIT;
