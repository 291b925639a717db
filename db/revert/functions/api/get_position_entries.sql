-- Revert position_manager:functions/api/get_position_entries from pg

BEGIN;

DROP FUNCTION api.get_position_entries;

COMMIT;
