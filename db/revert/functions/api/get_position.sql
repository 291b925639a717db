-- Revert position_manager:functions/api/get_position from pg

BEGIN;

DROP FUNCTION api.get_position;

COMMIT;
