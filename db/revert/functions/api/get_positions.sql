-- Revert position_manager:functions/api/get_positions from pg

BEGIN;

DROP FUNCTION api.get_positions;

COMMIT;
