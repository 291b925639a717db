-- Revert position_manager:functions/api/drop_dead_letter from pg

BEGIN;

DROP FUNCTION api.drop_dead_letter;

COMMIT;
