-- Revert position_manager:functions/api/continue_job from pg

BEGIN;

DROP FUNCTION api.continue_job;

COMMIT;
