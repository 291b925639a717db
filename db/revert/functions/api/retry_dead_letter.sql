-- Revert position_manager:functions/api/retry_dead_letter from pg

BEGIN;

DROP FUNCTION api.retry_dead_letter;

COMMIT;
