-- Revert position_manager:functions/api/set_limit from pg

BEGIN;

DROP FUNCTION api.set_limit;

COMMIT;
