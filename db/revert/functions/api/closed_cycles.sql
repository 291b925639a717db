-- Revert position_manager:functions/api/closed_cycles from pg

BEGIN;

DROP FUNCTION api.closed_cycles;

COMMIT;
