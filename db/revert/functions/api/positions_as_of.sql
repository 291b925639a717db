-- Revert position_manager:functions/api/positions_as_of from pg

BEGIN;

DROP FUNCTION api.positions_as_of;

COMMIT;
