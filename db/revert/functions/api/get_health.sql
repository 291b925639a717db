-- Revert position_manager:functions/api/get_health from pg

BEGIN;

DROP FUNCTION api.get_health;

COMMIT;
