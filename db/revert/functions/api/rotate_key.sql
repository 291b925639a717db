-- Revert position_manager:functions/api/rotate_key from pg

BEGIN;

DROP FUNCTION api.rotate_key;

COMMIT;
