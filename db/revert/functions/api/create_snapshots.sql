-- Revert position_manager:functions/api/create_snapshots from pg

BEGIN;

DROP FUNCTION api.create_snapshots;

COMMIT;
