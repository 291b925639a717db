-- Revert position_manager:functions/api/get_closed_cycles from pg

BEGIN;

DROP FUNCTION api.get_closed_cycles;

COMMIT;
