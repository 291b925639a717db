-- Revert position_manager:functions/api/create_snapshot from pg

BEGIN;

DROP FUNCTION api.create_snapshot;

COMMIT;
