-- Revert position_manager:functions/pms/run_job from pg

BEGIN;

DROP PROCEDURE pms.run_job;

COMMIT;
