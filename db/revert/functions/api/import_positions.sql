-- Revert position_manager:functions/api/import_positions from pg

BEGIN;

DROP FUNCTION api.import_positions;

COMMIT;
