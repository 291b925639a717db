-- Revert position_manager:functions/api/remove_limit from pg

BEGIN;

DROP FUNCTION api.remove_limit;

COMMIT;
