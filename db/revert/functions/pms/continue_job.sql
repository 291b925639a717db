-- Revert position_manager:functions/pms/continue_job from pg

BEGIN;

DROP FUNCTION pms.continue_job;

COMMIT;
