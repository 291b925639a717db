-- Revert position_manager:functions/api/create_key from pg

BEGIN;

DROP FUNCTION api.create_key;

COMMIT;
