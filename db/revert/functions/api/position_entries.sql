-- Revert position_manager:functions/api/position_entries from pg

BEGIN;

DROP FUNCTION api.position_entries;

COMMIT;
