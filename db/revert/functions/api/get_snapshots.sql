-- Revert position_manager:functions/api/get_snapshots from pg

BEGIN;

DROP FUNCTION api.get_snapshots;

COMMIT;
