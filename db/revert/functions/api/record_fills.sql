-- Revert position_manager:functions/api/record_fills from pg

BEGIN;

DROP FUNCTION api.record_fills;

COMMIT;
