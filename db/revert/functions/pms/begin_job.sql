-- Revert position_manager:functions/pms/begin_job from pg

BEGIN;

DROP FUNCTION pms.begin_job;

COMMIT;
