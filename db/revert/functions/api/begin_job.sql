-- Revert position_manager:functions/api/begin_job from pg

BEGIN;

DROP FUNCTION api.begin_job;

COMMIT;
